"""The benchmark of the wire: what it prints, and that what it counts is what would be sent."""

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.bench import commands, wire
from edge.bench.households import Told, households, katottg
from edge.bench.session import Session, published

A_HOUSE = {"members": [{"name": "Олена", "born_on": "1987-03-12"}], "phone": "+380671234567"}


def test_households_tell_as_many_bits_as_were_drawn() -> None:
    told = Told()
    drawn = list(households(1, 400, told))
    a_household = told.a_household()
    assert a_household["iban"] == pytest.approx(25 * math.log2(10) / 8)
    assert a_household["origin"] == pytest.approx(math.log2(len(katottg())) / 8)
    assert 55 < sum(a_household.values()) < 70
    assert 2.6 < told.members / len(drawn) < 3.2


def test_a_seed_gives_the_same_households_every_time() -> None:
    assert list(households(7, 5)) == list(households(7, 5)) != list(households(8, 5))


def test_given_records_are_measured_in_place_of_our_own(tmp_path: Path) -> None:
    given = tmp_path / "bodies.jsonl"
    bodies = [A_HOUSE | {"phone": f"+38067{n:07d}"} for n in range(60)]
    given.write_text("\n".join(json.dumps(body) for body in bodies), "utf-8")
    result = CliRunner().invoke(commands.bench, ["wire", "--records", str(given), "--json"])
    told = json.loads(result.stdout)
    assert [figure["name"] for figure in told["figures"]] == ["household_1000", "household_20"]
    for figure in told["figures"]:
        expected = sum(
            len(json.dumps(b, ensure_ascii=False, separators=(",", ":")).encode())
            for b in bodies[:30]
        )
        assert figure["baseline_value"] == pytest.approx(expected / 30, abs=0.001)
        assert 3 < figure["value"] < figure["baseline_value"]


def test_the_layers_add_up_to_the_whole(tmp_path: Path) -> None:
    given = tmp_path / "bodies.json"
    given.write_text(json.dumps([A_HOUSE] * 50), "utf-8")
    for one in wire.of_file(given).measured:
        layers = one.numbers + one.heads + one.envelope + one.mqtt + one.tls
        assert one.total == pytest.approx(layers)


def test_a_session_counts_what_tls_adds() -> None:
    session = Session()
    assert session.sent(b"x" * 100) == 100 + 5 + 1 + 16  # header, inner type, tag (RFC 8446 5.2)
    assert session.sent(b"x" * 20_000) == 20_000 + 2 * 22


@pytest.mark.parametrize(("length", "digits"), [(10, 1), (200, 2), (20_000, 3)])
def test_a_packet_has_its_length_in_as_few_bytes_as_may_be(length: int, digits: int) -> None:
    assert len(published("a/topic", b"x" * length)) == 1 + digits + 2 + 7 + 2 + length


@pytest.mark.parametrize("text", ["", "[]", "not json", '{"one": 1}', '[{"a": 1}, 2]'])
def test_what_is_no_list_of_bodies_is_one_sentence(tmp_path: Path, text: str) -> None:
    given = tmp_path / "bodies"
    given.write_text(text, "utf-8")
    result = CliRunner().invoke(commands.bench, ["wire", "--records", str(given)])
    assert (result.exit_code, "cannot be measured" in result.output) == (1, True)
