/** Phones as people type and paste them; the server has the last word. */

/** The ten digits after +7 of whatever was typed; fewer while typing. */
function national(typed: string): string {
  let digits = typed.replace(/\D/g, '');
  if (/^\s*\+?7/.test(typed) || (digits.length > 10 && /^[78]/.test(digits)) || /^\s*8/.test(typed)) digits = digits.slice(1);
  return digits.slice(0, 10);
}

/** `+7 900 000-01-01`, as far as it is typed. Numbers of other countries stay as they are. */
export function shownPhone(typed: string): string {
  if (/^\s*\+(?!7)\d/.test(typed)) return typed;
  const n = national(typed);
  if (!n) return typed.trim() === '' ? '' : '+7 ';
  const parts = [n.slice(0, 3), n.slice(3, 6)].filter(Boolean).join(' ');
  const rest = [n.slice(6, 8), n.slice(8, 10)].filter(Boolean).map((part) => `-${part}`).join('');
  return `+7 ${parts}${rest}`;
}

/** What goes to the server: `+79000000101`, or null when digits are missing. */
export function sentPhone(typed: string): string | null {
  if (/^\s*\+(?!7)\d/.test(typed)) return `+${typed.replace(/\D/g, '')}`;
  const n = national(typed);
  return n.length === 10 ? `+7${n}` : null;
}
