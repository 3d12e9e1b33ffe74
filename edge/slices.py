"""The services of this node, each with what it works on."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint

from edge import room
from edge.catalogue import Following
from edge.config import Config
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
from sync.wire import short
from sync.wire.entries import Stamp
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


def pages(
    config: Config,
    store: Store,
    following: Following,
    inspection: Inspection,
    signing: SigningKey,
    stamp: Callable[[], Stamp],
) -> list[Blueprint]:
    received = Uploads(config.data, partial(_has_room, config))
    media = Media(store, partial(_has_room, config))
    return [
        _hazards(config, following, signing),
        verification.create_pages(inspection),
        catalogue.create_pages(following.facts, following.shared if config.relay.offers else None),
        _media(config, media, received),
        evidence.create_pages(Cabinet(media, received, following.central.sealing, signing, stamp)),
        application_pages.create_pages(Services(lambda: following.files(SERVICES))),
    ]


def _has_room(config: Config, size: int) -> bool:
    return room.left(config) >= size


def _media(config: Config, media: Media, received: Uploads) -> Blueprint:
    return media_pages.create_pages(Shelf(media, Previews(), config.keep_file_names), received)


def _hazards(config: Config, following: Following, signing: SigningKey) -> Blueprint:
    def brief(one: Short) -> bytes:
        return short.encode(config.node, one, following.central.sealing, signing)

    return hazard_pages.create_pages(config.place.point if config.place else None, brief)
