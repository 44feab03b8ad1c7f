/**
 * `npx tsx scripts/icons.ts` makes the PNGs of web/public from icon.svg, with the Chromium of the tests: browsers and
 * phones want an installed app's icon in pixels.
 */
import { readFileSync } from 'node:fs';
import { launchBrowser } from '../test/browser/browser.js';

const FOLDER = 'web/public';
/** Of the width: the rest is room that the phone may cut off (maskable), or that icons have around them there. */
const ICONS = [
  { name: 'icon-192.png', pixels: 192, share: 1, background: 'transparent' },
  { name: 'icon-512.png', pixels: 512, share: 1, background: 'transparent' },
  { name: 'icon-maskable-512.png', pixels: 512, share: 0.7, background: '#ffffff' },
  { name: 'apple-touch-icon.png', pixels: 180, share: 0.8, background: '#ffffff' },
];

const svg = Buffer.from(readFileSync(`${FOLDER}/icon.svg`)).toString('base64');
const browser = await launchBrowser();
try {
  for (const { name, pixels, share, background } of ICONS) {
    const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
    const side = Math.round(pixels * share);
    await page.setContent(
      `<body style="margin:0;height:100vh;display:grid;place-items:center;background:${background}">
       <img src="data:image/svg+xml;base64,${svg}" width="${side}" height="${side}" alt=""></body>`,
    );
    await page.screenshot({ path: `${FOLDER}/${name}`, omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
