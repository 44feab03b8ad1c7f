/** Lets a caller through, now or in one of the next turns of the event loop. */
export type Turnstile = (enter: () => void) => void;

/**
 * Lets no more than so many through in one turn of the event loop; the others wait their turn, in order. With it a crowd
 * that comes or goes at once does not hold up those who are in: see docs/decisions/012-cheap-messages.md.
 */
export function createTurnstile(perTurn: number): Turnstile {
  const waiting: (() => void)[] = [];
  let entered = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    const next = waiting.splice(0, perTurn);
    entered = next.length;
    if (entered > 0) schedule();
    for (const enter of next) enter();
  }

  return function pass(enter) {
    schedule();
    if (entered >= perTurn) {
      waiting.push(enter);
      return;
    }
    entered += 1;
    enter();
  };
}
