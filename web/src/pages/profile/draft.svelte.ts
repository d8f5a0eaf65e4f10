/** A new phone or address while one shows by a code that it is they: it stays typed, in this tab's memory only. */
import { session } from '../../state/session.svelte';

class Draft {
  #typed = $state<{ of: string; phone: string; email: string }>({ of: '', phone: '', email: '' });

  get phone(): string { return this.#own.phone; }
  set phone(phone: string) { this.#typed = { ...this.#own, phone }; }
  get email(): string { return this.#own.email; }
  set email(email: string) { this.#typed = { ...this.#own, email }; }

  get #own() {
    const of = session.client?.id ?? '';
    return this.#typed.of === of ? this.#typed : { of, phone: '', email: '' };
  }
}

export const draft = new Draft();
