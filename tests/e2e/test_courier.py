"""A courier's run: records reach central once and its word comes home, by sticks alone."""

import json
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from sync.transport.port import Received
from sync.wire import messages
from sync.wire.courier import Way
from sync.wire.sign import payload_of
from tests.e2e.centre import Centre
from tests.e2e.sticks import Country


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path, "node-a", "node-b")


def files(stick: Path, way: Way) -> list[Path]:
    return sorted(stick.glob(f"n-*-{way.value}*.nez"))


def test_records_go_and_confirmations_come_home_by_stick(country: Country) -> None:
    country.register("node-a", "Коваль", "Шевченко")
    told = json.loads(country.export("node-a", "--json").output)
    assert told["records"] == 2
    answer = json.loads(country.visit_central().output)
    assert answer["nodes"]["node-a"]["fresh"] == 2
    assert country.waiting("node-a") == 2
    assert "central holds 2" in country.take("node-a").output
    assert country.waiting("node-a") == 0


def test_one_stick_serves_several_nodes(country: Country) -> None:
    country.register("node-a", "Коваль")
    country.register("node-b", "Шевченко", "Бондар")
    country.export("node-a")
    country.export("node-b")
    country.visit_central()
    assert country.at_central() == [("node-a", 1), ("node-b", 1), ("node-b", 2)]
    country.take("node-a")
    country.take("node-b")
    assert (country.waiting("node-a"), country.waiting("node-b")) == (0, 0)


def test_sticks_that_come_twice_late_or_never_do_no_harm(country: Country, tmp_path: Path) -> None:
    first, second, lost = (tmp_path / name for name in ("first", "second", "lost"))
    for stick in (first, second, lost):
        stick.mkdir()
    country.register("node-a", "Перша")
    country.export("node-a", stick=first)
    country.register("node-a", "Друга")
    country.export("node-a", stick=lost)
    country.register("node-a", "Третя")
    country.export("node-a", stick=second)

    country.visit_central(second)
    country.take("node-a", second)
    assert country.waiting("node-a") == 0
    late = json.loads(country.visit_central(first).output)
    assert late["nodes"]["node-a"]["fresh"] == 0
    country.visit_central(second)
    country.take("node-a", first)  # an old answer after a new one
    country.take("node-a", second)
    assert country.waiting("node-a") == 0
    assert list(Counter(country.at_central()).values()) == [3]  # seq 1, 3 epochs


def test_what_was_confirmed_is_not_carried_again(country: Country) -> None:
    country.register("node-a", "Коваль")
    country.export("node-a")
    country.visit_central()
    country.take("node-a")
    country.register("node-a", "Шевченко")
    country.waiting("node-a")
    assert json.loads(country.export("node-a", "--json").output)["records"] == 1
    assert json.loads(country.export("node-a", "--json", "--all").output)["records"] == 2


def test_central_that_was_put_back_is_told_all_again(country: Country) -> None:
    country.register("node-a", "Коваль")
    country.export("node-a")
    country.visit_central()
    country.take("node-a")
    country.waiting("node-a")
    shutil.rmtree(country.folder / "central")
    country.register("node-a", "Шевченко")
    country.export("node-a")
    assert json.loads(country.visit_central().output)["nodes"]["node-a"]["held"] == 0
    country.export("node-a", "--all")
    assert json.loads(country.visit_central().output)["nodes"]["node-a"]["held"] == 2


def test_a_torn_file_is_named_and_the_others_are_taken(country: Country) -> None:
    country.register("node-a", "Коваль")
    country.register("node-b", "Шевченко")
    country.export("node-a")
    country.export("node-b")
    torn = next(path for path in files(country.stick, Way.UP) if "node-a" in path.name)
    torn.write_bytes(torn.read_bytes()[:-7])
    result = country.visit_central()
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["problems"] == [
        f"{torn.name} is torn or spoiled: copy it again from where it was written."
    ]
    assert told["nodes"]["node-b"]["fresh"] == 1
    assert country.at_central() == [("node-b", 1)]


def test_a_stranger_s_file_is_named_and_nothing_of_it_is_kept(
    country: Country, tmp_path: Path
) -> None:
    other = tmp_path / "abroad"
    other.mkdir()
    abroad = Country(other, "node-x")
    abroad.register("node-x", "Чужа")
    abroad.export("node-x", stick=country.stick)
    result = country.visit_central()
    assert result.exit_code == 1
    assert "not on the fleet list" in result.output
    assert country.at_central() == []


def test_answers_that_central_did_not_sign_confirm_nothing(
    country: Country, tmp_path: Path
) -> None:
    other = tmp_path / "abroad"
    other.mkdir()
    abroad = Country(other, "node-a")
    abroad.register("node-a", "Чужа")
    abroad.export("node-a")
    abroad.visit_central()
    country.register("node-a", "Коваль")
    country.take("node-a", abroad.stick)
    assert country.waiting("node-a") == 1


def test_a_node_that_runs_is_read_and_takes_answers_meanwhile(country: Country) -> None:
    node = country.open("node-a")
    node.write("Коваль", "Шевченко")
    assert json.loads(country.export("node-a", "--json").output)["records"] == 2
    node.write("Бондар")
    country.visit_central()
    country.take("node-a")
    node.deliver()
    assert node.waiting == 1
    assert list((country.folder / "node-a" / "courier").iterdir()) == []
    node.close()


def test_a_relay_s_stick_takes_along_what_it_keeps_for_others(country: Country) -> None:
    settings = country.settings("node-a")
    settings.write_text(settings.read_text("utf-8") + "[relay]\noffers = true\n", "utf-8")
    relay, laptop = country.open("node-a"), country.open("node-b")
    relay.write("Коваль")
    laptop.write("Шевченко", "Бондар")
    told = [(data, messages.decode(payload_of(data))) for data in laptop.say()]
    relay.relayed.take("node-b", told)

    country.export("node-a")
    country.visit_central()
    assert country.at_central() == [("node-a", 1), ("node-b", 1), ("node-b", 2)]
    country.take("node-a")
    relay.deliver()
    assert relay.relayed.load().parcels == 0
    for answer in relay.relayed.answers("node-b", 0, 10**6)[0]:
        laptop.pump.take(Received(answer), 0, 0)
    assert (relay.waiting, laptop.waiting) == (0, 0)
    relay.close()
    laptop.close()


def test_a_node_s_process_takes_a_stick_s_answers_within_seconds(centre: Centre) -> None:
    """The real processes, with the line between them cut."""
    centre.village.switch.cut()
    centre.expect("the link is down", lambda: not centre.link_is_up())
    centre.register(1)
    central = ("--config", "central.toml")
    centre.command("central", "message", *central, "demo-1", "Хліб привезуть завтра")
    stick = centre.village.folder / "stick"
    stick.mkdir()
    centre.command("courier", "export", str(stick), "--config", "node.toml")
    centre.command("central", "courier", str(stick), *central)
    centre.command("courier", "import", str(stick), "--config", "node.toml")
    centre.expect("central has it, says the node", centre.all_held)
    assert centre.households_at_central() == 1
    centre.expect("its word is there", lambda: "Хліб привезуть" in centre.staff.text("notices"))
    centre.command("courier", "export", str(stick), "--config", "node.toml")
    centre.command("central", "courier", str(stick), *central)
    assert letters_unread(centre) == 0


def letters_unread(centre: Centre) -> int:
    db = sqlite3.connect(
        f"file:{centre.village.folder / 'central' / 'central.db'}?mode=ro", uri=True
    )
    try:
        return int(db.execute("SELECT sum(held_at_ms IS NULL) FROM letters").fetchone()[0])
    finally:
        db.close()
