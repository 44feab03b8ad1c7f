/** A program that crashes as a server might, with the text of its first argument. */
import { reportCrashes } from '../../src/cli/crash.js';

reportCrashes();
const [text = '', how] = process.argv.slice(2);
if (how === 'later') setTimeout(() => JSON.parse(text), 1);
else void Promise.resolve().then(() => JSON.parse(text));
