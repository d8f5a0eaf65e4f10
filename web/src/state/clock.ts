/** The present moment as the server tells it: a device whose clock is wrong still counts days right. */
import { today } from '../domain/dates';

let ahead = 0;

export const clock = {
  /** Every good answer of the API says its moment. */
  heard(moment: string | null): void {
    const then = moment ? Date.parse(moment) : NaN;
    if (!Number.isNaN(then)) ahead = then - Date.now();
  },
  now: (): Date => new Date(Date.now() + ahead),
  /** The Moscow day. */
  today: (): string => today(clock.now()),
};
