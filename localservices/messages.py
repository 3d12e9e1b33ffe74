"""Every sentence that a person can be shown, by language. Each slice brings its own."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("uk", "en")  # the first is the one for whoever asks for neither


@dataclass(frozen=True, slots=True)
class Messages:
    """Sentences with ``{placeholders}``, by language and then by key."""

    by_language: Mapping[str, Mapping[str, str]]

    def sentence(self, language: str, key: str, **facts: object) -> str:
        """Raises KeyError for a key or a placeholder that is not there: we were wrong."""
        return self.by_language[language][key].format(**facts)

    def has(self, key: str) -> bool:
        return key in self.by_language[LANGUAGES[0]]


def load(folders: Iterable[Path]) -> Messages:
    """Read ``<folder>/<language>.json`` of each folder into one catalogue; keys must not clash."""
    by_language: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for folder in folders:
        for language, known in by_language.items():
            found = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
            assert not known.keys() & found.keys(), f"keys of {folder} are taken"
            known.update(found)
    return Messages(by_language)
