"""A scanner that acts as a keyboard presses keys, and means the letters of an American keyboard.

Where the computer's own layout is the Ukrainian one, other signs come out. Which key each was is
known, so what was meant is too.
"""

import re

_UKRAINIAN = "йцукенгшщзхїфівапролджєячсмитьбю.ґЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ,Ґ\"№;:?'₴"
_AMERICAN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./\\QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?|@#$^&`~"
_MEANT = str.maketrans(_UKRAINIAN, _AMERICAN)
_CYRILLIC, _LATIN = re.compile("[А-ЯІЇЄҐа-яіїєґ]"), re.compile("[A-Za-z]")


def meant(text: str) -> str:
    """What an American keyboard gives for the same keys; a text with Latin letters is as meant."""
    if _LATIN.search(text) or not _CYRILLIC.search(text):
        return text
    return text.translate(_MEANT)
