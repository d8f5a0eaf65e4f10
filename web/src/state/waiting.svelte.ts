/** Readings that were typed without a connection, and what becomes of them once there is one. */
import { api, call, once } from '../api/client';
import { asFailure } from '../api/problems';
import { kept, type Waiting } from './kept';
import { session } from './session.svelte';

const AGAIN_MS = 60_000;

class WaitingState {
  /** Not sent yet, or refused and not seen yet; oldest first. */
  items = $state.raw<Waiting[]>([]);
  /** Sent since the page was opened. */
  sent = $state.raw<Waiting[]>([]);
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    addEventListener('online', () => void this.send());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void this.send(); });
    void this.look();
  }

  async look(): Promise<void> {
    this.items = await kept.waiting();
  }

  async add(readings: Waiting): Promise<void> {
    await kept.wait(readings);
    await this.look();
    this.#later();
  }

  async drop(key: string): Promise<void> {
    await kept.done(key);
    await this.look();
  }

  /** Send what waits, one after the other; tabs take turns, and a key counts once anyway. */
  send(): Promise<void> {
    this.#running ??= this.#inTurn().finally(() => (this.#running = null));
    return this.#running;
  }

  async #inTurn(): Promise<void> {
    await this.look();
    if (session.phase !== 'in' || !this.items.some((each) => !each.refused)) return;
    const all = async () => {
      for (const each of await kept.waiting()) {
        if (each.refused || each.client !== session.client?.id) continue;
        if (!(await this.#one(each))) return this.#later();
      }
    };
    await (navigator.locks ? navigator.locks.request('lkk.waiting', all) : all());
    await this.look();
  }

  /** Whether the centre answered. */
  async #one(each: Waiting): Promise<boolean> {
    try {
      await call(api.POST('/v1/accounts/{account_number}/readings', {
        params: { path: { account_number: each.number }, header: once(each.key) },
        body: { readings: each.readings, taken_at: each.taken_at, confirm_high_consumption: each.confirmed, dry_run: false },
      }));
      await kept.done(each.key);
      this.sent = [...this.sent, each];
    } catch (thrown) {
      const failure = asFailure(thrown);
      // Nobody answered, or not now: they wait on.
      if (failure.unreachable || [401, 409, 429].includes(failure.status)) return false;
      const why = [...new Set(Object.values(failure.fields).map((field) => field.detail))].join(' ') || failure.detail;
      await kept.wait({ ...each, refused: why });
    }
    return true;
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.send(), AGAIN_MS);
  }
}

export const waiting = new WaitingState();
