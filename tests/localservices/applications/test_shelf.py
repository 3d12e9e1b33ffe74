"""What the catalogue brought is offered, each in its newest version; nothing spoiled is."""

from pathlib import Path

from localservices.applications.shelf import Shelf
from tests.localservices.applications.centre import on_shelf, open_to_all


def test_the_newest_version_is_offered_and_the_older_can_still_be_read(tmp_path: Path) -> None:
    old, new = open_to_all(version="9"), open_to_all(version="10", summary={"en": "More money."})
    changed = type(new)(new.manifest, b"<h:html>new</h:html>", {})
    shelf = Shelf(lambda: on_shelf(tmp_path, changed, old))
    assert [one.service.manifest.version for one in shelf.offers()] == ["10"]
    assert shelf.of_form(old.form_sha256) == old


def test_a_spoiled_target_takes_nothing_else_away(tmp_path: Path) -> None:
    good = on_shelf(tmp_path, open_to_all(), open_to_all(id="pension", version="1"))
    good[0][1].write_bytes(b"\x00")
    shelf = Shelf(lambda: good)
    assert [one.service.manifest.id for one in shelf.offers()] == ["pension"]
    assert shelf.offer("cash-assistance") is None


def test_a_service_under_another_s_name_is_not_offered(tmp_path: Path) -> None:
    [(_, path, _)] = on_shelf(tmp_path, open_to_all())
    assert Shelf(lambda: [("forms/pension/1", path, None)]).offers() == []


def test_what_is_withdrawn_is_gone_from_the_next_look_on(tmp_path: Path) -> None:
    found = on_shelf(tmp_path, open_to_all())
    shelf = Shelf(lambda: found)
    assert shelf.offers()
    found.clear()
    assert shelf.offers() == []
