"""Taking an item of evidence so that it stays whole, proven, and closed even to this node.

Each file is encrypted under a key of its own before it is kept; the keys and all that is said lie
in the record, sealed to central alone. When a request ends, nobody here can read any of it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from localservices import once
from localservices.desk import Desk
from localservices.evidence.forms import Said, Sort
from localservices.places import place_of
from localservices.refusal import FormRefusal, Refusal
from localservices.uploads import Uploads
from sync.store import outbox
from sync.store.draft import Draft
from sync.store.media import Media
from sync.store.store import Journey, Receipt
from sync.wire import testimony
from sync.wire.entries import Stamp
from sync.wire.kinds.evidence import (
    FILES_MAX,
    ITEM_BYTES,
    SEALED_FILE,
    EvidenceGiven,
    SightingGiven,
    WitnessGiven,
)
from sync.wire.kinds.media import FILE_BYTES_MAX, MediaFile
from sync.wire.lanes import Lane
from sync.wire.records import Record
from sync.wire.seal import SealingKey
from sync.wire.sign import SigningKey
from sync.wire.testimony import FILE_KEY_BYTES

SHIFT_MS = 12 * 3_600_000  # a verdict of an earlier shift is judged anew
_READ_BYTES = 256 * 1024
_GIVEN: dict[Sort, type[EvidenceGiven | SightingGiven]] = {
    Sort.EVIDENCE: EvidenceGiven,
    Sort.SIGHTING: SightingGiven,
}


@dataclass(frozen=True, slots=True)
class Cabinet:
    """What this slice needs beside the desk."""

    media: Media
    received: Uploads
    central: SealingKey
    signing: SigningKey
    stamp: Callable[[], Stamp]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it came: ``sha256`` was counted while it was received."""

    draft: Draft
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How far an item has come."""

    journey: Journey | None  # None: it has left, behind central's backup
    files_left: int  # files of this node that are not yet whole at central


def give(desk: Desk, cabinet: Cabinet, said: Said, files: Sequence[Attached]) -> Receipt:
    """Save an item with its files and, apart, who gave it; the same form saves it once.

    Raises:
        FormRefusal: the person is not verified, or a file does not serve.
        StoreFullError, StoreFailedError: not all was saved; send the form again.
    """
    known = desk.store.look(lambda db: outbox.by_once(db, said.form_id))
    if known is not None:
        return Receipt(desk.store.node_id, known.stream, known.seq, known.saved_ms, repeated=True)
    _check_files(files)
    grounds = _grounds(desk, said)
    item, stamp = os.urandom(ITEM_BYTES), cabinet.stamp()
    keys = tuple(os.urandom(FILE_KEY_BYTES) for _ in files)
    told = _statement(desk, said, files, item, stamp) | {"verified_by": grounds}
    names = tuple(
        _keep_sealed(desk, cabinet, one, key) for one, key in zip(files, keys, strict=True)
    )
    kind = _GIVEN[said.sort]
    given = kind(item, _sealed(desk, cabinet, told, item, kind.kind, keys), names)
    person = {"item": item.hex(), "name": said.witness_name, "contact": said.witness_contact}
    witness = WitnessGiven(item, _sealed(desk, cabinet, person, item, WitnessGiven.kind))
    acts: list[tuple[Record, bytes | None]] = [
        (given, said.form_id),
        (witness, once.of_part(said.form_id, 1)),
    ]
    return desk.store.write_together(acts)[0]


def stage(desk: Desk, cabinet: Cabinet, public_id: str) -> Stage | None:
    """How far it has come, told without reading anything of it; None: not of this node."""
    place = place_of(desk.store, public_id, Lane.WORK)
    if place is None:
        return None
    journey = desk.store.journey(*place)
    stream, seq = place
    # An item's files are written just before it, and central takes the media lane in order.
    waiting = [
        one
        for one in cabinet.media.originals()
        if not one.is_held and (one.told != stream or one.told_seq < seq)
    ]
    return Stage(journey, len(waiting))


def _check_files(files: Sequence[Attached]) -> None:
    if len(files) > FILES_MAX:
        raise FormRefusal({"file": Refusal("evidence.files_many", most=FILES_MAX)})
    for one in files:
        if not one.draft.size:
            raise FormRefusal({"file": Refusal("evidence.file_empty")})
        if one.draft.size > FILE_BYTES_MAX:
            raise FormRefusal({"file": Refusal("evidence.file_large")})
        if one.media_type.partition("/")[0] not in ("image", "video", "audio"):
            raise FormRefusal({"file": Refusal("evidence.file_other")})


def _grounds(desk: Desk, said: Said) -> dict[str, str]:
    """Why this person is believed to be who they are. Raises FormRefusal."""
    if not said.check:
        return {"vouched_by": desk.staff_name, "why": said.vouched}
    if not desk.can_read:
        raise FormRefusal({"check": Refusal("evidence.check_locked")})
    with desk.reading() as db:
        row = db.conn.execute(
            "SELECT verdict, saved_ms FROM checks WHERE public_id = ?", (said.check,)
        ).fetchone()
    if row is None:
        raise FormRefusal({"check": Refusal("evidence.check_unknown")})
    if row[0] != "valid":
        raise FormRefusal({"check": Refusal("evidence.check_not_valid")})
    if not 0 <= desk.now_ms() - row[1] <= SHIFT_MS:
        raise FormRefusal({"check": Refusal("evidence.check_old")})
    return {"document_check": said.check}


def _statement(
    desk: Desk, said: Said, files: Sequence[Attached], item: bytes, stamp: Stamp
) -> dict[str, Any]:
    return {
        "item": item.hex(),
        "kind": _GIVEN[said.sort].kind,
        "node": desk.store.node_id,
        "operator": desk.staff_name,
        "device": said.device,
        "origin": said.origin.value,
        "description": said.description,
        "place": {"words": said.place, "source": said.place_source},
        "claimed": {"happened": said.happened},
        "received": asdict(stamp) | {"clock": _clock(stamp)},
        "consent": said.consent,
        "files": [
            {
                "number": number,
                "sha256": one.draft.sha256().hex(),
                "size": one.draft.size,
                "media_type": one.media_type,
                "name": one.name,
            }
            for number, one in enumerate(files, 1)
        ],
    }


def _clock(stamp: Stamp) -> str:
    """How good the time is: by the interval beside the node's own reading."""
    if stamp.not_before_ms is None or stamp.not_after_ms is None:
        return "only the node's own clock"
    inside = stamp.not_before_ms <= stamp.reading_ms <= stamp.not_after_ms
    return "within the interval" if inside else "the node's clock is wrong: believe the interval"


def _sealed(
    desk: Desk,
    cabinet: Cabinet,
    told: dict[str, Any],
    item: bytes,
    purpose: str,
    keys: tuple[bytes, ...] = (),
) -> bytes:
    one = testimony.write(told, cabinet.signing, keys)
    return testimony.seal(one, cabinet.central, desk.store.node_id, item, purpose)


def _keep_sealed(desk: Desk, cabinet: Cabinet, one: Attached, key: bytes) -> bytes:
    """Keep a file encrypted; give the SHA-256 of what is kept."""
    one.draft.seek(0)
    with cabinet.received.draft() as sealed:
        for piece in testimony.crypt(_pieces(one.draft), key):
            sealed.write(piece)
        sealed.seek(0)
        name = sealed.sha256()
        told = MediaFile(name, sealed.size, SEALED_FILE, desk.staff_name)
        cabinet.media.keep(sealed, told)
    return name


def _pieces(draft: Draft) -> Iterator[bytes]:
    while piece := draft.read(_READ_BYTES):
        yield piece
