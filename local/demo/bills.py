"""A month's bill of the demo centre: services, tariffs, volumes, all in whole numbers.

Volumes are thousandths of a unit, tariffs and amounts kopecks; an amount is rounded half up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

WATER, HEAT, POWER, HOUSE, WASTE, FUND, INSURER = (
    "Озёрный водоканал",
    "Светлоозёрские тепловые сети",
    "Маячная энергосбытовая компания",
    "Управляющая компания «Тихий двор»",
    "Чистый берег",
    "Фонд капитального ремонта",
    "Страховое общество «Зонтик»",
)
COLD = "Холодное водоснабжение"
HOT = "Горячая вода (носитель)"
ELECTRICITY = "Электроснабжение"
INSURANCE = "Добровольное страхование"
COLD_TARIFF, HOT_TARIFF, DRAIN_TARIFF = 5_612, 5_980, 4_415
POWER_TARIFFS = {1: (712,), 2: (819, 356), 3: (890, 741, 356)}
ZONE_NAMES = {
    1: ("",),
    2: (" (день)", " (ночь)"),
    3: (" (пик)", " (полупик)", " (ночь)"),
}
HEATING_MONTHS = {10, 11, 12, 1, 2, 3, 4}
SUPPLIERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "1": (WATER, (COLD, "Водоотведение", HOT)),
    "2": (HEAT, ("Горячая вода (энергия)", "Отопление")),
    "3": (POWER, (ELECTRICITY,)),
    "4": (HOUSE, ("Содержание жилого помещения", "Домофон")),
    "5": (WASTE, ("Обращение с отходами",)),
    "6": (FUND, ("Взнос на капитальный ремонт",)),
    "7": (INSURER, (INSURANCE,)),
}


@dataclass
class Household:
    """What its bills are made from."""

    area: int
    residents: int
    zones: int
    intercom: bool
    common_power: bool
    insured: bool
    benefit: bool
    meters: dict[str, list[int]] = field(default_factory=dict)
    """Values by device (`cold`, `hot`, `power`), thousandths, one per zone."""


def used(random: Random, household: Household) -> dict[str, list[int]]:
    """What a month uses by device."""
    people = household.residents
    return {
        "cold": [people * random.randrange(2_100, 4_600)],
        "hot": [people * random.randrange(1_200, 3_100)],
        "power": [people * random.randrange(28, 75) * 1_000 for _ in range(household.zones)],
    }


def lines(
    random: Random, household: Household, month: int, usage: Mapping[str, Sequence[int]], debt: int
) -> list[dict[str, Any]]:
    """The lines of a month's bill: 8 to 14."""
    area = household.area * 10
    cold, hot = usage["cold"][0], usage["hot"][0]
    made = [
        _line("Содержание жилого помещения", HOUSE, area, "м²", 3_462),
        _line("Взнос на капитальный ремонт", FUND, area, "м²", 1_284),
        _line(COLD, WATER, cold, "м³", COLD_TARIFF, common=random.randrange(0, 900)),
        _line("Водоотведение", WATER, cold + hot, "м³", DRAIN_TARIFF),
        _line(HOT, WATER, hot, "м³", HOT_TARIFF),
        _line("Горячая вода (энергия)", HEAT, hot * 57 // 1_000, "Гкал", 312_045),
        _line("Обращение с отходами", WASTE, household.residents * 1_000, "чел.", 15_618),
    ]
    names, tariffs = ZONE_NAMES[household.zones], POWER_TARIFFS[household.zones]
    made += [
        _line(f"{ELECTRICITY}{name}", POWER, volume, "кВт·ч", tariff)
        for name, tariff, volume in zip(names, tariffs, usage["power"], strict=True)
    ]
    if household.common_power:
        made.append(_line("Электроэнергия на общее имущество", POWER, area // 40, "кВт·ч", 712))
    if month in HEATING_MONTHS:
        made.append(_line("Отопление", HEAT, area * 21 // 1_000, "Гкал", 312_045))
    if household.intercom:
        made.append(_line("Домофон", HOUSE, 1_000, "шт.", 6_500))
    if household.benefit:
        _change(made[1], benefit=made[1]["charged"] // 2)
    if random.random() < 0.03:
        _change(made[2], recalculation=-random.randrange(1_000, 9_000))
    if debt > 300_000:
        _change(made[0], penalty=debt // 2_500)
    if household.insured:
        made.append(_line(INSURANCE, INSURER, area, "м²", 200) | {"insurance": True})
    return made


def _line(
    service: str, supplier: str, volume: int, unit: str, tariff: int, common: int = 0
) -> dict[str, Any]:
    individual = (volume * tariff + 500) // 1_000
    return {
        "service": service,
        "supplier": supplier,
        "volume": thousandths(volume),
        "unit": unit,
        "tariff": f"{tariff // 100}.{tariff % 100:02d}",
        "charged": individual + common,
        "individual": individual,
        "common": common,
        "benefit": 0,
        "recalculation": 0,
        "penalty": 0,
        "total": individual + common,
        "insurance": False,
    }


def _change(line: dict[str, Any], **changed: int) -> None:
    line.update(changed)
    line["total"] = line["charged"] - line["benefit"] + line["recalculation"] + line["penalty"]


def thousandths(value: int) -> str:
    """`120500` is `120.500`."""
    return f"{value // 1_000}.{value % 1_000:03d}"
