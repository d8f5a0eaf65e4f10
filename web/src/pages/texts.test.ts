/** A page names the subjects of the words that it and its parts use: no more, and none is forgotten. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FIRST, type Subject } from '../i18n/texts';
import { offlinePage, pageOf, routes, type Found } from '.';

const SRC = resolve(import.meta.dirname, '..');
const SUBJECTS: Subject[] = [...FIRST, 'bill', 'entering', 'paying', 'profile', 'proving', 'readings'];
const subjectOf = new Map<string, Subject>();
for (const subject of SUBJECTS) {
  const module: Record<string, object> = await import(`../i18n/ru/${subject}.ts`);
  for (const key of Object.values(module).flatMap((each) => Object.keys(each))) subjectOf.set(key, subject);
}

/** The subjects of every `l.m.…` in a file and in all that it imports, now or later; those of the first load left out. */
function used(file: string, seen = new Set<string>()): Set<Subject> {
  const found = new Set<Subject>();
  if (seen.has(file)) return found;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, key = ''] of source.matchAll(/\bl\.m\.(\w+)/g)) {
    const subject = subjectOf.get(key);
    if (!subject) throw new Error(`${file} uses l.m.${key}, which no subject has`);
    found.add(subject);
  }
  for (const [, path = ''] of source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    if (/i18n|schema|\?worker|\/pages$/.test(path)) continue;
    const next = [path, `${path}.ts`].map((each) => join(dirname(file), each)).find((each) => existsSync(each));
    if (!next) throw new Error(`${file} imports ${path}, which is not there`);
    for (const each of used(next, seen)) found.add(each);
  }
  for (const each of FIRST) found.delete(each);
  return found;
}

const fileOf = (page: Pick<Found, 'load'>) => join(SRC, 'pages', /import\w*\("([^"]+)"/.exec(String(page.load))?.[1]?.replace(/^\/src\/pages\//, '') ?? '');

it.each([...routes, offlinePage, pageOf('/none/such')].map((page) => ({ page, file: fileOf(page) })))('$file names the words it uses', ({ page, file }) => {
  expect([...page.texts].sort()).toEqual([...used(file)].sort());
});

it('the frame has its words from the start', () => {
  expect([...used(join(SRC, 'begin.ts'))]).toEqual([]);
});
