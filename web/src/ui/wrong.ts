import { tick } from 'svelte';

/** After fields were refused: the first of them has the focus, its error is read out with it. */
export async function focusWrong(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>('main [aria-invalid]')?.focus();
}
