"""Names as several alphabets spell them, brought to one form by which they meet.

The form is no spelling that anybody would write: letters that are taken for each other, as the
national transliterations of Ukrainian and Russian do (resolution 55 of the Cabinet of Ministers,
2010; ICAO Doc 9303 part 3), become one letter. Every Cyrillic letter becomes at most one.
"""

import re
import unicodedata

_CYRILLIC = str.maketrans(
    "абвгґдеєёжзиіїйыклмнопрстуфхцчшщюяэў",
    "abvhhdeeejziiiiiklmnoprstufhcqwwuaev",
    "ьъ",
)
_IS_CYRILLIC = re.compile("[\u0400-\u052f]")
_SILENT = re.compile(r"[^a-z0-9 ]")
# Several Latin letters that stand for one Cyrillic; the longest first.
_LATIN = (
    *(("shch", "w"), ("sch", "w"), ("sh", "w"), ("zh", "j"), ("kh", "h"), ("ch", "q")),
    *(("ts", "c"), ("tz", "c"), ("ph", "f"), ("ck", "k"), ("ya", "a"), ("ia", "a"), ("ja", "a")),
    *(("yu", "u"), ("iu", "u"), ("ju", "u"), ("ye", "e"), ("ie", "e"), ("je", "e"), ("yo", "e")),
    *(("yi", "i"), ("x", "ks")),
)
_LATIN_ONE = str.maketrans("gywj", "hivi")
_TWICE = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?:ei|ii|i)$")

# One name in Ukrainian and in Russian, where the letters alone do not bring them together.
_SAME = (
    "Олександр Александр;Олександра Александра;Олексій Алексей;Олена Елена Альона Алена;"
    "Сергій Сергей;Дмитро Дмитрий;Микола Николай;Михайло Михаил;Євген Евгений;Євгенія Евгения;"
    "Володимир Владимир;Тетяна Татьяна;Ганна Анна;Наталія Наталья;Катерина Екатерина;"
    "Павло Павел;Петро Петр;Йосип Иосиф;Кирило Кирилл;Данило Даниил;Микита Никита;"
    "Пилип Филипп;Степан Стефан;Надія Надежда;Дарія Дарья Дарина;Гнат Игнат Ігнат;"
    "Антоніна Антонина;Оксана Ксения Ксенія;Юрій Юрий Георгій Георгий;Матвій Матвей;"
    "Андрій Андрей;Тимофій Тимофей;Олег Олєг;Ілля Илья;Софія Софья;В'ячеслав Вячеслав;"
    "Світлана Светлана;Зінаїда Зинаида;Роман Роман;Федір Федор;Яків Яков;Лев Лєв;"
    "Соломія Саломея;Марія Марья;Віталій Виталий;Вікторія Виктория;Остап Евстафий"
)


def skeleton(name: str) -> str:
    """The letters that stay whoever wrote the name; of a part of a name, a part. Never raises."""
    text = unicodedata.normalize("NFKC", name).casefold()
    cyrillic = _IS_CYRILLIC.search(text) is not None
    if cyrillic:
        text = text.translate(_CYRILLIC)
    if not text.isascii():
        parts = unicodedata.normalize("NFD", text)
        text = "".join(one for one in parts if not unicodedata.combining(one))
    text = _SILENT.sub("", text.replace("-", " "))
    return " ".join(_TWICE.sub(r"\1", text if cyrillic else _latin(text)).split())


def canonical(name: str) -> str:
    """``skeleton`` without the endings in which languages differ, and one for names that meet."""
    bare = _bare(name)
    return _CANONICAL.get(bare, bare)


def _bare(name: str) -> str:
    return _ENDING.sub("", skeleton(name).replace("ia", "a"))  # Latin "ia" is я as well as ія


def _latin(text: str) -> str:
    marks = {}
    for place, (letters, one) in enumerate(_LATIN):
        mark = chr(0xE000 + place)  # so that what is replaced is not replaced again
        marks[ord(mark)] = one
        text = text.replace(letters, mark)
    return text.translate(_LATIN_ONE).translate(marks)


def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _SAME.split(";"):
        same = [_bare(name) for name in line.split()]
        found |= dict.fromkeys(same, same[0])
    return found


_CANONICAL = _table()
