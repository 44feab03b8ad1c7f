/**
 * Takes docs/images/map.png: `npx tsx scripts/screenshot-map.ts [URL]` while `npm run demo` runs,
 * http://127.0.0.1:4000 unless named.
 */
import { launchBrowser } from '../test/browser/browser.js';
import { openMapPage } from '../test/browser/map-page.js';

const IMAGE = 'docs/images/map.png';
const [, , url = 'http://127.0.0.1:4000'] = process.argv;
const ENOUGH_FRIENDS = 12;

const browser = await launchBrowser();
try {
  const { page } = await openMapPage(browser, url, { viewport: { width: 1280, height: 760 } });
  await page.locator('.friends li').nth(ENOUGH_FRIENDS).waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.friends li').nth(1).getByRole('button').click();
  // The map eases to the chosen friend.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: IMAGE });
  console.log(`${IMAGE} is taken.`);
} finally {
  await browser.close();
}
