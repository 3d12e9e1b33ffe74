"""The services of this node, each with what it works on."""

from dataclasses import dataclass

from flask import Blueprint

from edge import neighbours, phones, room
from edge.catalogue import Following
from edge.config import Config
from edge.timekeeping import Timekeeper
from localservices.applications import applications
from localservices.applications import pages as application_pages
from localservices.applications.shelf import Shelf as Services
from localservices.catalogue import pages as catalogue
from localservices.evidence import pages as evidence
from localservices.evidence.service import Cabinet
from localservices.hazards import hazards
from localservices.hazards import pages as hazard_pages
from localservices.media import files
from localservices.media import pages as media_pages
from localservices.media.preview import Previews
from localservices.media.service import Shelf
from localservices.registration import projection as registration
from localservices.uploads import Uploads
from localservices.verification import checks
from localservices.verification import pages as verification
from localservices.verification.service import Inspection
from sync.store.media import Media
from sync.store.store import Store
from sync.store.writer import Writer
from sync.wire import short
from sync.wire.services import TARGETS as SERVICES
from sync.wire.short import Short
from sync.wire.sign import SigningKey

PROJECTIONS = (
    registration.projection,
    files.projection,
    checks.projection,
    applications.projection,
    hazards.projection,
)


@dataclass(frozen=True, slots=True)
class Means:
    """What the services work with. ``writer`` is the store's own."""

    store: Store
    writer: Writer
    following: Following
    inspection: Inspection
    signing: SigningKey
    time: Timekeeper


def pages(config: Config, means: Means) -> list[Blueprint]:
    def has_room(size: int) -> bool:
        return room.left(config) >= size

    store, following = means.store, means.following
    received, originals = Uploads(config.data, has_room), Media(store, has_room)
    cabinet = Cabinet(
        originals, received, following.central.sealing, means.signing, means.time.stamp
    )
    services = Services(lambda: following.files(SERVICES))
    shared = following.shared if config.relay.offers else None
    return [
        _hazards(config, following, means.signing),
        evidence.create_pages(cabinet),
        verification.create_pages(means.inspection),
        catalogue.create_pages(following.facts, shared),
        media_pages.create_pages(Shelf(originals, Previews(), config.keep_file_names), received),
        application_pages.create_pages(services),
        *phones.create_pages(store, means.writer, originals, phones.Published(services), None),
        neighbours.create_pages(config, store, means.inspection.known, means.time),
    ]


def _hazards(config: Config, following: Following, signing: SigningKey) -> Blueprint:
    def brief(one: Short) -> bytes:
        return short.encode(config.node, one, following.central.sealing, signing)

    return hazard_pages.create_pages(config.place.point if config.place else None, brief)
