/** The load generator's process, asked one thing at a time. */
import { fork } from 'node:child_process';
import type { Answer, Command, Reply } from '../load/commands.js';
import { pathOf } from './build.js';

export type LoadGenerator = ReturnType<typeof startLoadGenerator>;

export function startLoadGenerator() {
  const child = fork(pathOf('load'), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  return {
    ask<C extends Command>(command: C): Promise<Answer<C>> {
      return new Promise((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`the load generator ended with ${code}`));
        child.once('exit', onExit);
        child.once('message', (reply: Reply) => {
          child.off('exit', onExit);
          if ('error' in reply) reject(new Error(reply.error));
          else resolve(reply.answer as Answer<C>);
        });
        child.send(command);
      });
    },

    stop(): void {
      if (child.connected) child.disconnect();
    },
  };
}
