/**
 * Lets no more than so many through in one turn of the event loop; the others wait their turn, in order. With it at the
 * door a crowd that comes back at once does not hold up those who are in: 2,000 clients made the event loop stand
 * still for 0.7 s.
 */
export function createTurnstile(perTurn: number): (enter: () => void) => void {
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
