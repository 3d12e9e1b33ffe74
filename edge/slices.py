"""The services of this node, each with what it works on."""

from flask import Blueprint

from edge import room
from edge.catalogue import Following
from edge.config import Config
from localservices.applications import pages as applications
from localservices.applications.shelf import Shelf as Services
from localservices.catalogue import pages as catalogue
from localservices.media import pages as media
from localservices.media.preview import Previews
from localservices.media.service import Shelf
from localservices.uploads import Uploads
from localservices.verification import pages as verification
from localservices.verification.service import Inspection
from sync.store.media import Media
from sync.store.store import Store
from sync.wire.services import TARGETS as SERVICES


def pages(
    config: Config, store: Store, following: Following, inspection: Inspection
) -> list[Blueprint]:
    return [
        verification.create_pages(inspection),
        catalogue.create_pages(following.facts, following.shared if config.relay.offers else None),
        _media(config, store),
        applications.create_pages(Services(lambda: following.files(SERVICES))),
    ]


def _media(config: Config, store: Store) -> Blueprint:
    def has_room(size: int) -> bool:
        return room.left(config) >= size

    shelf = Shelf(Media(store, has_room), Previews(), config.keep_file_names)
    return media.create_pages(shelf, Uploads(config.data, has_room))
