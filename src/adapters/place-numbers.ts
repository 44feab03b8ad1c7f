/**
 * Numbers that stand for cells in addresses, where logs may keep them: the same for a cell on all servers of a
 * deployment, another one elsewhere, and without the deployment's secret nobody can compute them or find the cell.
 */
import { createHmac } from 'node:crypto';
import { secretOf, type SigningKey } from './jwt/signing-key.js';

/** @param keys of the deployment, the same on all servers; the secret is made from the first. */
export function createPlaceNumbers(keys: readonly SigningKey[]): (cell: number) => string {
  const secret = secretOf(keys, 'numbers of places');
  return (cell) => String(createHmac('sha256', secret).update(String(cell)).digest().readUInt32BE());
}
