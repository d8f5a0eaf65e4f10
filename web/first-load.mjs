// The script of the first load: what index.html names, and what that imports statically.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** @param {string} dist @returns {{ bytes: number, files: number }} its size compressed by gzip */
export function firstLoadBytes(dist) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @param {string} file */
  const take = (file) => {
    if (seen.has(file)) return;
    const text = readFileSync(file);
    seen.set(file, gzipSync(text, { level: 9 }).length);
    for (const [, path] of text.toString().matchAll(/(?:from|import)\s*["'](\.[^"']+\.js)["']/g)) take(join(dirname(file), path ?? ''));
  };
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)) take(join(dist, path ?? ''));
  return { bytes: [...seen.values()].reduce((sum, size) => sum + size, 0), files: seen.size };
}
