// `npm run dev`: the server from its sources, started again whenever one of them changes. Hands on SIGTERM and SIGINT
// to Node's watch mode, which lets the server drain; as a process of its own, because watch mode preloads nothing into
// itself that would notice the end of npm.
import { spawn } from 'node:child_process';
import './end-with-npm.mjs';

const args = ['--watch', '--import', 'tsx', 'src/main.ts', ...process.argv.slice(2)];
const watch = spawn(process.execPath, args, { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => watch.kill(signal));
watch.on('exit', (status) => process.exit(status ?? 1));
