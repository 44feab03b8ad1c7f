/**
 * `npx tsx scripts/screenshot-map.ts [URL]` takes docs/images/map.png while `npm run demo` runs; see --help.
 */
import { createCommand, runCommand, SUCCEEDED } from '../src/cli/run-command.js';
import { launchBrowser } from '../test/browser/browser.js';
import { openMapPage } from '../test/browser/map-page.js';

async function main(signal: AbortSignal): Promise<number> {
  const command = createCommand(
    'npx tsx scripts/screenshot-map.ts',
    `Takes ${IMAGE} in Chromium, of the page of npm run demo.`,
  )
    .argument('[url]', 'the running demo, without a path', 'http://127.0.0.1:4000')
    .parse();
  const [url = ''] = command.processedArgs as string[];
  const browser = await launchBrowser();
  signal.addEventListener('abort', () => void browser.close(), { once: true });
  try {
    const { page } = await openMapPage(browser, url, { viewport: { width: 1280, height: 760 } });
    await page.locator('.friends li').nth(ENOUGH_FRIENDS).waitFor();
    await page.locator('.maplibregl-map:not([aria-busy])').waitFor();
    await page.screenshot({ path: IMAGE });
  } finally {
    await browser.close();
  }
  console.log(`Wrote ${IMAGE}.`);
  return SUCCEEDED;
}

const IMAGE = 'docs/images/map.png';
const ENOUGH_FRIENDS = 12;

await runCommand(main);
