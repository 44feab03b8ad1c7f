/** Where a server's time went on the way of an update from socket to socket, by the stacks of a CPU profile. */
import type { Profiler } from 'node:inspector';

interface Stage {
  readonly label: string;
  /** Of a stack frame: the name of the function and the URL of its file. */
  readonly frame: RegExp;
  /** Counts whatever it calls, also what belongs to another stage. */
  readonly whole?: boolean;
}

/** In the order of an update's way. A sample counts for the innermost stage of its stack. */
const STAGES: readonly Stage[] = [
  { label: 'socket in: ws', frame: /^socketOnData .*ws\/lib\/websocket/ },
  { label: 'protocol and mutation: graphql-ws, graphql-js', frame: /graphql-ws\/|graphql\/execution\// },
  { label: 'update taken: validated, given an id', frame: /publish-location|adapters\/new-id/ },
  { label: 'Redis out: ioredis', frame: /position-cache|redis-client/ },
  { label: 'history: batch, pg', frame: /history-(?:buffer|writer)|pg-pool\/|\/pg\/lib|pg-protocol\// },
  { label: 'answer out', frame: /^(?:send|uncork) .*text-socket/, whole: true },
  { label: 'Redis in: ioredis', frame: /ioredis\/built\/DataHandler/ },
  { label: 'topic to watchers: graphql-redis-subscriptions, feed', frame: /redis-pubsub|location-feed/ },
  {
    label: 'what to tell whom: session, gate',
    frame: /nearby-session|proximity-gate|services\/ticks|domain\/distance/,
  },
  { label: 'text of frames', frame: /frame-writer/ },
  { label: 'frames out: stream and system', frame: /^writeAscii .*text-socket|^send .*frame-stream/ },
  { label: 'garbage', frame: /^\(garbage collector\)/ },
];
const REST = 'event loop and the rest';
const IDLE = '(idle)';

/** Microseconds by stage, in the order of the way, the rest at the end. */
export function stageTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): [string, number][] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const times = new Map<string, number>(
    [...STAGES.map(({ label }) => label), REST].map((label) => [label, 0]),
  );
  const stageOfNode = new Map<number, string | null>();

  function stageOf(leaf: number): string | null {
    const known = stageOfNode.get(leaf);
    if (known !== undefined) return known;
    let innermost: Stage | null = null;
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const { functionName = '', url = '' } = byId.get(id)?.callFrame ?? {};
      if (functionName === IDLE) return null;
      const stage = STAGES.find(({ frame }) => frame.test(`${functionName} ${url}`));
      if (stage !== undefined && (innermost === null || stage.whole === true)) innermost = stage;
    }
    const label = innermost?.label ?? REST;
    stageOfNode.set(leaf, label);
    return label;
  }

  samples.forEach((leaf, index) => {
    const label = stageOf(leaf);
    if (label !== null) times.set(label, (times.get(label) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...times];
}
