"""A settings file: TOML, read once, every key known, every value of its kind, then frozen."""

import difflib
import tomllib
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")

FILE_BYTES_MAX = 64 * 1024

_KINDS = {str: "text", int: "a whole number", bool: "true or false", Path: "a path"}


class SettingsError(Exception):
    """The settings cannot be used. ``str(error)`` is one sentence that says what to change."""


def read(path: Path, shape: type[T]) -> T:
    """Read a file into ``shape``, a dataclass of text, numbers, paths and further dataclasses.

    Relative paths are meant from the file's own folder.

    Raises:
        SettingsError: unreadable, no TOML, or not of this shape.
    """
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    if len(text) > FILE_BYTES_MAX:
        raise SettingsError(f"{path} is far too large for a settings file.")
    try:
        table = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not written as TOML: {error}.") from error
    return _filled(table, shape, path, "")


def _filled(table: dict[str, Any], shape: type[T], path: Path, inside: str) -> T:
    assert is_dataclass(shape)
    known = {one.name: one for one in fields(shape)}
    for key in table:
        if key not in known:
            raise SettingsError(f"{path}: {_unknown(inside + key, key, list(known))}")
    kinds = get_type_hints(shape)
    values = {
        name: _value(table[name], kinds[name], path, inside + name)
        for name in known
        if name in table
    }
    missing = [inside + one.name for one in known.values() if _must(one) and one.name not in table]
    if missing:
        raise SettingsError(f"{path}: {missing[0]} is missing; every file must say it.")
    return shape(**values)


def _value(value: object, kind: Any, path: Path, name: str) -> object:
    choices = [choice for choice in get_args(kind) if choice is not type(None)]
    kind = choices[0] if choices else kind
    if is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, dict):
            return _filled(value, kind, path, f"{name}.")
        raise SettingsError(f"{path}: {name} must be a section, [{name}].")
    plain = str if kind is Path else kind
    if type(value) is not plain:
        raise SettingsError(f"{path}: {name} must be {_KINDS[kind]}, not {value!r}.")
    return path.parent / str(value) if kind is Path else value


def _must(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _unknown(name: str, key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
    return f"{name} is not a setting; {hint}"
