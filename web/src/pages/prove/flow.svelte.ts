/** Proving an account: what was typed and answered so far. */
import { api, call, once, type Shape } from '../../api/client';
import { asFailure, type Failure } from '../../api/problems';
import { kopecks, typedMoney } from '../../domain/money';
import type { BillCode } from '../../domain/qr';
import { l } from '../../i18n/locale.svelte';
import { router } from '../../router.svelte';
import { attention } from '../../state/attention.svelte';

export type Step = 'bill' | 'address' | 'not-mine' | 'skip';
export type Place = 'number' | 'month' | 'to_pay' | 'charged';
type Wrong = Partial<Record<'number' | 'month' | 'amount' | 'name', string | undefined>>;

export class Proving {
  number = $state(router.query.get('number') ?? '');
  by = $state<'bill' | 'question'>('bill');
  month = $state('');
  amount = $state('');
  name = $state('');
  /** The months that prove, as the server counts them, each with its control question. */
  questions = $state.raw<Shape['QuestionOut'][] | null>(null);
  proof = $state.raw<Shape['ProofOut'] | null>(null);
  wrong = $state.raw<Wrong>({});
  failed = $state.raw<Failure | null>(null);
  /** What a scanned code gave. */
  filled = $state.raw<{ kind: 'all' | 'part' } | { kind: 'old'; period: string } | null>(null);
  expired = $state(false);
  busy = $state(false);

  get step(): Step {
    const step = router.query.get('step');
    if (step === 'address' && !this.proof) return 'bill';
    return step === 'address' || step === 'not-mine' || step === 'skip' ? step : 'bill';
  }

  /** Each step has an address of its own, so that the browser's Back works. */
  go(step: Step): void {
    const query = new URLSearchParams(router.query);
    query.delete('step');
    if (step !== 'bill') query.set('step', step);
    this.wrong = {};
    this.failed = null;
    router.go(`${router.path}${query.size ? `?${query}` : ''}`);
  }

  get question(): Shape['QuestionOut'] | undefined {
    return this.questions?.find((each) => each.period === this.month);
  }

  async load(): Promise<void> {
    this.failed = null;
    try {
      const { items } = await call(api.GET('/v1/account-questions'));
      this.questions = items;
      this.month ||= items[0]?.period ?? '';
    } catch (thrown) {
      this.failed = asFailure(thrown);
    }
  }

  /** What a bill's code says goes into the form; a person still looks at it. */
  fill({ account, period, amount }: BillCode): void {
    const proves = period !== null && !!this.questions?.some((each) => each.period === period);
    const old = period !== null && !proves;
    this.by = 'bill';
    this.wrong = {};
    this.failed = null;
    if (/^\d{6,20}$/.test(account ?? '')) this.number = account ?? '';
    if (proves) this.month = period;
    if (amount !== null && !old) this.amount = typedMoney(amount, l.lang);
    const all = /^\d{6,20}$/.test(account ?? '') && proves && amount !== null;
    this.filled = old ? { kind: 'old', period } : { kind: all ? 'all' : 'part' };
  }

  /** The number alone: null, with its error, when it cannot be one. */
  #digits(): string | null {
    const digits = this.number.replace(/\D/g, '');
    if (/^\d{6,20}$/.test(digits)) return digits;
    this.wrong = { ...this.wrong, number: l.m.prove.numberWrong };
    return null;
  }

  /** Whether the figures prove the account. */
  async check(): Promise<boolean> {
    this.wrong = {};
    this.failed = null;
    this.expired = false;
    const number = this.#digits();
    const amount = kopecks(this.amount);
    if (amount === null) this.wrong = { ...this.wrong, amount: l.m.prove.amountWrong };
    if (number === null || amount === null) return false;
    const by = this.by === 'bill' ? { period: this.month } : { question_id: this.question?.question_id ?? '' };
    return this.#calling(async () => {
      this.proof = await call(api.POST('/v1/account-proofs', { body: { account_number: number, amount, ...by } }));
    });
  }

  /** Link what was proven. */
  async add(): Promise<Shape['AccountOut'] | null> {
    return this.#link({ proof_id: this.proof?.proof_id ?? '', name: this.name.trim() || null });
  }

  /** Link the number alone: it stays without proof. */
  async addUnproven(): Promise<Shape['AccountOut'] | null> {
    this.wrong = {};
    const account_number = this.#digits();
    return account_number === null ? null : this.#link({ account_number });
  }

  async #link(body: Shape['AddAccount']): Promise<Shape['AccountOut'] | null> {
    let made: Shape['AccountOut'] | null = null;
    await this.#calling(async () => {
      made = await call(api.POST('/v1/accounts', { params: { header: once() }, body }));
      // The sections and the way between accounts know of it at once.
      attention.load().catch(() => undefined);
    });
    return made;
  }

  async #calling(what: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failed = null;
    try {
      await what();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      this.failed = failure;
      // One neutral answer for number and amount; each field says what to look at.
      this.wrong = failure.code === 'proof_failed'
        ? { number: l.m.prove.numberNotFit, amount: l.m.prove.amountNotFit }
        : { number: failure.field('account_number'), month: failure.field('period') ?? failure.field('question_id'), amount: failure.field('amount'), name: failure.field('name') };
      return false;
    } finally {
      this.busy = false;
    }
  }
}
