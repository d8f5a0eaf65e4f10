/** What CloudFront and the local run take for addresses of the cabinet is what the cabinet shows pages at. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '.';

const infra = (file: string) => readFileSync(new URL(`../../../infra/${file}`, import.meta.url), 'utf8');
const words: string[] = JSON.parse(infra('cabinet.json')).pages;

interface Asked { uri: string; headers: Record<string, { value: string }> }
interface Answered { statusCode: number }
type Handler = (event: object) => Asked & Answered;

/** The function as it is deployed: the words stand where the package puts them. */
const handler: Handler = new Function(`${infra('pages.js').replace('var PAGES = [];', `var PAGES = ${JSON.stringify(words)};`)}; return handler;`)();

const request = (uri: string, headers: Asked['headers'] = {}) => handler({ context: { eventType: 'viewer-request' }, request: { uri, headers } });

/** The answer to `uri` when the bucket said `status`; CloudFront may show the function either request. */
function answers(uri: string, status: number): number[] {
  const said = (shown: Asked) => handler({ context: { eventType: 'viewer-response' }, request: shown, response: { statusCode: status } }).statusCode;
  return [said(request(uri)), said({ uri, headers: {} })];
}

it('the first words of the addresses are those of the pages', () => {
  const shown = routes.map(({ pattern }) => /^\^\\\/([a-z-]*)/.exec(pattern.source)?.[1]);

  expect(new Set(shown)).toEqual(new Set(['', ...words]));
});

describe('the function in front of the bucket', () => {
  it.each(['/', ...words.flatMap((word) => [`/${word}`, `/${word}/`, `/${word}/40817810/bills`])])('shows the page at %s', (uri) => {
    expect(request(uri).uri).toBe('/index.html');
    expect(answers(uri, 200)).toEqual([200, 200]);
  });

  it.each(['/nowhere', '/nowhere/', '/v1', '/accountsx', '/Accounts', '//', '/a.b/c'])('shows the page under 404 at %s', (uri) => {
    expect(request(uri).uri).toBe('/index.html');
    expect(answers(uri, 200)).toEqual([404, 404]);
  });

  it.each(['/index.html', '/sw.js', '/assets/index-Ab1.js', '/fonts/LICENSE.txt', '/nowhere/x.js'])('leaves the file %s alone', (uri) => {
    expect(request(uri)).toEqual({ uri, headers: {} });
    expect(answers(uri, 200)).toEqual([200, 200]);
  });

  it('changes no answer but the page itself: not "unchanged", not an error of the bucket', () => {
    expect(answers('/nowhere', 304)).toEqual([304, 304]);
    expect(answers('/nowhere', 403)).toEqual([403, 403]);
  });

  it('does not believe the mark when a client sends it', () => {
    expect(request('/pay', { 'x-lkk-unknown-page': { value: '1' } }).headers).toEqual({});
  });
});
