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
  close: 'Закрыть',
  more: 'Показать ещё',
  languageName: 'Русский',
  otherLanguage: 'English',
  days: (n: number) => ruWord(n, 'день', 'дня', 'дней'),
  seconds: (n: number) => ruWord(n, 'секунду', 'секунды', 'секунд'),
  wait: (seconds: number) => {
    const { count, unit } = waitOf(seconds);
    return `через\u00a0${WAIT[unit](count)}`;
  },
  nav: { label: 'Разделы', home: 'Главная', readings: 'Показания', payments: 'Платежи', profile: 'Профиль', signIn: 'Вход', badge: (n: number) => ruWord(n, 'дело', 'дела', 'дел') },
  trouble: {
    title: 'Не получилось',
    unreachable: 'Нет связи с кабинетом. Проверьте интернет и повторите.',
    offlineTitle: 'Нет связи',
    offlineText: 'Кабинет откроется сам, как только появится интернет. Показания можно записать и без него.',
    serverTitle: 'Кабинет не отвечает',
    serverText: 'Интернет есть, но кабинет сейчас не отвечает. Ничего не потеряно: повторим через минуту. Показания можно записать и сейчас.',
    notFound: 'Такой страницы нет',
    notFoundText: 'Возможно, ссылка устарела.',
    home: 'На главную',
    later: (wait: string) => `Следующая попытка — ${wait}.`,
    summary: 'Проверьте поля',
  },
  update: { text: 'Вышла новая версия кабинета.', now: 'Обновить' },
};
