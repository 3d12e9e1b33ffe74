"""The one command finds its parts, and says what is missing."""

from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner

from edge import main as door


def test_help_lists_what_every_floor_brings() -> None:
    result = CliRunner().invoke(door.main, ["--help"])
    assert result.exit_code == 0
    for name in ("node", "central", "verify", "simulate", "bench", "provision", "demo"):
        assert name in result.output


def test_an_unknown_command_is_used_wrongly() -> None:
    result = CliRunner().invoke(door.main, ["fly"])
    assert (result.exit_code, "No such command" in result.output) == (2, True)


def test_a_part_that_is_not_installed_is_one_sentence() -> None:
    entry = EntryPoint("central", "no_such_library:central [central]", door.GROUP)
    result = CliRunner().invoke(door._loaded(entry), ["run", "--config", "x"])
    assert result.exit_code == 1
    assert result.output == (
        "Error: central needs no_such_library, which is not installed:"
        " pip install 'nezlam[central]'.\n"
    )


def test_a_broken_module_of_ours_is_not_called_missing() -> None:
    entry = EntryPoint("node", "edge.no_such_room:node", door.GROUP)
    with pytest.raises(ModuleNotFoundError, match="no_such_room"):
        door._loaded(entry)
