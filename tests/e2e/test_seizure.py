"""The node is switched off and seized: nothing that anybody typed is found on its disk.

Nor in the broker's files, the logs, or what was written to the temporary folder.
"""

import base64
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from provisioning.demo.browser import Account
from tests.daemons import require
from tests.e2e.centre import Centre
from tests.e2e.typist import Typist

MARKER = "Зникомаркаїґє"
LATIN = "Vanishqzmarkxw"
ACCOUNT = Account(f"{MARKER} {LATIN}", f"{LATIN} {MARKER} 4827")
PHONE, TAX_NUMBER, DOCUMENT = "671239845", "3184710691", "QZ918273645"
HOUSEHOLD = {
    "surname-0": MARKER,
    "given_name-0": LATIN,
    "patronymic-0": MARKER,
    "tax_number-0": TAX_NUMBER,
    "document-0": DOCUMENT,
    "surname-1": LATIN,
    "given_name-1": MARKER,
    "patronymic-1": LATIN,
    "relation-1": "spouse",
    "origin": f"{MARKER}, {LATIN}",
    "shelter": f"{LATIN}, {MARKER}",
    "phone": f"0{PHONE}",
    "note": f"{MARKER}\n{LATIN}",
    "need-chronic_illness": "yes",
}

FIELDS = {  # some of those that the typist must have come upon
    *("/households surname-0", "/households note", "/households/search query"),
    *("/verify payload", "/verify picture"),
    *("/sign-in name", "/sign-in passphrase", "/colleagues/new passphrase_again"),
}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that is started puts its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def centre(tmp_path: Path, temporary: Path) -> Iterator[Centre]:
    require("nats-server")
    centre = Centre(tmp_path / "centre", ACCOUNT)
    try:
        centre.open()
        yield centre
    finally:
        centre.village.stop()


def switch_off(centre: Centre) -> None:
    centre.village.node.stop()


def pull_the_plug(centre: Centre) -> None:
    centre.village.node.kill()


@pytest.mark.parametrize("end", [switch_off, pull_the_plug], ids=["SIGTERM", signal.SIGKILL.name])
def test_nothing_that_was_typed_is_found_where_a_node_was(
    centre: Centre, temporary: Path, end: Callable[[Centre], None]
) -> None:
    page = centre.register(1, **HOUSEHOLD)
    typist = Typist(centre.staff._session, centre.village.node_address, MARKER)
    typist.type_everywhere()
    assert typist.filled >= FIELDS
    centre.expect("central has the first household", lambda: centre.staff.stage(page) == "held")
    centre.village.switch.cut()
    # These are still waiting when the node ends.
    centre.register(1, **HOUSEHOLD)
    centre.staff.attach(MARKER.encode() * 200_000, {"note": f"{LATIN} {MARKER}"})

    end(centre)
    folder = centre.village.folder
    at_central = [path for path in folder.rglob("central.db*") if path.is_file()]
    assert any(found_in(path) for path in at_central), "the search itself finds nothing"
    centre.village.stop()

    files = [path for place in (folder, temporary) for path in place.rglob("*") if path.is_file()]
    assert (folder / "node" / "outbox.db") in files
    assert (folder / "node" / "working.db") in files
    assert any("broker" in path.parts for path in files)
    leaks = {str(path): found_in(path) for path in files if path not in at_central}
    assert {path: found for path, found in leaks.items() if found} == {}


def found_in(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [needle for needle in NEEDLES if needle in data]


def needles() -> Iterator[bytes]:
    """Every text in each way that a careless program might have written it."""
    for text in (MARKER, LATIN, PHONE, TAX_NUMBER, DOCUMENT):
        for variant in {text, text.lower(), text.upper()}:
            plain = variant.encode()
            yield from (plain, variant.encode("utf-16-le"), variant.encode("utf-16-be"))
            yield from (quote(variant).encode(), quote(variant).lower().encode())
            yield json.dumps(variant)[1:-1].encode()
            yield from (plain.hex().encode(), plain.hex().upper().encode())
            for shift in range(3):
                yield from _base64(plain, shift)


def _base64(plain: bytes, shift: int) -> Iterator[bytes]:
    """What does not depend on the bytes around it, if ``shift`` bytes of a group came before."""
    shifted = bytes(shift) + plain
    whole = slice(4 if shift else 0, len(shifted) // 3 * 4)
    yield base64.b64encode(shifted)[whole]
    yield base64.urlsafe_b64encode(shifted)[whole]


NEEDLES = frozenset(needles())
