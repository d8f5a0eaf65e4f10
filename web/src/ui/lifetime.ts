/** Whether a component is still on the page. */
import { onDestroy } from 'svelte';

/**
 * To be asked after each wait, before anything is derived or begun: what a component derives is frozen
 * once it left the page, and a timer set then would run for nobody. Called while the component is made.
 */
export function lifetime(): { readonly over: boolean } {
  let over = false;
  onDestroy(() => (over = true));
  return { get over() { return over; } };
}
