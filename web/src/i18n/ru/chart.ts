export const chart = {
  chart: {
    table: 'Те же цифры таблицей',
    month: 'Месяц',
    noData: 'нет данных',
  },
};
