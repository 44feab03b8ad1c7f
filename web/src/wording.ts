/** Formats distances, ages and instants for people: in English, as the whole page is, and as their region writes them. */

/** @param languages language tags such as the browser's own; the region of the first that is one counts. */
export function createWording(languages: readonly string[]): Wording {
  const locale = localeOf(languages);
  const inMiles = MILES_REGIONS.includes(locale.region);
  // Kept, because to make one takes longer than to format with it a hundred times.
  const formats = new Map<string, Intl.NumberFormat>();
  function format(value: number, unit: string, maximumFractionDigits: number): string {
    const key = `${unit} ${maximumFractionDigits}`;
    const made =
      formats.get(key) ?? new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits });
    formats.set(key, made);
    return made.format(value);
  }
  const inLarge = (value: number, unit: string): string => format(value, unit, value < 10 ? 1 : 0);
  return {
    unit: inMiles ? 'imperial' : 'metric',
    distance(meters) {
      if (inMiles) {
        const miles = meters / METERS_PER_MILE;
        return miles < 0.2 ? format(roundTo10(meters * FEET_PER_METER), 'foot', 0) : inLarge(miles, 'mile');
      }
      return meters < 995 ? format(roundTo10(meters), 'meter', 0) : inLarge(meters / 1_000, 'kilometer');
    },
    speed: (metersPerSecond) =>
      inMiles
        ? format((metersPerSecond * SECONDS_PER_HOUR) / METERS_PER_MILE, 'mile-per-hour', 0)
        : format((metersPerSecond * SECONDS_PER_HOUR) / 1_000, 'kilometer-per-hour', 0),
    instant(ms, nowMs) {
      const isSoon = ms - nowMs < DAY_MS;
      const at = new Date(ms);
      // "0:00" may be read as the begin of today, and "12:00 AM" as noon.
      if (isSoon && at.getHours() === 0 && at.getMinutes() === 0) return 'midnight';
      return new Intl.DateTimeFormat(locale, isSoon ? TIME : { ...TIME, ...DATE }).format(ms);
    },
    count: (value) => new Intl.NumberFormat(locale).format(value),
    time: (ms) => new Intl.DateTimeFormat(locale, TIME).format(ms),
    date: (ms) => new Intl.DateTimeFormat(locale, DATE).format(ms),
    dateAndTime: (ms) => new Intl.DateTimeFormat(locale, { ...TIME, ...DATE }).format(ms),
  };
}

/** Returns an age such as "12 s", "3 min", "5 h" or "2 d". Clocks differ, so an instant in the future counts as now. */
export function age(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

export interface Wording {
  readonly unit: 'metric' | 'imperial';
  /** Returns a distance such as "350 m" or "1.2 km", or in the US and some others "900 ft" or "0.8 mi". */
  distance(meters: number): string;
  /** Returns a speed such as "12 km/h", or "7 mph" where roads have miles. */
  speed(metersPerSecond: number): string;
  /** Returns "midnight" or a time such as "14:00" or "2:00 PM", with the date when it is a day away or more. */
  instant(ms: number, nowMs: number): string;
  /** Returns a number such as "1,234". */
  count(value: number): string;
  /** Returns a time of day such as "14:00". */
  time(ms: number): string;
  /** Returns a date such as "29 Nov 2026". */
  date(ms: number): string;
  /** Returns an instant such as "29 Nov 2026, 14:00". */
  dateAndTime(ms: number): string;
}

/**
 * Browsers may pass on the names of POSIX, such as C, en_US and en-US@posix, which are no language tags
 * (BCP 47). Without any tag it is the English of the world, which measures in metres.
 */
function localeOf(languages: readonly string[]): Intl.Locale {
  for (const language of languages) {
    try {
      const { region } = new Intl.Locale(language.replace(/[.@].*/, '').replaceAll('_', '-')).maximize();
      return new Intl.Locale('en', { region: region ?? WORLD });
    } catch {
      // The next one may be a tag.
    }
  }
  return new Intl.Locale('en', { region: WORLD });
}

const WORLD = '001';

const TIME = { hour: 'numeric', minute: '2-digit' } as const;
const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const;

const DAY_MS = 86_400_000;
const SECONDS_PER_HOUR = 3_600;
const METERS_PER_MILE = 1_609.344;
const FEET_PER_METER = 3.280_84;
/** The regions with miles on road signs (CLDR, measurement systems "US" and "UK"). */
const MILES_REGIONS: readonly (string | undefined)[] = ['US', 'GB', 'LR', 'MM'];

function roundTo10(value: number): number {
  return value < 100 ? Math.round(value) : Math.round(value / 10) * 10;
}
