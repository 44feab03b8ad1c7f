/**
 * Decides which fixes are reported, and keeps what became of the newest report. A report that the server
 * refused is none: the next one is due soon. A fix that is older than the newest known one changes nothing.
 */
import { type DatedFix, isNewer } from './dated-fix.js';
import { reportDueAtMs, type ReportPolicy } from './report-policy.js';
import type { Report } from './report-queue.js';
import type { ServerClock } from './server-clock.js';

export function createFixReporter({ clock, policy, isHidden, send }: FixReporterOptions) {
  let newest: DatedFix | null = null;
  let reported: Reported | null = null;

  /**
   * The longest time between two signs of life: several go into the time after which friends lose the user.
   */
  const longestMs = (): number => (clock.locationTtlMs ?? Infinity) / SIGNS_WITHIN_TTL;

  /** @param heardAtMs when the server last heard of the device. */
  function dueAtMs({ fix, refusedAtMs }: Reported, next: DatedFix, heardAtMs: number): number {
    if (refusedAtMs !== null) return refusedAtMs + Math.min(policy.movingMs, longestMs());
    const waitMs = reportDueAtMs(fix, next, isHidden(), policy) - fix.takenAtMs;
    return heardAtMs + Math.min(waitMs, longestMs());
  }

  /** Whether a report was due by the time that a fix was taken. */
  const isDueBefore = (last: Reported, fix: DatedFix): boolean =>
    fix.takenAtMs >= dueAtMs(last, fix, last.fix.takenAtMs);

  function report(fix: DatedFix): void {
    newest = fix;
    reported = { fix, report: send(fix), refusedAtMs: null };
  }

  return {
    longestMs,

    /** The newest fix of the device. */
    get newest() {
      return newest;
    },

    get reported() {
      return reported;
    },

    /** Takes a fix of the device, and reports it if that is due. */
    consider(fix: DatedFix): void {
      if (newest !== null && !isNewer(fix, newest)) return;
      newest = fix;
      if (reported === null || isDueBefore(reported, fix)) report(fix);
    },

    /** Reports a fix at once. */
    report(fix: DatedFix): void {
      if (newest === null || isNewer(fix, newest)) report(fix);
      else send(fix);
    },

    /** Reports the newest fix at once. */
    reportNewest(): void {
      if (newest !== null) report(newest);
    },

    /** Whether the server should hear of the device, with or without a new fix. */
    isDue(confirmedAtMs: number): boolean {
      if (reported === null || newest === null) return false;
      const { isFresh, arrivedAtMs, takenAtMs } = reported.fix;
      const heardAtMs = Math.max(isFresh ? arrivedAtMs : takenAtMs, confirmedAtMs);
      return isDueBefore(reported, newest) || clock.deviceNow() >= dueAtMs(reported, newest, heardAtMs);
    },

    /** To be called when the server has answered a report. */
    settled(report: Report, isRefused: boolean): void {
      if (report.id !== reported?.report.id) return;
      reported = { ...reported, report, refusedAtMs: isRefused ? clock.deviceNow() : null };
    },
  };
}

export type FixReporter = ReturnType<typeof createFixReporter>;

/** The newest fix that was reported, and what became of the report. */
interface Reported {
  readonly fix: DatedFix;
  readonly report: Report;
  /** When the server refused it; null otherwise. */
  readonly refusedAtMs: number | null;
}

interface FixReporterOptions {
  readonly clock: ServerClock;
  readonly policy: ReportPolicy;
  isHidden(): boolean;
  send(fix: DatedFix): Report;
}

const SIGNS_WITHIN_TTL = 2;
