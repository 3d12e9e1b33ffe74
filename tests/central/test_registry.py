"""A registry is built from a list, then kept by what changed, and nodes are given its key."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from central import clock
from central.commands import central
from central.errors import RegistryError
from central.registry import source
from central.registry.keeping import Folder, Made
from central.registry.source import Document
from sync.wire.registry import editions, form, lookup
from sync.wire.registry.editions import Edition
from sync.wire.registry.hashing import Hasher
from tests.catalogues import Authority

NOW_S = 1_795_000_000
BORN = date(1987, 6, 21)


def a_document(number: int, status: int = form.STANDS, kind: str = "passport") -> Document:
    return Document(kind, f"AK{number:06}", BORN, status)


class Office:
    """Where registries are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = Folder(folder / "registry", folder / "registry.key", "passports")
        self.path = folder / "registry"

    def build(self, *documents: Document) -> Made:
        return self.folder.build(documents, 0, NOW_S, lambda _: None)

    def edition(self) -> Edition:
        changes = [path.read_bytes() for path in sorted(self.path.glob("change-*"))]
        return editions.of(lookup.opened(memoryview((self.path / "base").read_bytes())), changes)

    def status(self, number: int) -> int | None:
        one = a_document(number)
        hasher = Hasher(self.folder.key())
        return self.edition().status(hasher.hashed(one.document_type, one.number, one.born_on))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_what_changed_is_all_that_is_made_afterwards(office: Office) -> None:
    many = [a_document(number) for number in range(2_000)]
    base = office.build(*many)
    assert (base.path.name, office.edition().registry.head.covers) == ("base", ("passport",))
    many[7] = a_document(7, form.REVOKED)
    change = office.build(*many[:8], *many[9:], a_document(9_001, form.SUSPENDED))
    assert (change.path.name, change.changed) == ("change-0001", 3)
    assert change.path.stat().st_size < 200
    statuses = [office.status(number) for number in (6, 7, 8, 9_001, 9_002)]
    assert statuses == [form.STANDS, form.REVOKED, form.GONE, form.SUSPENDED, None]
    again = office.build(*many)
    assert again.changed == 2
    assert [office.status(n) for n in (8, 9_001)] == [form.STANDS, form.GONE]


def test_the_key_is_drawn_once_and_nobody_else_reads_it(office: Office, tmp_path: Path) -> None:
    assert office.folder.key() == office.folder.key()
    assert (tmp_path / "registry.key").stat().st_mode & 0o077 == 0


def test_a_type_that_the_registry_does_not_cover_is_said(office: Office) -> None:
    office.build(a_document(1))
    with pytest.raises(RegistryError, match="does not cover 'visa'"):
        office.build(a_document(1), a_document(2, kind="visa"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("type,number,born_on\n", "lacks the column 'status'"),
        ("type,number,born_on,status\npassport,AK1,21.06.1987,valid\n", "line 2: '21.06.1987'"),
        ("type,number,born_on,status\npassport,AK1,1987-06-21,lost\n", "line 2: 'lost'"),
    ],
)
def test_a_list_that_is_wrong_is_said_with_its_line(
    content: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "passports.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(RegistryError, match=said):
        list(source.of_csv(path))


def test_the_command_builds_and_publishes(tmp_path: Path) -> None:
    Authority(tmp_path, now=clock.utc())
    (tmp_path / "central.toml").write_text('data = "data"\nkeys = "central"\n', "utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "passports.csv").write_text(
        "type,number,born_on,status\npassport,AK000001,1987-06-21,valid\n", "utf-8"
    )
    arguments = ["registry", "build", "passports", "--from", str(tmp_path / "passports.csv")]
    done = CliRunner().invoke(central, [*arguments, "--config", str(tmp_path / "central.toml")])
    assert done.exit_code == 0, done.output
    assert "1 documents read" in done.output
    assert len(list((tmp_path / "data").rglob("*.base"))) == 1


def test_a_password_in_a_databases_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(RegistryError, match="pgpass") as refused:
        list(source.of_database("postgresql://reader:s3cret@db/papers", "SELECT 1"))
    assert "s3cret" not in str(refused.value)
