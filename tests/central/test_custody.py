"""A custody report: whole, and checked by somebody who has nothing of ours but openssl."""

import hashlib
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from central import custody
from central.custody import CHECKS, Holder
from central.errors import LogRefusedError
from central.fleet import Fleet
from central.store import originals, projections
from central.store.database import Database
from central.store.log import SqlLog
from sync.sim.machines import new_keys
from sync.store.media import Media
from sync.wire import keys, testimony
from sync.wire.kinds.evidence import SEALED_FILE, EvidenceGiven
from sync.wire.kinds.media import MediaFile
from sync.wire.seal import OpeningRing
from tests.central.building import NODE, Talker, an_intake

KEYS = new_keys(1)
ORIGINAL = b"\0\0\0\x20ftypisom" + bytes(range(256)) * 200
ITEM = bytes(range(16))


def a_holder(database: Database, folder: Path) -> Holder:
    path = folder / "fleet.json"
    fleet = {NODE: KEYS.nodes[NODE].public_key()}
    path.write_text(keys.fleet_text(fleet), "utf-8")
    return Holder(database, Fleet(path), OpeningRing((KEYS.opening,)), KEYS.central)


def given(database: Database) -> str:
    """An item with a video comes to central; its number."""
    talker, key = Talker(KEYS), bytes(range(32))
    sealed = b"".join(testimony.crypt(iter([ORIGINAL]), key))
    name = hashlib.sha256(sealed).digest()
    store = talker.node.store
    Media(store).keep(BytesIO(sealed), MediaFile(name, len(sealed), SEALED_FILE, "Олена"))
    said = {"item": ITEM.hex(), "files": [{"sha256": hashlib.sha256(ORIGINAL).hexdigest()}]}
    told = testimony.write(said, KEYS.nodes[NODE], (key,))
    closed = testimony.seal(told, KEYS.opening.public(), NODE, ITEM, EvidenceGiven.kind)
    receipt = store.write(EvidenceGiven(ITEM, closed, (name,)))
    talker.talk(an_intake(SqlLog(database), KEYS))
    while originals.verify_next(database) is not None:
        pass
    return receipt.public_id


def checks(folder: Path) -> bool:
    """Whether every command of the README ends well."""
    return all(
        subprocess.run(["sh", "-c", one], cwd=folder, capture_output=True, check=False).returncode
        == 0
        for one in CHECKS
    )


def test_a_court_checks_a_report_with_openssl_alone(database: Database, tmp_path: Path) -> None:
    """PAINS 19: the original is what was captured, and the report says how to see it."""
    name, out = given(database), tmp_path / "report"
    custody.export(a_holder(database, tmp_path), name, out, "Слідча", "court")
    assert (out / "original-1").read_bytes() == ORIGINAL
    assert all(one in (out / "README.txt").read_text("utf-8") for one in CHECKS)
    assert checks(out)


@pytest.mark.parametrize(
    "spoiled", ["statement.json", "statement.sig", "original-1", "custody.jsonl", "SHA256SUMS"]
)
def test_one_changed_byte_is_found(database: Database, tmp_path: Path, spoiled: str) -> None:
    name, out = given(database), tmp_path / "report"
    custody.export(a_holder(database, tmp_path), name, out, "Слідча", "court")
    data = bytearray((out / spoiled).read_bytes())
    data[len(data) // 2] ^= 1
    (out / spoiled).write_bytes(bytes(data))
    assert not checks(out)


def test_every_export_is_a_link_of_the_chain_and_outlives_a_rebuild(
    database: Database, tmp_path: Path
) -> None:
    name, holder = given(database), a_holder(database, tmp_path)
    custody.export(holder, name, tmp_path / "one", "Слідча", "court")
    with database.writing() as connection:
        projections.rebuild(connection)
    while originals.verify_next(database) is not None:
        pass
    custody.export(holder, name, tmp_path / "two", "Суддя", "trial")
    first, second = (tmp_path / "two" / "custody.jsonl").read_bytes().splitlines(keepends=True)
    statement = (tmp_path / "two" / "statement.json").read_bytes()
    assert hashlib.sha256(statement).hexdigest().encode() in first
    assert hashlib.sha256(first).hexdigest().encode() in second


def test_what_central_does_not_have_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(LogRefusedError, match="check the number"):
        custody.export(a_holder(database, tmp_path), "node-0-0a1b2c-2-9", tmp_path / "r", "x", "y")
