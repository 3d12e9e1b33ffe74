"""The house stays one that a stranger can read."""

import ast
import re
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("edge", "sync", "localservices", "hardware", "provisioning", "central", "tests")
FILE_LINES_MAX = 300
TEST_FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40

# Written in pieces, so that this file does not find itself.
STRANGE_HOSTS = "|".join(
    ["py" + r"pi\.org", "python" + "hosted", "npm" + "js", "js" + "delivr", "un" + "pkg"]
)
MACHINE_PATHS = "|".join(["/wo" + "rk/", "/fa" + "rm/", "/ro" + "ot/", "/ho" + "me/[a-z]"])


def _sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: nothing says which files are ours")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> list[tuple[Path, str]]:
    found = []
    for path in _tracked():
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue  # a picture
    return found


def test_no_file_is_too_long_to_be_one_room() -> None:
    def allowed(path: Path) -> int:
        return TEST_FILE_LINES_MAX if path.is_relative_to(ROOT / "tests") else FILE_LINES_MAX

    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in _sources()}
    assert {str(p): n for p, n in lengths.items() if n > allowed(p)} == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert too_long == []


def test_importing_a_package_runs_nothing() -> None:
    for path in _sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text("utf-8")).body
            assert len(body) == 1, path
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


@pytest.mark.parametrize("pattern", [STRANGE_HOSTS, MACHINE_PATHS], ids=["hosts", "paths"])
def test_nothing_names_a_registry_or_somebodys_machine(pattern: str) -> None:
    found = [str(path.relative_to(ROOT)) for path, text in _texts() if re.search(pattern, text)]
    assert found == []


def test_every_command_of_the_metadata_is_there() -> None:
    for entry in entry_points(group="nezlam.commands"):
        assert isinstance(entry.load(), click.Command), entry.name


def test_each_tool_has_its_settings_in_one_place() -> None:
    strays = ["pytest.ini", "tox.ini", "mypy.ini", ".coveragerc", ".importlinter", "ruff.toml"]
    assert [name for name in strays if (ROOT / name).exists()] == []
    assert "[tool.pytest" not in (ROOT / "pyproject.toml").read_text("utf-8")
    assert "[tool.mypy" not in (ROOT / "pyproject.toml").read_text("utf-8")
