"""Filing applications and finding them again. Knows no HTTP and no HTML."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from localservices.applications import applications
from localservices.applications.applications import Known, Shown
from localservices.desk import Desk
from localservices.places import place_of
from localservices.refusal import Refusal
from sync.store.store import Journey, Receipt
from sync.wire import cbor
from sync.wire.kinds.application import OF_LANE, SUBMISSION_BYTES_MAX, ApplicationFiled
from sync.wire.records import to_body
from sync.wire.services import LANES, Required, Service, Who

SHOWN_MAX = 50
CHECK_MS_MAX = 12 * 3_600_000  # a document that was shown in this shift
_ONCE = uuid.UUID("7f0b6f55-2f2b-5c0e-9a63-3f1a61c0a5d2")  # names instances among all acts


@dataclass(frozen=True, slots=True)
class Filing:
    """What somebody files: a filled form of a service, and what it stands on."""

    service: Service
    instance: str
    submission: bytes
    checks: tuple[str, ...] = ()
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An application at this node. ``known``: None where the working set does not show it."""

    public_id: str
    journey: Journey
    known: Known | None


def file(desk: Desk, filing: Filing) -> tuple[ApplicationFiled, Receipt]:
    """Write an application down; the same instance again gives the receipt of the first time.

    Raises:
        Refusal: the service asks for a document that was not shown, or the form is too long.
        StoreFullError, StoreFailedError: nothing was saved.
    """
    if len(filing.submission) > SUBMISSION_BYTES_MAX:
        raise Refusal("applications.too_long", most=SUBMISSION_BYTES_MAX // 1024)
    _check(desk, filing)
    said = filing.service.manifest
    filed = OF_LANE[said.lane](
        said.id,
        filing.service.form_sha256,
        filing.instance,
        filing.submission,
        desk.staff_name,
        filing.checks,
        filing.household,
    )
    return filed, desk.store.write(filed, once=once(filing.instance))


def once(instance: str) -> bytes:
    """The name of the act of filing an instance: whoever sends it again does nothing new."""
    return uuid.uuid5(_ONCE, instance).bytes


def record_sha256(filed: ApplicationFiled) -> bytes:
    """What a receipt says of the record: anyone who holds its body can compare."""
    return hashlib.sha256(cbor.encode(to_body(filed))).digest()


def missing(desk: Desk, service: Service, checks: Sequence[str]) -> list[Required]:
    """What the service asks to be shown and was not, in this shift. Raises LockedError."""
    if service.manifest.who is not Who.VERIFIED:
        return []
    with desk.reading() as db:
        found = [applications.check_of(db, public_id) for public_id in checks]
    fresh = [one for one in found if one and desk.now_ms() - one[2] <= CHECK_MS_MAX]
    return [
        required
        for required in service.manifest.checks
        if not any(one[0] in required.types and one[1] in required.states for one in fresh)
    ]


def shown_documents(desk: Desk, service: Service) -> list[Shown]:
    """What was shown in this shift and serves this service; nothing while reading is locked."""
    if service.manifest.who is not Who.VERIFIED or not desk.can_read:
        return []
    since_ms = desk.now_ms() - CHECK_MS_MAX
    with desk.reading() as db:
        found = applications.checks_since(db, since_ms)
    return [
        one
        for one in found
        if any(
            one.document_type in required.types and one.verdict in required.states
            for required in service.manifest.checks
        )
    ]


def find(desk: Desk, public_id: str) -> Found | None:
    """None: it was not filed at this node, or has left it."""
    for lane in LANES:
        place = place_of(desk.store, public_id, lane)
        journey = desk.store.journey(*place) if place else None
        if journey is None:
            continue
        known = None
        if desk.can_read:
            with desk.reading() as db:
                known = applications.by_public_id(db, public_id)
        return Found(public_id, journey, known)
    return None


def newest(desk: Desk, query: str = "") -> list[Known]:
    """The newest first; those that a query finds. Raises LockedError."""
    with desk.reading() as db:
        if query:
            return applications.matching(db, query, SHOWN_MAX)
        return applications.newest(db, SHOWN_MAX)


def _check(desk: Desk, filing: Filing) -> None:
    if missing(desk, filing.service, filing.checks):
        raise Refusal("applications.document_needed")
