import { randomInt } from 'node:crypto';

/** A number from 0 to below 1 that nobody can foresee, unlike that of Math.random(). */
export const secureChance = (): number => randomInt(RESOLUTION) / RESOLUTION;

const RESOLUTION = 2 ** 32;
