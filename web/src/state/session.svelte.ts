/** Who is signed in. The access token lives in memory only; the refresh token in a cookie no script reads. */
import { l } from '../i18n/locale.svelte';
import { kept, owns } from './kept';
import type { components } from '../api/schema';

type Session = components['schemas']['SessionOut'];
const MARK = 'lkk.signed-in';
/** The session goes when the browser closes: the device is not the client's own. */
const PASSING = 'passing';

/** Where the refresh token is kept: in a cookie, which goes with the browser unless it is to be remembered. */
export function inCookie(remember: boolean): { 'X-Refresh-Token': 'cookie' | 'session-cookie' } {
  return { 'X-Refresh-Token': remember ? 'cookie' : 'session-cookie' };
}

class SessionState {
  phase = $state<'starting' | 'out' | 'in' | 'unreachable'>('starting');
  client = $state.raw<Session['client'] | null>(null);
  /** Whether it ended without being asked to. */
  ended = $state(false);
  #access: string | null = null;
  #until = 0;
  #running: Promise<string | null> | null = null;
  #start: Promise<void> | null = null;

  constructor() {
    // What another tab does to the session is done here too.
    addEventListener('storage', ({ key, newValue }) => {
      if (key !== MARK) return;
      if (newValue === null && this.phase === 'in') this.#forget(false);
      else if (newValue && this.phase === 'out') void this.start();
    });
  }

  /** Go on where the last visit ended, if it left a session. */
  start(): Promise<void> {
    this.#start = this.#goOn();
    return this.#start;
  }

  async #goOn(): Promise<void> {
    if (!this.#mark()) {
      this.phase = 'out';
      return;
    }
    const passing = !this.remembered;
    try {
      if (!(await this.refresh())) {
        this.phase = 'out';
        // It ended with the browser, as it was asked to.
        if (passing) this.ended = false;
      }
    } catch {
      this.phase = 'unreachable';
    }
  }

  opened(given: Session, remember: boolean): void {
    this.#access = given.access_token;
    this.#until = Date.now() + (given.expires_in_seconds - 30) * 1000;
    this.client = given.client;
    this.ended = false;
    // On a device of somebody else nothing stays for times without a connection.
    owns(remember ? given.client.id : null);
    this.phase = 'in';
    try { localStorage.setItem(MARK, remember ? '1' : PASSING); } catch { /* private mode: this tab only */ }
  }

  /** Whether the session outlives the browser's closing. */
  get remembered(): boolean {
    return this.#mark() !== PASSING;
  }

  /** A token that is good now, once it is known who is signed in. Throws when nothing answers. */
  async token(): Promise<string | null> {
    if (this.phase === 'starting') {
      await this.#start;
      // The page that asks is about to give way.
      if (!this.#access) throw new TypeError('no session');
    }
    if (this.#access && Date.now() < this.#until) return this.#access;
    return this.#access ? this.refresh() : null;
  }

  /** The next token; null when one has to sign in. Tabs take turns, since the cookie is one for all. */
  refresh(): Promise<string | null> {
    this.#running ??= this.#inTurn().finally(() => (this.#running = null));
    return this.#running;
  }

  async logOut(): Promise<void> {
    // In turn: a refresh on its way, here or in another tab, would open the session again.
    await this.#alone(async () => {
      try { await this.#post('/v1/auth/logout'); } catch { /* the session ends here anyway */ }
      this.#forget(false);
    });
  }

  #inTurn(): Promise<string | null> {
    return this.#alone(async () => {
      // Signed out while it waited for its turn.
      if (this.phase === 'out' && !this.#mark()) return null;
      const answer = await this.#post('/v1/auth/refresh');
      if (answer.ok) {
        this.opened((await answer.json()) as Session, this.remembered);
        return this.#access;
      }
      if (answer.status >= 500) throw new Error('unreachable');
      this.#forget(true);
      return null;
    });
  }

  /** One at a time over all tabs; where the browser has no locks, after what this tab has begun. */
  async #alone<T>(act: () => Promise<T>): Promise<T> {
    if (navigator.locks) return navigator.locks.request('lkk.refresh', act);
    await this.#running?.catch(() => undefined);
    return act();
  }

  #post(path: string): Promise<Response> {
    const headers = { ...inCookie(this.remembered), 'Content-Type': 'application/json', 'Accept-Language': l.lang, 'X-Client': 'web' };
    return fetch(path, { method: 'POST', headers, body: '{}' });
  }

  #mark(): string | null {
    // Where nothing is kept, the cookie alone knows.
    try { return localStorage.getItem(MARK); } catch { return '1'; }
  }

  #forget(ended: boolean): void {
    this.#access = null;
    this.client = null;
    this.ended = ended;
    this.phase = 'out';
    void kept.forget();
    try { localStorage.removeItem(MARK); } catch { /* private mode */ }
  }
}

export const session = new SessionState();
