"""A node whose pages are served, and a neighbour's verifier that asks it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from edge.neighbours import kept
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours import api
from localservices.verification.neighbours.keys import ApiKeys
from localservices.verification.neighbours.means import Means
from sync.wire import entries
from sync.wire.lanes import Lane
from tests.builders import Browser, Surroundings, an_office
from tests.localservices.verification.house import pages_of
from tests.localservices.verification.issuing import Issuer

NAME = "Straż Graniczna"
ISSUER = Issuer()


class Neighbour:
    """``browser`` is staff's; ``key`` opens the interface."""

    def __init__(
        self, folder: Path, around: Surroundings, known: Callable[[], Knowledge] | None = None
    ) -> None:
        self.known = known or (lambda: Knowledge((ISSUER.trusted,)))  # a test may change it
        self.passed_ms: int | None = None
        self.keys = ApiKeys(folder / "keys")
        self.key = self.keys.add(NAME, None, around.now_ms)
        self.means = Means(
            self.keys,
            self._now_known,
            lambda: When(around.now_ms, self.passed_ms),
            lambda checks: kept(self.browser.office.store, checks),
            lambda: around.monotonic_ms,
        )
        pages = [pages_of(self._now_known), api.create_pages(self.means)]
        self.browser = Browser(an_office(folder, around, pages))
        self.client = self.browser.app.test_client(use_cookies=False)

    def _now_known(self) -> Knowledge:
        return self.known()

    def ask(self, asked: Any, path: str = "/api/v1/verify", **headers: str) -> TestResponse:
        """``headers`` replace those of a good request; names have _ for -."""
        said = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=asked, headers=said)

    def send(self, data: bytes, mime: str = "application/json") -> TestResponse:
        said = {"Authorization": f"Bearer {self.key}"}
        return self.client.post("/api/v1/verify", data=data, headers=said, content_type=mime)

    def checks_kept(self) -> list[dict[str, Any]]:
        store = self.browser.office.store
        rows = [row for row in store.rows_in_order(0, 1_000) if row.stream.lane is Lane.WORK]
        return [entries.decode(store.open_row(row) or b"").body for row in rows]
