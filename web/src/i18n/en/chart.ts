import type { chart as same } from '../ru/chart';

export const chart: typeof same = {
  chart: {
    table: 'The same figures as a table',
    month: 'Month',
    noData: 'no data',
  },
};
