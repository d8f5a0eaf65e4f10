import type { bill as same } from '../ru/bill';

export const bill: typeof same = {
  bill: {
    title: (period) => `Bill of ${period}`,
    month: 'Month',
    service: 'Service',
    volume: 'Volume',
    tariff: 'Tariff',
    total: 'Total',
    insurance: 'Optional',
    benefit: 'Benefit',
    recalculation: 'Recalculation',
    penalty: 'Penalty',
    individual: 'Own use',
    common: 'Shared by the house',
    charged: 'Charged',
    supplier: 'Supplier',
    none: 'No bills yet',
    noneText: 'The first one comes when the month is closed.',
    due: (day) => `Pay by ${day}`,
  },
};
