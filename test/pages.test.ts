/** What the pages of this repository show and lead to is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, test } from 'vitest';

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'sdk/README.md', 'deploy/README.md'],
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

const withoutCode = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^ *```[^]*?^ *```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));

/** As GitHub makes anchors of headings. */
const anchorsOf = (page: string): string[] =>
  Array.from(withoutCode(page).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/\[(.*?)\]\(.*?\)/g, '$1')
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

const linksOf = (page: string): string[] =>
  Array.from(
    withoutCode(page).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g),
    ([, link, image]) => link ?? image ?? '',
  ).filter((link) => !/^[a-z]+:/.test(link));

test('links between pages lead to files and headings', () => {
  const broken = PAGES.flatMap((page) =>
    linksOf(page)
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

describe('the moving picture', () => {
  const file = 'docs/images/map.webp';

  it('is what README.md begins with', () => {
    expect(linksOf('README.md')[0]).toBe(file);
  });

  it('moves for about ten seconds, and is smaller than 2 MB', async () => {
    const { pages = 1, delay = [], width, loop } = await sharp(file).metadata();
    expect({ width, loop }).toEqual({ width: 720, loop: 0 });
    expect(pages).toBeGreaterThanOrEqual(40);
    const durationMs = delay.reduce((sum, each) => sum + each, 0);
    expect(durationMs).toBeGreaterThan(8_000);
    expect(durationMs).toBeLessThan(12_000);
    expect(statSync(file).size).toBeLessThan(2_000_000);
  });
});
