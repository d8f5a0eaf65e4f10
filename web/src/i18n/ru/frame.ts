// Made from messages/ru/frame.json by npm run texts.
import { ru } from "@messageformat/runtime/lib/cardinals";
import { plural, select } from "@messageformat/runtime";

export const frame = {
  brand: "Личный кабинет",
  skip: "К содержанию",
  loading: "Загружаем…",
  loadingLong: "Загружаем дольше обычного. Подождите ещё немного или проверьте связь.",
  retry: "Повторить",
  cancel: "Отмена",
  save: "Сохранить",
  saved: "Сохранено",
  back: "Назад",
  close: "Закрыть",
  more: "Показать ещё",
  languageName: "Русский",
  otherLanguage: "English",
  days: (d: { n: number }) => plural(d.n, 0, ru, { one: d.n + " день", few: d.n + " дня", other: d.n + " дней" }) as string,
  seconds: (d: { n: number }) => plural(d.n, 0, ru, { one: d.n + " секунду", few: d.n + " секунды", other: d.n + " секунд" }) as string,
  wait: (d: { unit: string; count: number }) => "через " + select(d.unit, { second: plural(d.count, 0, ru, { one: d.count + " секунду", few: d.count + " секунды", other: d.count + " секунд" }), minute: plural(d.count, 0, ru, { one: d.count + " минуту", few: d.count + " минуты", other: d.count + " минут" }), other: plural(d.count, 0, ru, { one: d.count + " час", few: d.count + " часа", other: d.count + " часов" }) }),
  nav: {
    label: "Разделы",
    home: "Главная",
    readings: "Показания",
    payments: "Платежи",
    profile: "Профиль",
    signIn: "Вход",
    badge: (d: { n: number }) => plural(d.n, 0, ru, { one: d.n + " дело", few: d.n + " дела", other: d.n + " дел" }) as string,
  },
  trouble: {
    title: "Не получилось",
    unreachable: "Нет связи с кабинетом. Проверьте интернет и повторите.",
    offlineTitle: "Нет связи",
    offlineText: "Кабинет откроется сам, как только появится интернет. Показания можно записать и без него.",
    serverTitle: "Кабинет не отвечает",
    serverText: "Интернет есть, но кабинет сейчас не отвечает. Ничего не потеряно: повторим через минуту. Показания можно записать и сейчас.",
    notFound: "Такой страницы нет",
    notFoundText: "Возможно, ссылка устарела.",
    home: "На главную",
    later: (d: { wait: string | number }) => "Следующая попытка — " + d.wait + ".",
    summary: "Проверьте поля",
  },
  update: {
    text: "Вышла новая версия кабинета.",
    now: "Обновить",
  },
};
