"""Households for the demo: invented people with names as they are common in Ukraine."""

from dataclasses import dataclass

_FAMILIES = (  # surname of a woman, of a man
    ("Бондаренко", "Бондаренко"),
    ("Ткачук", "Ткачук"),
    ("Лисенко", "Лисенко"),
    ("Мельникова", "Мельников"),
    ("Савицька", "Савицький"),
    ("Гончар", "Гончар"),
    ("Романюк", "Романюк"),
    ("Кравець", "Кравець"),
    ("Яремчук", "Яремчук"),
    ("Поліщук", "Поліщук"),
)
_WOMEN = (
    ("Олена", "Петрівна"),
    ("Наталія", "Іванівна"),
    ("Оксана", "Василівна"),
    ("Ірина", "Миколаївна"),
    ("Людмила", "Степанівна"),
)
_MEN = (
    ("Андрій", "Олексійович"),
    ("Микола", "Григорович"),
    ("Тарас", "Богданович"),
    ("Юрій", "Павлович"),
)
_ORIGINS = (
    "Донецька область, Маріуполь",
    "Луганська область, Сєвєродонецьк",
    "Запорізька область, Мелітополь",
    "Харківська область, Ізюм",
    "Херсонська область, Олешки",
)
_SHELTERS = (
    "Дніпро, вул. Робоча, 12",
    "Полтава, школа № 7",
    "Кременчук, гуртожиток, кімн. 31",
    "Черкаси, у родичів",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The ``number``-th invented household, always the same."""

    number: int

    def fields(self) -> dict[str, str]:
        """What a member of staff would type into the registration form."""
        n = self.number
        woman, man = _FAMILIES[n % len(_FAMILIES)]
        given, patronymic = _WOMEN[n % len(_WOMEN)]
        fields = {
            "surname-0": woman,
            "given_name-0": given,
            "patronymic-0": patronymic,
            "sex-0": "f",
            "born_on-0": f"{1 + n % 28:02d}.{1 + n % 12:02d}.{1948 + 7 * n % 55}",
            "origin": _ORIGINS[n % len(_ORIGINS)],
            "shelter": _SHELTERS[n % len(_SHELTERS)],
            "displaced_on": f"{2 + n % 26:02d}.03.2026",
            "phone": f"050 {100 + n % 900} {10 + n % 89} {11 + n % 88}",
            "consent": "yes",
        }
        if n % 3:
            given, patronymic = _MEN[n % len(_MEN)]
            fields |= {
                "surname-1": man,
                "given_name-1": given,
                "patronymic-1": patronymic,
                "sex-1": "m",
                "born_on-1": f"{1 + n % 27:02d}.{1 + (n + 5) % 12:02d}.{1950 + 11 * n % 60}",
                "relation-1": "spouse",
            }
        return fields
