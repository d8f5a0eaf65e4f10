/** No page is left out of `make audit`, nor of the table of its figures. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { called, pages } from '../../audit/pages';
import { listed, renewed } from '../../audit/table';
import { routes } from '.';

const docs = readFileSync(new URL('../../../docs/web.md', import.meta.url), 'utf8');
const audited = pages.map((each) => each.path.split('?')[0]?.replace('{account}', '51000017').replace('{payment}', `pay_${'0'.repeat(32)}`) ?? '');

it('every page is audited at one of its addresses', () => {
  const forgotten = routes.filter(({ pattern }) => !audited.some((path) => pattern.test(path)));

  expect(forgotten.map(({ pattern }) => pattern.source)).toEqual([]);
});

it('every address that is audited shows a page, but the one that is meant not to', () => {
  const lost = audited.filter((path) => !routes.some(({ pattern }) => pattern.test(path)));

  expect(lost).toEqual(['/accounts/51000017/nowhere']);
});

it('no two pages are called alike', () => {
  expect(new Set(pages.map(called)).size).toBe(pages.length);
});

it('the table has a row for every page: make audit PAGES=… writes those that are missing', () => {
  expect(listed(docs)).toEqual(pages.map(called));
});

it('what was measured gets its figures anew, all else keeps its own', () => {
  const some = pages.slice(0, 2).map(called);
  const before = renewed(docs, some.flatMap((page) => figures(page, 99)), 1000);
  const after = renewed(before, figures(some[1] ?? '', 100).slice(0, 3), 2000);

  expect(after).toContain(`| \`${some[0]}\` | 99 / 100 / 100 / 0 | 99 / 100 / 100 / 0 | 99 / 100 / 100 / 0 | 99 / 100 / 100 / 0 |`);
  expect(after).toContain(`| \`${some[1]}\` | 100 / 100 / 100 / 0 | 100 / 100 / 100 / 0 | 100 / 100 / 100 / 0 | 99 / 100 / 100 / 0 |`);
  expect(after).toContain('2.0 kB');
  expect(renewed(after, [], 2000)).toBe(after);
});

function figures(page: string, performance: number) {
  return ([412, 1350] as const).flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ page, theme, width, performance, accessibility: 100, best_practices: 100, axe_violations: 0 })));
}
