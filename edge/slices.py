"""The services of this node, each with what it works on."""

from flask import Blueprint

from edge import room
from edge.catalogue import Following
from edge.config import Config
from localservices.applications import applications
from localservices.applications import pages as application_pages
from localservices.applications.shelf import Shelf as Services
from localservices.catalogue import pages as catalogue
from localservices.hazards import hazards
from localservices.hazards import pages as hazard_pages
from localservices.media import files
from localservices.media import pages as media
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
) -> list[Blueprint]:
    return [
        _hazards(config, following, signing),
        verification.create_pages(inspection),
        catalogue.create_pages(following.facts, following.shared if config.relay.offers else None),
        _media(config, store),
        application_pages.create_pages(Services(lambda: following.files(SERVICES))),
    ]


def _media(config: Config, store: Store) -> Blueprint:
    def has_room(size: int) -> bool:
        return room.left(config) >= size

    shelf = Shelf(Media(store, has_room), Previews(), config.keep_file_names)
    return media.create_pages(shelf, Uploads(config.data, has_room))


def _hazards(config: Config, following: Following, signing: SigningKey) -> Blueprint:
    def brief(one: Short) -> bytes:
        return short.encode(config.node, one, following.central.sealing, signing)

    return hazard_pages.create_pages(config.place.point if config.place else None, brief)
