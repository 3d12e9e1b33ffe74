"""A PostgreSQL of a test's own: made in a folder, started, thrown away."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.daemons import free_port, require

START_TRIES = 200
LOOK_EVERY_S = 0.05


@contextmanager
def cluster() -> Iterator[str]:
    """Give the URL of a database in it, without the database's name at its end."""
    initdb, postgres = (require(name) for name in ("initdb", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="nezlam-pg-"))
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    made = [initdb, "-D", str(data), "-U", "nezlam", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
    settings = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-k", str(folder)]
    server = subprocess.Popen(
        [postgres, "-D", str(data), "-p", str(port), *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user,
        cwd=folder,
    )
    try:
        _await(port)
        yield f"postgresql+psycopg://nezlam@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


def new_database(url: str, name: str) -> str:
    """Give the URL of a fresh database."""
    with psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url}/{name}"


def _await(port: int) -> None:
    pause = threading.Event()
    for _ in range(START_TRIES):
        try:
            psycopg.connect(f"postgresql://nezlam@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            pause.wait(LOOK_EVERY_S)
        else:
            return
    raise TimeoutError("PostgreSQL did not come up")
