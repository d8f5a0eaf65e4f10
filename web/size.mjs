// Fails when the script of the first load (what index.html names, and what that imports statically)
// is over the limit: 60 kB compressed.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT = 60_000;
const seen = new Map();

function take(file) {
  if (seen.has(file)) return;
  const text = readFileSync(file);
  seen.set(file, gzipSync(text, { level: 9 }).length);
  for (const [, path] of text.toString().matchAll(/(?:from|import)\s*["'](\.[^"']+\.js)["']/g)) take(join(dirname(file), path));
}

const html = readFileSync('dist/index.html', 'utf8');
for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)) take(join('dist', path));
const bytes = [...seen.values()].reduce((sum, size) => sum + size, 0);
console.log(`First load: ${(bytes / 1000).toFixed(1)} kB of compressed script in ${seen.size} files; the limit is ${LIMIT / 1000}`);
process.exit(bytes === 0 || bytes > LIMIT ? 1 : 0);
