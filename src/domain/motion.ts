/**
 * How a device moves: its speed and its direction of travel. That it does not know one of them devices say in several
 * ways, which are the same here: nothing, null, NaN, or a number below 0.
 */
import { DomainError } from './errors.js';
import { roundMotion } from './rounding.js';

/**
 * Validates what a device says of its motion.
 * @throws DomainError 'invalid'; the message names the field and what is allowed, never the value.
 */
export function parseMotion(input: MotionInput): Motion {
  const speed = known(input.speedMetersPerSecond);
  if (speed !== undefined && !(speed <= MAX_SPEED)) {
    throw new DomainError('invalid', `speedMetersPerSecond must be at most ${MAX_SPEED}.`);
  }
  const heading = known(input.headingDegrees);
  if (heading !== undefined && !(heading <= FULL_CIRCLE)) {
    throw new DomainError('invalid', `headingDegrees must be at most ${FULL_CIRCLE}.`);
  }
  return motionOf(speed, heading);
}

/** The form in a record, such as `1.4@87.5`, `1.4@` or `@87.5`; undefined when nothing is known. */
export function motionText({ speedMetersPerSecond, headingDegrees }: Motion): string | undefined {
  if (speedMetersPerSecond === undefined && headingDegrees === undefined) return undefined;
  return `${speedMetersPerSecond ?? ''}@${headingDegrees ?? ''}`;
}

/** Reads the text as carefully as what a client sends. Null for anything else. */
export function parseMotionText(text: string): Motion | null {
  const [, speed = '', heading = ''] = FORM.exec(text) ?? [];
  if (speed === '' && heading === '') return null;
  return motionOf(numberIn(speed, MAX_SPEED), numberIn(heading, FULL_CIRCLE));
}

/** Both with at most 3 decimals. */
export interface Motion {
  /** Metres a second over ground, 0 to 10,000; left out when it is not known. */
  readonly speedMetersPerSecond?: number | undefined;
  /** Degrees clockwise from true north, 0 to below 360; left out when the device is still or it is not known. */
  readonly headingDegrees?: number | undefined;
}

export interface MotionInput {
  /** Metres a second, at most 10,000. */
  readonly speedMetersPerSecond?: number | null | undefined;
  /** Degrees, at most 360, which is 0. */
  readonly headingDegrees?: number | null | undefined;
}

/** Satellites are slower. */
const MAX_SPEED = 10_000;
const FULL_CIRCLE = 360;

const FORM = /^(\d{1,5}(?:\.\d{1,3})?)?@(\d{1,3}(?:\.\d{1,3})?)?$/;

const known = (value: number | null | undefined): number | undefined =>
  value != null && value >= 0 ? value : undefined;

function motionOf(speed: number | undefined, heading: number | undefined): Motion {
  return {
    ...(speed !== undefined && { speedMetersPerSecond: roundMotion(speed) }),
    ...(heading !== undefined && { headingDegrees: roundMotion(heading) % FULL_CIRCLE }),
  };
}

function numberIn(text: string, most: number): number | undefined {
  return text === '' || Number(text) > most ? undefined : Number(text);
}
