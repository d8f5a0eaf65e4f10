/** The table of docs/web.md: a row per page, a column per width and theme. */
import { THEMES, WIDTHS, called, pages, type Measured } from './pages';

const BEGIN = '<!-- audit: written by make audit -->';
const END = '<!-- /audit -->';
const COLUMNS = WIDTHS.flatMap((width) => THEMES.map((theme) => ({ width, theme })));

/** The pages that the table of `docs` has. */
export function listed(docs: string): string[] {
  return [...rows(docs).keys()];
}

/** `docs` with the figures of what was measured; what was not measured this time keeps its own, or has a dash. */
export function renewed(docs: string, measured: Measured[], scriptBytes: number): string {
  const [before] = docs.split(BEGIN);
  const [, after] = docs.split(END);
  if (after === undefined) throw new Error(`docs/web.md has no ${END}`);
  const kept = rows(docs);
  for (const page of pages.map(called)) {
    const before = kept.get(page) ?? [];
    kept.set(page, COLUMNS.map(({ width, theme }, at) => {
      const now = measured.find((each) => each.page === page && each.width === width && each.theme === theme);
      return now ? figures(now) : (before[at] ?? '—');
    }));
  }
  const table = [
    ['page', ...COLUMNS.map(({ width, theme }) => `${width} px, ${theme}`)],
    ['---', ...COLUMNS.map(() => '---')],
    ...pages.map(called).map((page) => [`\`${page}\``, ...(kept.get(page) ?? [])]),
  ];
  const lines = [...table.map((cells) => `| ${cells.join(' | ')} |`), '', `The first load has ${(scriptBytes / 1000).toFixed(1)} kB of compressed script.`];
  return `${before}${BEGIN}\n${lines.join('\n')}\n${END}${after}`;
}

function figures({ performance, accessibility, best_practices, axe_violations }: Measured): string {
  return `${performance} / ${accessibility} / ${best_practices} / ${axe_violations}`;
}

function rows(docs: string): Map<string, string[]> {
  const between = docs.split(BEGIN)[1]?.split(END)[0] ?? '';
  const found = [...between.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
  return new Map(found.map(([, page = '', cells = '']) => [page, cells.split(' | ')]));
}
