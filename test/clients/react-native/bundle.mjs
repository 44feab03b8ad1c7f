// node bundle.mjs <entry> <out>: bundles as a release build of an app for Android does, but not minified.
import { loadConfig, runBuild } from 'metro';

const [entry, out] = process.argv.slice(2);
const config = await loadConfig({ config: `${import.meta.dirname}/metro.config.cjs` });
await runBuild(config, { entry, out, platform: 'android', dev: false, minify: false });
