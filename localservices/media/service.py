"""Attaching files, and how far each has come. Knows no HTTP and no HTML."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from localservices import sniff
from localservices.desk import Desk
from localservices.media import files
from localservices.media.files import KnownFile
from localservices.media.forms import Said
from localservices.media.preview import Previews
from localservices.places import place_of
from localservices.refusal import FormRefusal, Refusal
from sync.store.draft import Draft
from sync.store.media import Media
from sync.store.runs import Original
from sync.store.store import Receipt
from sync.wire.kinds.media import FILE_BYTES_MAX, MediaFile
from sync.wire.lanes import Lane
from sync.wire.places import Stream, public_id

SHOWN_MAX = 30  # files on one page
_ID_BYTES = 16


class Stage(StrEnum):
    """How far a file has come."""

    SAVED = "saved"  # here only
    TOLD = "told"  # central has its description and preview, and not yet all of its pieces
    HELD = "held"  # central has all of it


@dataclass(frozen=True, slots=True)
class Found:
    """A file at this node. ``known`` is None where the working set does not show it.

    ``original`` is None once no piece of it is here any more: central's backup holds it.
    """

    public_id: str
    saved_ms: int | None  # None: its description has left, only pieces are here
    stage: Stage
    known: KnownFile | None
    original: Original | None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list. ``number`` counts from 1."""

    lines: tuple[Found, ...]
    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """What this slice needs beside the desk."""

    media: Media
    previews: Previews
    keeps_names: bool  # whether the files' own names are kept: they may tell more than the file


def attach(desk: Desk, shelf: Shelf, draft: Draft, said: Said, name: str | None) -> Receipt:
    """Save a file and what was said of it; the same form with the same file saves it once.

    Raises:
        FormRefusal: there is no file, or it is too large.
        StoreFullError, StoreFailedError: nothing was saved.
    """
    if not draft.size:
        raise FormRefusal({"file": Refusal("media.file_missing")})
    if draft.size > FILE_BYTES_MAX:
        raise FormRefusal({"file": Refusal("media.file_large")})
    draft.seek(0)
    media_type = sniff.media_type(draft.read(sniff.HEAD_BYTES) or b"")
    sha256 = draft.sha256()
    file = MediaFile(
        sha256,
        draft.size,
        media_type,
        desk.staff_name,
        said.about,
        said.note,
        name if shelf.keeps_names else None,
        shelf.previews.of(draft, draft.size, media_type),
    )
    # Another file in a form that is sent again is another act.
    once = hashlib.sha256(said.form_id + sha256).digest()[:_ID_BYTES]
    return shelf.media.keep(draft, file, once)


def find(desk: Desk, shelf: Shelf, name: str) -> Found | None:
    """A file's journey, and what it is while the working set is open; None: not on this node."""
    place = place_of(desk.store, name, Lane.WORK)
    if place is None:
        return None
    known = None
    if desk.can_read:
        with desk.reading() as db:
            known = files.by_public_id(db, name)
    original = shelf.media.original(known.file.sha256) if known else _told_by(shelf, place)
    journey = desk.store.journey(*place)
    if journey is None:  # it has left, behind central's backup
        return Found(name, None, _stage(original, told=True), None, original) if original else None
    stage = _stage(original, told=journey.held_ms is not None)
    return Found(name, journey.saved_ms, stage, known, original)


def newest(desk: Desk, shelf: Shelf, about: str | None, number: int) -> Page:
    """One page of the files, the newest first. Raises LockedError."""
    with desk.reading() as db:
        known = files.newest(db, about, SHOWN_MAX + 1, (number - 1) * SHOWN_MAX)
    held = {track.stream: track.held for track in desk.store.tracks()}
    lines = tuple(_line(shelf, one, held) for one in known[:SHOWN_MAX])
    return Page(lines, number, len(known) > SHOWN_MAX)


def bare(desk: Desk, shelf: Shelf) -> tuple[Found, ...]:
    """Files on their way of which nothing else can be shown: locked, or described long ago."""
    held = {track.stream: track.held for track in desk.store.tracks()}
    found = tuple(
        Found(
            public_id(desk.store.node_id, one.told, one.told_seq),
            None,
            _stage(one, told=one.told_seq <= held.get(one.told, 0)),
            None,
            one,
        )
        for one in shelf.media.originals()
        if not one.is_held
    )
    if not desk.can_read:
        return found
    with desk.reading() as db:
        return tuple(one for one in found if files.by_public_id(db, one.public_id) is None)


def _line(shelf: Shelf, one: KnownFile, held: dict[Stream, int]) -> Found:
    original = shelf.media.original(one.file.sha256)
    stage = _stage(original, told=one.seq <= held.get(one.stream, 0))
    return Found(one.public_id, one.saved_ms, stage, one, original)


def _stage(original: Original | None, *, told: bool) -> Stage:
    if not told:
        return Stage.SAVED
    return Stage.TOLD if original is not None and not original.is_held else Stage.HELD


def _told_by(shelf: Shelf, place: tuple[Stream, int]) -> Original | None:
    told = ((one, (one.told, one.told_seq)) for one in shelf.media.originals())
    return next((one for one, at in told if at == place), None)
