"""The services of this node, each with what it works on."""

from flask import Blueprint

from edge import phones, room
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


def pages(
    config: Config,
    store: Store,
    writer: Writer,
    following: Following,
    inspection: Inspection,
    signing: SigningKey,
) -> list[Blueprint]:
    def has_room(size: int) -> bool:
        return room.left(config) >= size

    originals = Media(store, has_room)
    services = Services(lambda: following.files(SERVICES))
    shelf = Shelf(originals, Previews(), config.keep_file_names)
    return [
        _hazards(config, following, signing),
        verification.create_pages(inspection),
        catalogue.create_pages(following.facts, following.shared if config.relay.offers else None),
        media.create_pages(shelf, Uploads(config.data, has_room)),
        application_pages.create_pages(services),
        *phones.create_pages(store, writer, originals, phones.Published(services), None),
    ]


def _hazards(config: Config, following: Following, signing: SigningKey) -> Blueprint:
    def brief(one: Short) -> bytes:
        return short.encode(config.node, one, following.central.sealing, signing)

    return hazard_pages.create_pages(config.place.point if config.place else None, brief)
