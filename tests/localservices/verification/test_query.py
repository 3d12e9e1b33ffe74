"""A typed document is looked up: what the registry holds, lacks, revoked, and how old it is."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from localservices.verification import pack, query
from localservices.verification.freshness import REGISTRY
from localservices.verification.knowledge import When
from localservices.verification.query import Query
from localservices.verification.registries import Registries
from localservices.verification.verdict import Reason, State
from sync.wire.registry import delta, form
from sync.wire.registry.building import Builder
from sync.wire.registry.delta import Delta
from sync.wire.registry.form import Head
from sync.wire.registry.hashing import Hasher
from sync.wire.repository import REGISTRIES

MADE_S = 1_795_000_000
NOW = When(MADE_S * 1000)
HASHER = Hasher(bytes(range(32)))
BORN = date(1987, 6, 21)
STANDING, SUSPENDED, REVOKED = "AK000001", "AK000002", "AK000003"


def hashed(number: str) -> int:
    return HASHER.hashed("passport", number, BORN)


class Node:
    """A node's catalogue, with a registry of passports in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given: list[tuple[str, Path, int | None]] = []
        self.keys = [HASHER.key]
        self.registries = Registries(lambda: self.given, lambda: self.keys)
        builder = Builder()
        for number, status in (
            (STANDING, form.STANDS),
            (SUSPENDED, form.SUSPENDED),
            (REVOKED, form.REVOKED),
        ):
            builder.add(hashed(number), status)
        head = Head("passports", bytes(16), ("passport",), MADE_S, 0, HASHER.key_id)
        written = builder.write(head)
        data = written.head + written.index + written.buckets + written.statuses
        self.bring("base", data)

    def bring(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.write_bytes(data)
        self.given.append((f"{REGISTRIES}passports/{name}", path, None))

    def state(self, number: str, when: When = NOW, born_on: date = BORN) -> State:
        asked = Query("passport", number, born_on)
        return query.judge(asked, pack.home(), self.registries, when).state


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_what_the_registry_says_is_said(node: Node) -> None:
    assert node.state(STANDING) is State.MATCH_PROBABILISTIC
    assert node.state("ак 000001") is State.MATCH_PROBABILISTIC
    assert node.state(SUSPENDED) is State.SUSPENDED
    assert node.state(REVOKED) is State.REVOKED
    assert node.state("AK999999") is State.NOT_IN_REGISTRY
    assert node.state(STANDING, born_on=date(1987, 6, 22)) is State.NOT_IN_REGISTRY


def test_a_slip_is_no_stranger(node: Node) -> None:
    for number in ("AK00001", "A0000001", "", "x" * 500):
        assert node.state(number) is State.MALFORMED


def test_only_what_a_registry_covers_can_be_missing_in_it(node: Node) -> None:
    asked = Query("driving_licence", "BXX000001", BORN)
    verdict = query.judge(asked, pack.home(), node.registries, NOW)
    assert (verdict.state, verdict.reason) == (State.UNSUPPORTED, Reason.REGISTRY_ABSENT)


def test_an_old_registry_neither_accepts_nor_turns_away_and_still_revokes(node: Node) -> None:
    late = When((MADE_S + REGISTRY.stale_s) * 1000)
    assert node.state(STANDING, late) is State.STALE_DATA
    assert node.state("AK999999", late) is State.STALE_DATA
    assert node.state(REVOKED, late) is State.REVOKED


def test_without_the_key_nobody_is_turned_away(node: Node) -> None:
    node.keys = [bytes(32)]
    assert node.state(STANDING) is State.STATUS_UNKNOWN


def test_changes_are_applied_in_order_and_one_that_does_not_follow_waits(node: Node) -> None:
    edition = node.registries.covering("passport")
    assert edition is not None
    head = edition.registry.head
    rank = edition.registry.rank(hashed(STANDING))
    assert rank is not None
    first = Delta(head.name, head.edition, MADE_S + 60, {rank: form.REVOKED}, {})
    data = delta.encode(first, head.count, head.universe)
    _, made = delta.decode(data, head.count, head.universe)
    added = {head.place(hashed("AK000009")): form.STANDS}
    second = Delta(head.name, made, MADE_S + 120, {rank: form.STANDS}, added)
    node.bring("change-0002", delta.encode(second, head.count, head.universe))
    assert node.state(STANDING) is State.MATCH_PROBABILISTIC
    assert node.state("AK000009") is State.NOT_IN_REGISTRY
    node.bring("change-0001", data)
    assert node.state("AK000009") is State.MATCH_PROBABILISTIC
    assert node.state(STANDING) is State.MATCH_PROBABILISTIC
    third = replace(second, before=made, changed={rank: form.GONE}, added={})
    node.given = [one for one in node.given if not one[0].endswith("0002")]
    node.bring("change-0003", delta.encode(third, head.count, head.universe))
    assert node.state(STANDING) is State.NOT_IN_REGISTRY


def test_a_registry_that_is_spoiled_is_as_good_as_none(node: Node) -> None:
    path = node.given[0][1]
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[:-1])
    node.given = [(node.given[0][0], other, None)]
    assert node.state(STANDING) is State.UNSUPPORTED
