"""A file that is larger than one of a courier's files goes to central by stick, and is whole."""

import hashlib
import random
from io import BytesIO
from pathlib import Path

from central.store import originals
from central.store.database import Database
from central.store.media import FileKey
from central.store.media_tables import State
from sync.store.media import Media
from sync.wire.courier import FILE_BYTES
from sync.wire.kinds.media import MediaFile
from tests.e2e.sticks import Country

SIZE = FILE_BYTES + 1_000_000


def test_a_file_goes_by_stick_and_its_node_hears_of_it(tmp_path: Path) -> None:
    country = Country(tmp_path, "node-a")
    content = random.Random(1).randbytes(SIZE)
    sha256 = hashlib.sha256(content).digest()
    node = country.open("node-a")
    file = MediaFile(sha256, SIZE, "video/mp4", "Олена")
    Media(node.store).keep(BytesIO(content), file)
    node.close()
    for answer in (country.export("node-a"), country.visit_central(), country.take("node-a")):
        assert answer.exit_code == 0, answer.output
    assert len(list(country.stick.glob("*.nez"))) > 2
    assert country.waiting("node-a") == 0
    database = Database(f"sqlite:///{tmp_path / 'central' / 'central.db'}")
    assert originals.verify_next(database) == FileKey("node-a", sha256, SIZE)
    digest = hashlib.sha256()
    for piece in originals.content(database, FileKey("node-a", sha256, SIZE), State.VERIFIED):
        digest.update(piece)
    assert digest.digest() == sha256
