/** The newcomer's guide: which client is in it and at which step; kept on the device until it is finished. */
export const GUIDE_STEPS = ['account', 'person', 'password'] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];
const KEY = 'lkk.guide';

interface Kept { client: string; step: GuideStep }

class Guide {
  /** Of the person, as typed at an earlier step of this visit. */
  typed: { last_name: string; first_name: string; middle_name: string; email: string } | null = null;
  #kept = $state.raw<Kept | null>(read());

  /** The first step of a client who has just come to be. */
  begin(client: string): void {
    this.#keep({ client, step: 'account' });
  }

  /** The step at which this client stopped; null for whoever has finished or never began. */
  stepOf(client: string | undefined): GuideStep | null {
    return this.#kept && this.#kept.client === client ? this.#kept.step : null;
  }

  at(step: GuideStep): void {
    if (this.#kept) this.#keep({ ...this.#kept, step });
  }

  finish(): void {
    this.typed = null;
    this.#keep(null);
  }

  #keep(kept: Kept | null): void {
    this.#kept = kept;
    try {
      if (kept) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
    } catch { /* private mode: for this visit only */ }
  }
}

function read(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null;
    return kept && typeof kept.client === 'string' && GUIDE_STEPS.includes(kept.step) ? kept : null;
  } catch {
    return null;
  }
}

export const guide = new Guide();
