"""Central answers through a link that is really cut, and the page shows it; commands are obeyed."""

import json
import subprocess
import sys

from tests.e2e.centre import WAIT_S, Centre


def central(centre: Centre, *words: str) -> str:
    where = ["--config", str(centre.village.folder / "central.toml")]
    command = [sys.executable, "-P", "-m", "edge", "central", words[0], *where, *words[1:]]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=WAIT_S)
    return done.stdout


def test_a_decision_made_while_the_link_was_cut_is_on_the_record_s_page(centre: Centre) -> None:
    page = centre.register(1, note="asks for help")
    centre.expect("central has it", centre.all_held)
    public_id = page.rsplit("/", 1)[-1]
    centre.village.switch.cut()
    central(
        centre, "decide", public_id, "approved", "--text", "Прийдіть у п'ятницю", "--by", "О. Р."
    )
    central(centre, "message", "demo-1", "Хліб привезуть завтра")
    centre.village.switch.restore()
    centre.expect("the answer is there", lambda: "Прийдіть у п" in centre.staff.text(page))
    assert "О. Р." in centre.staff.text(page)
    centre.expect("so is the message", lambda: "Хліб привезуть" in centre.staff.text("notices"))
    centre.village.node.kill()  # what came is on the disk, and readable after the next unlocking
    centre.restart_node()
    assert "Прийдіть у п" in centre.staff.text(page)
    assert centre.staff.text("notices").count("Хліб привезуть") == 1


def test_a_command_is_carried_out_once_and_answered(centre: Centre) -> None:
    centre.register(1)
    centre.expect("central has it", centre.all_held)
    central(centre, "command", "demo-1", "set_policy", "--keep-hours", "24")
    central(centre, "command", "demo-1", "report_diagnostics")
    written = centre.village.folder / "node" / "policy.json"
    centre.expect("the policy is set", written.exists)
    assert json.loads(written.read_text("utf-8")) == {"keep_hours": 24}
    centre.expect("both are answered", lambda: centre.staff.status()["lanes"]["work"]["held"] == 2)


def test_a_node_signs_with_a_new_key_and_central_believes_it_from_then_on(centre: Centre) -> None:
    own = centre.village.folder / "keys" / "node" / "signing.key"
    before = own.read_text("ascii")
    centre.register(1)
    centre.expect("central has it", centre.all_held)
    central(centre, "command", "demo-1", "rotate_key")
    centre.expect("the key is another", lambda: own.read_text("ascii") != before)
    centre.register(2)
    centre.expect("central has what the new key signed", centre.all_held)
    centre.village.node.kill()
    centre.village.central.kill()
    centre.restart_central()
    centre.restart_node()
    centre.register(3)
    centre.expect("so it does after both died", centre.all_held)
    assert centre.staff.status()["lanes"]["people"]["held"] == 3


def test_a_node_that_is_not_known_is_named(centre: Centre) -> None:
    where = ["--config", str(centre.village.folder / "central.toml")]
    command = [sys.executable, "-P", "-m", "edge", "central", "message", *where, "nobody", "Hello"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=WAIT_S)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody is not in the fleet list" in done.stderr
