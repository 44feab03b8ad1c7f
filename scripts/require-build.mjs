// Ends `npm start` with one line where nothing was built.
import { existsSync } from 'node:fs';

if (!existsSync('dist/main.js')) {
  console.error('There is no build to start. npm ci --include=dev makes one.');
  process.exit(1);
}
