/**
 * The distances that people may choose from, metres: whole kilometres or miles, and others that hold already, in order.
 */
export function radiiWith(unit: 'metric' | 'imperial', ...others: number[]): readonly number[] {
  const radii = unit === 'metric' ? KILOMETERS : MILES;
  return [...new Set([...radii, ...others])].sort((a, b) => a - b);
}

const KILOMETERS = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
/** The longest that are shorter than the 50 km at which servers should end. */
const MILES = [1, 2, 5, 10, 20, 30].map((miles) => miles * 1_609.344);
