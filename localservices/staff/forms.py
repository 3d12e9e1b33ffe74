"""From what the sign-in pages send to a name and a passphrase."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from localservices.refusal import FormRefusal, Refusal
from localservices.text import clean
from sync.store.keys import Role

NAME_CHARS_MAX = 60
PASSPHRASE_CHARS_MIN = 12
PASSPHRASE_CHARS_MAX = 200
_DIFFERENT_CHARS_MIN = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    name: str
    passphrase: str = field(repr=False)


def read_sign_in(fields: Mapping[str, str]) -> Credentials:
    """Raises FormRefusal. A passphrase is not judged here, so that old ones go on working."""
    name, passphrase = clean(fields.get("name", "")), _passphrase(fields)
    problems = {}
    if not 0 < len(name) <= NAME_CHARS_MAX:
        problems["name"] = Refusal("staff.name_missing", most=NAME_CHARS_MAX)
    if not 0 < len(passphrase) <= PASSPHRASE_CHARS_MAX:
        problems["passphrase"] = Refusal("staff.passphrase_missing")
    if problems:
        raise FormRefusal(problems)
    return Credentials(name, passphrase)


def read_new_account(fields: Mapping[str, str]) -> Credentials:
    """Raises FormRefusal."""
    name, passphrase = clean(fields.get("name", "")), _passphrase(fields)
    problems = {}
    if not 0 < len(name) <= NAME_CHARS_MAX:
        problems["name"] = Refusal("staff.name_missing", most=NAME_CHARS_MAX)
    if not PASSPHRASE_CHARS_MIN <= len(passphrase) <= PASSPHRASE_CHARS_MAX:
        problems["passphrase"] = Refusal("staff.passphrase_short", least=PASSPHRASE_CHARS_MIN)
    elif len(set(passphrase)) < _DIFFERENT_CHARS_MIN or name.casefold() == passphrase.casefold():
        problems["passphrase"] = Refusal("staff.passphrase_plain")
    elif passphrase != _composed(fields.get("passphrase_again", "")):
        problems["passphrase_again"] = Refusal("staff.passphrase_differs")
    if problems:
        raise FormRefusal(problems)
    return Credentials(name, passphrase)


def read_role(fields: Mapping[str, str]) -> Role:
    """Raises FormRefusal."""
    try:
        return Role(fields.get("role", ""))
    except ValueError as error:
        raise FormRefusal({"role": Refusal("staff.role_missing")}) from error


def _passphrase(fields: Mapping[str, str]) -> str:
    return _composed(fields.get("passphrase", ""))


def _composed(text: str) -> str:
    """The same bytes from every keyboard, whether it sends letters composed or in parts."""
    return unicodedata.normalize("NFC", text)
