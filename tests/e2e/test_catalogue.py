"""A trust list from the publisher's shell to the node's page, through real processes."""

import json
import subprocess
import sys

from tests.e2e.centre import Centre

TRUST = "trust/lists/eu.json"


def publish(centre: Centre, content: str, target: str = TRUST) -> str:
    source = centre.village.folder / "source.json"
    source.write_text(content, "utf-8")
    command = [sys.executable, "-P", "-m", "edge", "central", "publish", str(source)]
    config = str(centre.village.folder / "central.toml")
    done = subprocess.run(
        [*command, "--as", target, "--config", config], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_what_is_published_at_central_is_in_force_at_the_node(centre: Centre) -> None:
    trust = (centre.village.folder / "trust.json").read_text("utf-8")
    said = publish(centre, json.dumps(json.loads(trust)))
    assert "is in force" in said
    centre.expect(
        "the trust list at the node",
        lambda: centre.staff.catalogue().get(TRUST, {}).get("standing") == "in_force",
    )
