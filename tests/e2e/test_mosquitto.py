"""Another broker by a line of configuration: the same node goes on with it."""

from tests.daemons import require
from tests.e2e.centre import Centre


def test_a_centre_moves_to_mosquitto_without_losing_a_record(centre: Centre) -> None:
    require("mosquitto")
    pages = [centre.register(0, note="over NATS")]
    centre.expect("it is confirmed", centre.all_held)
    centre.village.central.stop()
    pages.append(centre.register(1, note="over neither"))
    settings = centre.village.folder / "central.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[broker]", '[broker]\nkind = "mosquitto"'), "utf-8")
    centre.restart_central()
    centre.expect("the link is back", centre.link_is_up)
    pages.append(centre.register(2, note="over Mosquitto"))
    centre.expect("all are confirmed", centre.all_held)
    centre.village.switch.cut()
    pages.append(centre.register(3, note="in the dark"))
    centre.village.switch.restore()
    centre.expect("all are confirmed", centre.all_held)
    assert {centre.staff.stage(page) for page in pages} == {"held"}
    notes = ("over NATS", "over neither", "over Mosquitto", "in the dark")
    assert centre.notes_at_central() == dict.fromkeys(notes, 1)
