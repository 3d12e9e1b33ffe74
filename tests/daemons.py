"""Real daemons for tests: found or skipped with the reason, on ports that nobody else has."""

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest


def require(name: str) -> str:
    """Give the path of a program; a test that lacks it is skipped, and fails where CI=true."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name, path=_search_path())
    if found:
        return found
    reason = f"{name} is not installed"
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(f"{reason}, and nothing may be skipped here")
    pytest.skip(reason)


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _search_path() -> str:
    # Debian keeps daemons in sbin, and PostgreSQL's by version, which are on nobody's PATH.
    folders = ["/usr/sbin", "/usr/local/sbin"]
    folders += [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *folders])
