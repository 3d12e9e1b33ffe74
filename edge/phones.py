"""Joins the phones' door to the store: who they are, and where their files go."""

import os
from collections.abc import Iterable

from flask import Blueprint

from edge import clock
from localservices import sniff
from localservices.applications.openrosa import device_pages, listing, pages
from localservices.applications.openrosa.door import Door
from localservices.applications.openrosa.listing import Forms, PublishedForm
from localservices.applications.openrosa.nonces import Nonces
from localservices.applications.openrosa.service import Attach, Attachment, Counter
from localservices.applications.shelf import Shelf
from localservices.media.preview import Previews
from localservices.staff.backoff import Backoff
from sync.store.devices import Devices
from sync.store.media import Media
from sync.store.store import Store
from sync.store.writer import Writer
from sync.wire.kinds.media import MediaFile
from sync.wire.services import Service

_KEY_BYTES = 32


class Published:
    """The services of the shelf as the forms that phones fetch; each form is read once."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._forms: dict[bytes, PublishedForm | None] = {}

    def listed(self) -> list[PublishedForm]:
        return self._of(offer.service for offer in self._shelf.offers())

    def known(self, form_id: str, version: str) -> PublishedForm | None:
        found = self._of(self._shelf.everything())
        return next((one for one in found if (one.id, one.version) == (form_id, version)), None)

    def _of(self, services: Iterable[Service]) -> list[PublishedForm]:
        found = []
        for service in services:
            if service.form_sha256 not in self._forms:
                self._forms[service.form_sha256] = listing.published(service)
            found.append(self._forms[service.form_sha256])
        return [form for form in found if form is not None]


def create_pages(
    store: Store, writer: Writer, media: Media, forms: Forms, forms_key: str | None
) -> list[Blueprint]:
    """The door and the page of phones. ``writer`` is the store's own.

    ``forms_key``: central's RSA public key, X.509 DER in base64; None: forms come readable.
    """
    devices = Devices(store, writer)
    nonces = Nonces(os.urandom(_KEY_BYTES), clock.monotonic_ms, lambda: os.urandom(16))
    patience = Backoff(clock.monotonic_ms)
    door = Door(devices, nonces, patience, clock.monotonic_ms, clock.wall_ms)
    counter = Counter(forms, devices, _attaching(media))
    return [
        pages.create_pages(door, counter, lambda: forms_key),
        device_pages.create_pages(devices),
    ]


def _attaching(media: Media) -> Attach:
    previews = Previews()

    def attach(one: Attachment, about: str, sent_by: str, once: bytes) -> None:
        draft = one.draft
        draft.seek(0)
        media_type = sniff.media_type(draft.read(sniff.HEAD_BYTES) or b"")
        preview = previews.of(draft, draft.size, media_type)
        # Its name is kept whatever the policy: by it the submission names the file.
        file = MediaFile(
            draft.sha256(), draft.size, media_type, sent_by, about, None, one.name, preview
        )
        media.keep(draft, file, once)

    return attach
