/** The typed client of the API: language, access token and one silent refresh are its business. */
import createClient from 'openapi-fetch';
import { l } from '../i18n/locale.svelte';
import { clock } from '../state/clock';
import { session } from '../state/session.svelte';
import { failure } from './problems';
import { counted } from './traffic';
import type { components, paths } from './schema';

export type Shape = components['schemas'];

/** The gateway answers within 30 seconds; what takes longer got lost on the way. */
const ANSWER_MS = 35_000;
const sent = (request: Request) => fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) });

async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', l.lang);
  request.headers.set('X-Client', 'web');
  const open = new URL(request.url).pathname.startsWith('/v1/auth/') && request.method === 'POST';
  if (open) return heard(await sent(request));
  if (session.phase === 'unreachable') await session.start();
  const again = request.clone();
  const token = await session.token();
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  const answer = heard(await sent(request));
  if (answer.status !== 401 || !token) return answer;
  const fresh = await session.refresh();
  if (!fresh) return answer;
  again.headers.set('Authorization', `Bearer ${fresh}`);
  return sent(again);
}

function heard(answer: Response): Response {
  clock.heard(answer.headers.get('Lkk-Now'));
  return answer;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => counted(send(request)) });

/** The data of an answer. Throws Failure. */
export async function call<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw failure(error, response);
  return data as T;
}

/** A header for POSTs that must happen once, whatever the network does. */
export function once(key: string = crypto.randomUUID()): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key };
}
