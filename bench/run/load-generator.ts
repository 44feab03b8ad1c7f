/** The process of the load generator, which handles one call at a time. */
import { fork } from 'node:child_process';
import type { LoadApi, Reply } from '../load/main.js';
import { pathOf } from './build.js';

export interface LoadGenerator {
  call<K extends keyof LoadApi>(
    name: K,
    ...args: Parameters<LoadApi[K]>
  ): Promise<Awaited<ReturnType<LoadApi[K]>>>;
  stop(): void;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(pathOf('load'), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`The load generator ended with ${code}`));
        child.once('exit', onExit);
        child.once('message', (reply: Reply) => {
          child.off('exit', onExit);
          if ('error' in reply) reject(new Error(reply.error));
          else resolve(reply.answer as never);
        });
        child.send({ name, args });
      }),

    stop() {
      if (child.connected) child.disconnect();
    },
  };
}
