/** The package has no types of its own. */
declare module 'cluster-key-slot' {
  /** @returns the slot of a key in a Redis Cluster, 0 to 16,383. */
  export default function slotOf(key: string | Uint8Array): number;
}
