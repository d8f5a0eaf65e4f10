/** A birth date typed as day, month and year. */

/** `1980-03-27`; undefined while all three are empty, null when there is no such day. */
export function birthDate(day: string, month: string, year: string): string | null | undefined {
  const parts = [day, month, year].map((part) => part.trim());
  if (parts.every((part) => !part)) return undefined;
  if (!/^\d{1,2}$/.test(parts[0] ?? '') || !/^\d{1,2}$/.test(parts[1] ?? '') || !/^\d{4}$/.test(parts[2] ?? '')) return null;
  const [d = 0, m = 0, y = 0] = parts.map(Number);
  const date = new Date(Date.UTC(y, m - 1, d));
  return date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d ? date.toISOString().slice(0, 10) : null;
}
