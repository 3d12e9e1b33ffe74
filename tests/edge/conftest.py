"""A node that a technician has enrolled, and that has no link to anywhere."""

from pathlib import Path

import pytest

from edge import config as configs
from edge.config import Config
from provisioning import authority, clock, enrolment
from provisioning.enrolment import Signing
from tests.daemons import free_port


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of keys; nobody changes what is in it."""
    folder, now = tmp_path_factory.mktemp("keys"), clock.now()
    root = authority.new_root(now)
    signing = Signing(root.certificate, authority.new_issuing(root, now))
    enrolment.enrol_central(folder / "central", signing, ["127.0.0.1"], now)
    enrolment.enrol_node(folder / "node", "node-7", folder / "central", signing, now)
    return folder / "node"


@pytest.fixture
def config_file(tmp_path: Path, enrolled: Path) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(
        f"""\
node = "node-7"
name = "Вокзал"
data = "data"
keys = "{enrolled}"
free_mb_min = 0
[broker]
host = "127.0.0.1"
port = {free_port()}
[web]
port = 0
""",
        "utf-8",
    )
    return path


@pytest.fixture
def config(config_file: Path) -> Config:
    return configs.read(config_file)
