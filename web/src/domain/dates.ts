/** Days (`2026-11-22`) are Moscow days; moments are UTC and shown in Moscow time. */
import type { Lang } from '../i18n/texts';
import { dateFormat } from './formats';

const at = (day: string) => new Date(`${day}T00:00:00Z`);
const DAY_MS = 86_400_000;

/** `22 ноября`. */
export function day(value: string, lang: Lang): string {
  return dateFormat(lang, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(at(value));
}

/** `22 ноября 2026`. */
export function fullDay(value: string, lang: Lang): string {
  return without(dateFormat(lang, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(at(value)));
}

/** `22 ноября 2026, 14:05`, in Moscow. */
export function moment(value: string, lang: Lang): string {
  return without(
    dateFormat(lang, { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Moscow' }).format(new Date(value)),
  );
}

/** `22 ноября, 14:05`, in Moscow: under a heading that names the year. */
export function dayAndTime(value: string, lang: Lang): string {
  return without(
    dateFormat(lang, { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Moscow' }).format(new Date(value)),
  );
}

/** `ноябрь 2026`. */
export function period(value: string, lang: Lang): string {
  return without(dateFormat(lang, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(at(`${value}-01`)));
}

/** `ноя`: three letters, for under a chart. */
export function shortMonth(value: string, lang: Lang): string {
  return dateFormat(lang, { month: 'short', timeZone: 'UTC' }).format(at(`${value}-01`)).slice(0, 3);
}

/** The period `months` later; earlier when negative. */
export function laterPeriod(value: string, months: number): string {
  const [year = 0, month = 1] = value.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 7);
}

/** Every period from `first` to `last`, both included; none when they are the other way round. */
export function periodsBetween(first: string, last: string): string[] {
  const found: string[] = [];
  for (let each = first; each <= last; each = laterPeriod(each, 1)) found.push(each);
  return found;
}

/** Periods before `today`, newest first. */
export function periodsBefore(today: string, count: number): string[] {
  return Array.from({ length: count }, (_, back) => laterPeriod(today.slice(0, 7), -1 - back));
}

/** Today's day in Moscow. */
export function today(now: Date = new Date()): string {
  return dateFormat('sv', { timeZone: 'Europe/Moscow' }).format(now);
}

/** Whole days from `from` to `to`. */
export function daysBetween(from: string, to: string): number {
  return Math.round((at(to).getTime() - at(from).getTime()) / DAY_MS);
}

const without = (text: string) => text.replace(/[\s\u00a0]г\.(?=$|,|\s)/, '').replace(' в ', ', ').replace(' at ', ', ');

/** Seconds to wait as whole seconds, minutes or hours, rounded up: nobody counts 2,220 seconds. */
export function waitOf(seconds: number): { count: number; unit: 'second' | 'minute' | 'hour' } {
  if (seconds <= 90) return { count: Math.max(1, Math.ceil(seconds)), unit: 'second' };
  if (seconds <= 90 * 60) return { count: Math.ceil(seconds / 60), unit: 'minute' };
  return { count: Math.ceil(seconds / 3600), unit: 'hour' };
}
