"""The trust lists on this node: read again whenever they change; a spoiled one changes nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from localservices.verification import trust_files
from localservices.verification.trust import TrustList
from localservices.verification.trust_files import TrustFileError

# A list that central sent, and when it last said that there is no newer one (Unix milliseconds).
Given = Sequence[tuple[Path, int | None]]

log = logging.getLogger(__name__)


class TrustShelf:
    """The node's trust lists: read again whenever they change; a spoiled one changes nothing.

    Attributes:
        problem: why what is there now is not in force; None: it is.
    """

    def __init__(self, path: Path | None, catalogue: Callable[[], Given] = tuple) -> None:
        """``catalogue`` gives the lists that central sent; where it has none, ``path`` serves."""
        self.problem: str | None = None
        self._path, self._catalogue = path, catalogue
        self._version: object = None  # nothing was read yet
        self._lists: tuple[TrustList, ...] = ()

    def current(self) -> tuple[TrustList, ...]:
        given = self._catalogue()
        if given:
            self._renew(given, lambda: [_as_given(*one) for one in given])
        elif (path := self._path) is not None:
            self._renew(_version(path), lambda: list(trust_files.read_all(path)))
        return self._lists

    def _renew(self, version: object, take: Callable[[], list[TrustList]]) -> None:
        if version == self._version:
            return
        self._version = version
        try:
            self._lists, self.problem = tuple(take()), None
        except TrustFileError as error:
            before = self._lists or (TrustList(),)
            self._lists = tuple(replace(one, is_superseded=True) for one in before)
            self.problem = str(error)
            log.error("%s What was known before stays in force.", self.problem)  # noqa: TRY400
            return
        for one in self._lists:
            log.info("trust list: %d keys, %d entries spoiled", len(one.by_kid), one.spoiled)


def _as_given(path: Path, confirmed_ms: int | None) -> TrustList:
    """As old as central's word that there is no newer one; without it as old as the list says."""
    found = trust_files.read(path)
    return found if confirmed_ms is None else replace(found, made_at_ms=confirmed_ms)


def _version(path: Path) -> object:
    """Something that differs when the list does. Never None."""
    try:
        files = list(trust_files.files(path)) if path.is_dir() else [path]
        return [(each.name, each.stat().st_mtime_ns, each.stat().st_ino) for each in files]
    except OSError as error:
        return error.errno
