/** Signing in: what was typed and answered so far. Its calls throw Failure. */
import { api, call, type Shape } from '../../api/client';
import { sentPhone, shownPhone } from '../../domain/phone';
import { router } from '../../router.svelte';
import { guide } from '../../state/guide.svelte';
import { inCookie, session } from '../../state/session.svelte';

export type Step = 'phone' | 'code' | 'password';
type Kind = 'personal_data' | 'terms';

const VISITED = 'lkk.visited';
const CHALLENGE = 'lkk.challenge';

function visitedBefore(): boolean {
  try { return localStorage.getItem(VISITED) === '1'; } catch { return false; }
}

interface Challenge { id: string; phone: string; resendAt: number; given: Record<Kind, boolean> }

/** The code that was under way when the page was loaded anew: a phone may drop it while one reads the SMS. */
function leftOff(): Challenge | null {
  if (router.query.get('step') !== 'code') return null;
  try { return JSON.parse(sessionStorage.getItem(CHALLENGE) ?? 'null') as Challenge | null; } catch { return null; }
}

export class Flow {
  readonly #left = leftOff();
  /** Somebody who is in shows again that it is they: the phone is known. */
  readonly again = router.query.has('again') && session.client !== null;
  phone = $state(this.#left ? shownPhone(this.#left.phone) : this.again ? shownPhone(session.client?.phone ?? '') : '');
  /** What goes with a password: the phone, until something else is typed. */
  login = $state('');
  given = $state<Record<Kind, boolean>>(this.#left?.given ?? { personal_data: false, terms: false });
  /** Where somebody signed in before, consents are asked for only when the server wants them. */
  askConsents = $state(!this.again && !visitedBefore());
  remember = $state(!this.again || session.remembered);
  challenge = $state.raw<Pick<Challenge, 'id' | 'phone'> | null>(this.#left);
  /** When another code may be asked for, by this device's clock. */
  resendAt = $state(this.#left?.resendAt ?? 0);

  get consents(): Shape['ConsentKind'][] {
    return (['personal_data', 'terms'] as const).filter((kind) => this.given[kind]);
  }

  get next(): string {
    const next = router.query.get('next') ?? '/';
    return /^\/(?![/\\])/.test(next) ? next : '/';
  }

  /** The step in the address; a code that was not asked for cannot be entered. */
  get step(): Step {
    const step = router.query.get('step');
    return step === 'password' ? 'password' : step === 'code' && this.challenge ? 'code' : 'phone';
  }

  go(step: Step): void {
    const query = new URLSearchParams(router.query);
    if (step === 'phone') query.delete('step');
    else query.set('step', step);
    if (step === 'password') this.login ||= this.phone;
    router.go(`/sign-in${query.size ? `?${query}` : ''}`);
  }

  /** Whether the code that is on its way is for the phone that stands in the field. */
  get underWay(): boolean {
    return this.challenge !== null && this.challenge.phone === sentPhone(this.phone) && Date.now() < this.resendAt;
  }

  /** Send a code to the phone. */
  async ask(): Promise<void> {
    const phone = sentPhone(this.phone) ?? '';
    const made = await call(api.POST('/v1/auth/otp', { body: { phone, consents: this.consents } }));
    this.challenge = { id: made.challenge_id, phone };
    this.rest(made.resend_after_seconds);
  }

  /** No other code for so long. */
  rest(seconds: number): void {
    this.resendAt = Date.now() + seconds * 1000;
    if (!this.challenge) return;
    try { sessionStorage.setItem(CHALLENGE, JSON.stringify({ ...this.challenge, resendAt: this.resendAt, given: this.given })); } catch { /* private mode: asked for anew after a reload */ }
  }

  async verify(code: string): Promise<void> {
    await this.#enter(() => call(api.POST('/v1/auth/otp/{challenge_id}/verify', {
      params: { path: { challenge_id: this.challenge?.id ?? '' }, header: inCookie(this.remember) }, body: { code, consents: this.consents },
    })));
  }

  async byPassword(password: string): Promise<void> {
    const login = (this.login.includes('@') ? null : sentPhone(this.login)) ?? this.login.trim();
    await this.#enter(() => call(api.POST('/v1/auth/password', { params: { header: inCookie(this.remember) }, body: { login, password } })));
  }

  async #enter(open: () => Promise<Shape['SessionOut']>): Promise<void> {
    const former = await this.#former();
    const opened = await open();
    session.opened(opened, this.remember);
    try { sessionStorage.removeItem(CHALLENGE); } catch { /* private mode */ }
    if (former) await call(api.DELETE('/v1/auth/sessions/{session_id}', { params: { path: { session_id: former } } })).catch(() => undefined);
    try { localStorage.setItem(VISITED, '1'); } catch { /* private mode: asked again next time */ }
    if (!opened.client.registered) guide.begin(opened.client.id);
    router.go(opened.client.registered ? this.next : '/welcome', true);
  }

  /** The session that a new one takes the place of: one browser is one device in the list. */
  async #former(): Promise<string | undefined> {
    if (!this.again) return undefined;
    try {
      return (await call(api.GET('/v1/auth/sessions'))).items.find((each) => each.current)?.id;
    } catch {
      return undefined;
    }
  }
}
