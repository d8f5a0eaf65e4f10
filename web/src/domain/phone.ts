/** Phones as people type and paste them; the server has the last word. */

const FOREIGN = /^\s*\+(?!7)/;

/** Where in `typed` the ten digits after +7 stand; fewer while typing. */
function places(typed: string): number[] {
  const digits = [...typed].flatMap((character, place) => (/[0-9]/.test(character) ? [place] : []));
  const at = (n: number) => typed[digits[n] ?? -1];
  // +7…, 7…, 8… name the country first.
  if (/^\s*(\+?7|8)/.test(typed) || (digits.length > 10 && /[78]/.test(at(0) ?? ''))) digits.shift();
  // A whole number was typed or pasted after the +7 that stood there.
  if (digits.length > 10 && /[78]/.test(at(0) ?? '')) digits.shift();
  return digits.slice(0, 10);
}

function formatted(national: string): string {
  const parts = [national.slice(0, 3), national.slice(3, 6)].filter(Boolean).join(' ');
  const rest = [national.slice(6, 8), national.slice(8, 10)].filter(Boolean).map((part) => `-${part}`).join('');
  return `+7 ${parts}${rest}`;
}

/**
 * What stands in the field when it holds `typed` with the caret at `caret`, and where the caret then is:
 * after the same digit, so that one can edit in the middle. Numbers of other countries stay as they are.
 */
export function maskedPhone(typed: string, caret: number, deleting: boolean): { text: string; caret: number } {
  if (FOREIGN.test(typed)) return { text: typed, caret };
  const kept = places(typed);
  if (!kept.length) {
    const text = deleting || !/[78]/.test(typed) ? '' : '+7 ';
    return { text, caret: text.length };
  }
  const text = formatted(kept.map((place) => typed[place]).join(''));
  let left = kept.filter((place) => place < caret).length;
  if (left === kept.length) return { text, caret: text.length };
  let place = '+7 '.length;
  while (left > 0) if (/[0-9]/.test(text[place++] ?? '')) left -= 1;
  return { text, caret: place };
}

/** `+7 900 000-01-01`, as far as it is typed. Numbers of other countries stay as they are. */
export function shownPhone(typed: string): string {
  return maskedPhone(typed, typed.length, false).text;
}

/** What goes to the server: `+79000000101`, or null when digits are missing. */
export function sentPhone(typed: string): string | null {
  if (FOREIGN.test(typed)) {
    const digits = typed.replace(/\D/g, '');
    return digits.length >= 8 ? `+${digits}` : null;
  }
  const kept = places(typed);
  return kept.length === 10 ? `+7${kept.map((place) => typed[place]).join('')}` : null;
}
