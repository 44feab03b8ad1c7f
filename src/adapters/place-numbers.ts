/**
 * Numbers that stand for cells in addresses, where logs may keep them: the same for a cell on all servers of a
 * deployment, another one elsewhere, and without the deployment's secret nobody can compute them or find the cell.
 */
import { createHmac } from 'node:crypto';
import type { KeyRing } from './jwt/key-ring.js';
import { derivedSecret } from './jwt/signing-key.js';

/** @param ring the keys of the deployment; the secret is made from the newest. */
export function createPlaceNumbers(ring: Pick<KeyRing, 'keys'>): (cell: number) => string {
  const secret = derivedSecret(ring, 'numbers of places');
  return (cell) => String(createHmac('sha256', secret()).update(String(cell)).digest().readUInt32BE());
}
