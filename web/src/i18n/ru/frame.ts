import { ruWord, waitOf } from '../plural';

const WAIT = {
  second: (n: number) => ruWord(n, 'секунду', 'секунды', 'секунд'),
  minute: (n: number) => ruWord(n, 'минуту', 'минуты', 'минут'),
  hour: (n: number) => ruWord(n, 'час', 'часа', 'часов'),
};

export const frame = {
  brand: 'Личный кабинет',
  skip: 'К содержанию',
  loading: 'Загружаем…',
  retry: 'Повторить',
  cancel: 'Отмена',
  save: 'Сохранить',
  saved: 'Сохранено',
  back: 'Назад',
  more: 'Показать ещё',
  languageName: 'Русский',
  otherLanguage: 'English',
  days: (n: number) => ruWord(n, 'день', 'дня', 'дней'),
  seconds: (n: number) => ruWord(n, 'секунду', 'секунды', 'секунд'),
  wait: (seconds: number) => {
    const { count, unit } = waitOf(seconds);
    return `через\u00a0${WAIT[unit](count)}`;
  },
  nav: { label: 'Разделы', home: 'Главная', payments: 'Платежи', profile: 'Профиль', signIn: 'Вход' },
  trouble: {
    title: 'Не получилось',
    unreachable: 'Нет связи с кабинетом. Проверьте интернет и повторите.',
    offlineTitle: 'Нет связи',
    notFound: 'Такой страницы нет',
    notFoundText: 'Возможно, ссылка устарела.',
    home: 'На главную',
    later: (wait: string) => `Следующая попытка — ${wait}.`,
    summary: 'Проверьте поля',
  },
};
