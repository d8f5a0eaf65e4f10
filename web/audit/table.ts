/** The table of docs/web.md: a row per page, a column per width and theme. */
import { THEMES, WIDTHS, called, pages, type Measured } from './pages';

const BEGIN = '<!-- audit: written by make audit -->';
const END = '<!-- /audit -->';
const COLUMNS = WIDTHS.flatMap((width) => THEMES.map((theme) => ({ width, theme })));

/** The pages that the table of `docs` has. */
export function listed(docs: string): string[] {
  return [...rows(docs).keys()];
}

/** `docs` with the rows of what was measured; pages that were not measured this time keep theirs, new ones have dashes. */
export function renewed(docs: string, measured: Measured[], scriptBytes: number): string {
  const [before] = docs.split(BEGIN);
  const [, after] = docs.split(END);
  if (after === undefined) throw new Error(`docs/web.md has no ${END}`);
  const kept = rows(docs);
  for (const page of pages.map(called)) {
    const cells = COLUMNS.map(({ width, theme }) => measured.find((each) => each.page === page && each.width === width && each.theme === theme));
    if (cells.every((each) => each !== undefined)) kept.set(page, [...cells.map(figures), String(cells.reduce((sum, each) => sum + each.axe_violations, 0))]);
  }
  const table = [
    ['page', ...COLUMNS.map(({ width, theme }) => `${width} px, ${theme}`), 'axe'],
    ['---', ...COLUMNS.map(() => '---'), '---'],
    ...pages.map(called).map((page) => [`\`${page}\``, ...(kept.get(page) ?? Array(COLUMNS.length + 1).fill('—'))]),
  ];
  const lines = [...table.map((cells) => `| ${cells.join(' | ')} |`), '', `The first load has ${(scriptBytes / 1000).toFixed(1)} kB of compressed script.`];
  return `${before}${BEGIN}\n${lines.join('\n')}\n${END}${after}`;
}

function figures({ performance, accessibility, best_practices }: Measured): string {
  return `${performance} / ${accessibility} / ${best_practices}`;
}

function rows(docs: string): Map<string, string[]> {
  const between = docs.split(BEGIN)[1]?.split(END)[0] ?? '';
  const found = [...between.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
  return new Map(found.map(([, page = '', cells = '']) => [page, cells.split(' | ')]));
}
