// Ends this process when npm, its parent, is gone: npm hands on SIGTERM and SIGINT, but nobody can hand on SIGKILL.
// Preloaded by the scripts of package.json that serve. They begin with `exec`, so that no shell stands between npm and
// Node: a shell that gets SIGTERM dies alone.
import { isMainThread } from 'node:worker_threads';

const CHECK_INTERVAL_MS = 250;

// Workers preload it too.
if (isMainThread) {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
