"""Valid things with one detail changed, so that the detail is what the eye finds."""

import itertools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.slices import PROJECTIONS
from localservices.app import create_app
from localservices.facts import HostFacts, LinkFacts, Progress
from localservices.media import pages as media
from localservices.media.preview import Previews
from localservices.media.service import Shelf
from localservices.office import Office
from localservices.uploads import Uploads
from sync.store.accounts import Accounts
from sync.store.database import open_database
from sync.store.inbox import Inbox
from sync.store.keys import Boxes, Cost
from sync.store.media import Media
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.working import Working
from sync.store.writer import DirectWriter
from sync.wire.entries import Stamp
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.seal import SealingKey, new_opening_key

NODE_ID = "node-7"
NOON_MS = 1_795_428_000_000  # 23 November 2026, noon in Kyiv
SETUP_CODE = "river-stone-42"
STAFF_NAME = "Олена Коваль"
PASSPHRASE = "чотири зелені яблука"
CHEAP = Cost(memory_kib=8, passes=1)  # guessing is not what these tests are about


@dataclass
class Surroundings:
    """What the pages look at and a test may turn: the clocks, the link, the disk, the host."""

    now_ms: int = NOON_MS
    monotonic_ms: int = 0
    has_room: bool = True
    link: LinkFacts = field(default_factory=lambda: LinkFacts(False, None, None))
    host: HostFacts | None = None
    progress: Progress = field(default_factory=Progress)

    def wait(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        self.monotonic_ms += milliseconds


def a_store(folder: Path, around: Surroundings, central: SealingKey | None = None) -> Store:
    db = open_database(folder / "outbox.db")
    prepare(db)
    segments = Segments(NODE_ID, central or a_central(), os.urandom)
    return Store(
        NODE_ID,
        DirectWriter(db),
        db,
        segments,
        lambda: Stamp(around.now_ms),
        lambda: around.has_room,
    )


def an_office(
    folder: Path, around: Surroundings | None = None, pages: Sequence[Blueprint] = ()
) -> Office:
    """An office on real files in ``folder``; the same folder again is the same node restarted."""
    around = around or Surroundings()
    store = a_store(folder, around)
    working = Working(
        folder / "working.db",
        store,
        PROJECTIONS,
    )
    boxes_db = open_database(folder / "outbox.db")
    boxes_writer = DirectWriter(boxes_db)
    boxes = Boxes(boxes_writer.run, boxes_db, os.urandom, CHEAP)
    return Office(
        accounts=Accounts(boxes, store, working),
        store=store,
        inbox=Inbox(store, boxes_writer),
        working=working,
        now_ms=lambda: around.now_ms,
        monotonic_ms=lambda: around.monotonic_ms,
        new_id=lambda: os.urandom(16),
        node_name="Вокзал",
        session_key=os.urandom(32),
        setup_code=SETUP_CODE,
        link=lambda: around.link,
        progress=lambda: around.progress,
        host=lambda: around.host,
        pages=[media_pages(folder, store), *pages],
    )


def media_pages(folder: Path, store: Store) -> Blueprint:
    shelf = Shelf(Media(store), Previews(), keeps_names=False)
    return media.create_pages(shelf, Uploads(folder, lambda _: True))


def a_central() -> SealingKey:
    return new_opening_key().public()


class Browser:
    """A person's browser at the node's pages: it keeps cookies, and finds forms' hidden fields."""

    def __init__(self, office: Office, language: str = "en") -> None:
        self.office = office
        self.app = create_app(office)
        self.client: FlaskClient = self.app.test_client()
        self._language = language

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self._language})

    def post(self, path: str, fields: dict[str, str], seen_at: str = "/sign-in") -> TestResponse:
        """Post with the form token of the page ``seen_at``."""
        token = hidden(self.get(seen_at), "csrf_token")
        return self.client.post(
            path,
            data={"csrf_token": token} | fields,
            headers={"Accept-Language": self._language},
        )

    def set_up(self) -> "Browser":
        """Make the first account, which is then signed in."""
        fields = {
            "setup_code": SETUP_CODE,
            "name": STAFF_NAME,
            "passphrase": PASSPHRASE,
            "passphrase_again": PASSPHRASE,
        }
        answer = self.post("/setup", fields, seen_at="/setup")
        assert answer.status_code == 303, answer.text
        return self

    def sign_in(self, **changes: str) -> TestResponse:
        fields = {"name": STAFF_NAME, "passphrase": PASSPHRASE} | changes
        return self.post("/sign-in", fields)

    def register(self, fields: dict[str, str], *, answers: bool = True) -> TestResponse:
        """Post the registration form; its id is drawn by the page unless it is given.

        ``answers``: say "not the same" if the page asks whether it is a double.
        """
        page = self.get("/households/new")
        ids = {name: hidden(page, name) for name in ("csrf_token", "form_id")}
        told = self.post("/households", ids | fields)
        while told.status_code == 409 and answers:
            said = {"double": "different", "doubles": hidden(told, "doubles")}
            told = self.post("/households", ids | fields | said)
        return told


def a_browser(folder: Path, around: Surroundings | None = None) -> Browser:
    """A browser whose person has just made the first account."""
    return Browser(an_office(folder, around)).set_up()


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field; the first, if there are several."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, f"no {name} on the page: {page.status_code} {page.text[:200]}"
    return found[1]


def a_form(**changes: str) -> dict[str, str]:
    """What a browser sends for a household of one; None of it is wrong."""
    plain = {
        "surname-0": "Шевченко",
        "given_name-0": "Марія",
        "patronymic-0": "Іванівна",
        "sex-0": "f",
        "born_on-0": "24.08.1991",
        "tax_number-0": "",
        "document-0": "КА 123456",
        "origin": "Донецька область, Маріуполь",
        "displaced_on": "2026-03-05",
        "shelter": "Дніпро, вул. Робоча, 12",
        "phone": "050 123 45 67",
        "need-chronic_illness": "yes",
        "note": "",
        "consent": "yes",
    }
    return plain | {name.replace("__", "-"): value for name, value in changes.items()}


def a_household(**changes: Any) -> HouseholdRegistered:
    plain: dict[str, Any] = {
        "members": (Member("Шевченко", "Марія"),),
        "origin": "Маріуполь",
        "shelter": "Дніпро",
        "consent": True,
        "registered_by": STAFF_NAME,
    }
    return HouseholdRegistered(**(plain | changes))


def counted() -> Callable[[], bytes]:
    """Ids that are 16 bytes and never the same."""
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(16, "big")
