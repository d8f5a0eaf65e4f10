"""Invented people and homes of an invented town."""

from dataclasses import dataclass
from random import Random

CENTRE = "Светлоозёрский расчётный центр"
TOWN = "г. Светлоозёрск"
_STREETS = (
    "ул. Яблоневая",
    "ул. Кленовая",
    "ул. Озёрная",
    "ул. Журавлиная",
    "пер. Тихий",
    "пр-т Северного Ветра",
    "ул. Маячная",
    "б-р Рябиновый",
    "ул. Часовщиков",
    "ул. Трёх Мостов",
)
_SURNAMES = (
    "Берёзкин",
    "Ветров",
    "Горностаев",
    "Дождев",
    "Ельников",
    "Жаворонков",
    "Зимородков",
    "Ивушкин",
    "Камышин",
    "Листопадов",
    "Метелицын",
    "Орешников",
    "Подснежников",
    "Радугин",
    "Снегирёв",
    "Туманов",
    "Черёмухин",
    "Шишкарёв",
)
_MEN = ("Аркадий", "Богдан", "Вениамин", "Герман", "Емельян", "Захар", "Клим", "Лука", "Пётр")
_WOMEN = ("Агата", "Василиса", "Глафира", "Ева", "Зоя", "Кира", "Лидия", "Майя", "Фёкла")
_FATHERS = ("Аркадьев", "Богданов", "Германов", "Захаров", "Климов", "Петров", "Фёдоров")


@dataclass(frozen=True)
class Home:
    """Where and who: one account."""

    owner: str
    address: str
    residents: int
    area: int
    """Hundredths of a square metre."""


def home(random: Random, number: int) -> Home:
    """The `number`-th home of the town: forty flats to a house."""
    house, flat = divmod(number, 40)
    street = _STREETS[house % len(_STREETS)]
    surname, father = random.choice(_SURNAMES), random.choice(_FATHERS)
    if random.random() < 0.5:
        owner = f"{surname} {random.choice(_MEN)} {father}ич"
    else:
        owner = f"{surname}а {random.choice(_WOMEN)} {father}на"
    return Home(
        owner=owner,
        address=f"{TOWN}, {street}, д. {1 + house // len(_STREETS) * 2}, кв. {flat + 1}",
        residents=random.choice((1, 1, 2, 2, 3, 3, 4, 5)),
        area=random.randrange(2_800, 9_600, 10),
    )
