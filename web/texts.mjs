// Compiles the texts of messages/, ICU MessageFormat by language and subject, into the modules of src/i18n that the
// pages use: npm run texts. With --check nothing is written, and a module that differs fails.
import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/compile-module.js';
import { parse } from '@messageformat/parser';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const FIRST = 'ru';
const here = (path) => new URL(path, import.meta.url);

/** The arguments of a message with their types: what chooses a plural form is a number. */
function argumentsOf(message) {
  const found = {};
  const look = (tokens) => {
    for (const { type, arg, cases } of tokens) {
      if (arg) found[arg] = type === 'plural' ? 'number' : type === 'select' ? 'string' : (found[arg] ?? 'string | number');
      for (const each of cases ?? []) look(each.tokens);
    }
  };
  look(parse(message));
  return found;
}

/** Writes `texts` as an object or a list, each message by `write`. */
function nested(texts, write, indent = '') {
  if (typeof texts === 'string') return write(texts);
  const inner = Object.entries(texts).map(([key, each]) =>
    `\n${indent}  ${Array.isArray(texts) ? '' : `${property(key)}: `}${nested(each, write, `${indent}  `)},`);
  return Array.isArray(texts) ? `[${inner.join('')}\n${indent}]` : `{${inner.join('')}\n${indent}}`;
}

const property = (key) => (/^[a-z_]\w*$/i.test(key) ? key : JSON.stringify(key));

/** A message as code: without arguments a string, with them a function of them. */
function typed(message, code) {
  const names = Object.entries(argumentsOf(message));
  return code.replace(/^\(d?\) => /, names.length ? `(d: { ${names.map((each) => each.join(': ')).join('; ')} }) => ` : '') + (/^\(d\) => (plural|select)\(/.test(code) ? ' as string' : '');
}

/** The module of one subject in one language. */
function compiled(lang, subject) {
  const texts = JSON.parse(readFileSync(here(`messages/${lang}/${subject}.json`), 'utf8'));
  const flat = {};
  nested(texts, (message) => (flat[`m${Object.keys(flat).length}`] = message));
  const [imports, list] = compileModule(new MessageFormat(lang), flat).split('export default ');
  const codes = [...list.matchAll(/^ {2}m\d+: (.*?),?$/gm)].map(([, code]) => code);
  const [same, type] = lang === FIRST ? ['', ''] : [`import type { ${subject} as same } from '../${FIRST}/${subject}';\n`, ': typeof same'];
  return `// Made from messages/${lang}/${subject}.json by npm run texts.
${imports.trimStart()}${same}
export const ${subject}${type} = ${nested(texts, (message) => typed(message, codes.shift()))};
`;
}

/** All modules: the path and what belongs there. */
function modules() {
  const subjects = readdirSync(here(`messages/${FIRST}`)).map((file) => basename(file, '.json'));
  return readdirSync(here('messages')).flatMap((lang) =>
    subjects.map((subject) => ({ path: here(`src/i18n/${lang}/${subject}.ts`), text: compiled(lang, subject) })));
}

const stale = modules().filter(({ path, text }) => { try { return readFileSync(path, 'utf8') !== text; } catch { return true; } });
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${basename(path.pathname)} is older than its messages: run npm --prefix web run texts`);
  process.exit(stale.length ? 1 : 0);
}
for (const { path, text } of stale) writeFileSync(path, text);
