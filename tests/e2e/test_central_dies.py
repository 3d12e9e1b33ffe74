"""Central is killed, its broker loses all, a backup is put back: every record is there once."""

import shutil
import subprocess
import sys

import psutil

from tests.e2e.centre import WAIT_S, Centre


def kill_central_and_its_broker(centre: Centre) -> None:
    """As a power cut at central would."""
    folder = centre.village.folder / "central" / "broker"
    broker = psutil.Process(int((folder / "pid").read_text("ascii")))
    centre.village.central.kill()
    broker.kill()
    broker.wait(WAIT_S)


def register(centre: Centre, first: int, count: int) -> list[str]:
    return [centre.register(n, note=f"household {n}") for n in range(first, first + count)]


def expect_each_once(centre: Centre, pages: list[str]) -> None:
    centre.expect("everything is confirmed", centre.all_held)
    assert {centre.staff.stage(page) for page in pages} == {"held"}
    assert centre.notes_at_central() == {f"household {n}": 1 for n in range(len(pages))}


def test_central_is_killed_while_records_come_and_has_each_once(centre: Centre) -> None:
    pages: list[str] = []
    for _ in range(3):
        pages += register(centre, len(pages), 3)
        kill_central_and_its_broker(centre)
        pages += register(centre, len(pages), 1)
        centre.restart_central()
    expect_each_once(centre, pages)


def test_a_broker_that_lost_all_its_files_costs_nothing(centre: Centre) -> None:
    pages = register(centre, 0, 3)
    kill_central_and_its_broker(centre)
    shutil.rmtree(centre.village.folder / "central" / "broker")
    pages += register(centre, 3, 2)
    centre.restart_central()
    expect_each_once(centre, pages)


def test_a_central_restored_from_an_old_backup_gets_the_rest_from_the_node(centre: Centre) -> None:
    folder = centre.village.folder
    pages = register(centre, 0, 3)
    centre.expect("a backup was made", lambda: backed_up(centre) == 3)
    shutil.copytree(folder / "backup", folder / "old backup")
    pages += register(centre, 3, 3)
    centre.expect("everything is confirmed", centre.all_held)

    centre.village.central.stop()
    for path in (folder / "central").glob("central.db*"):
        path.unlink()
    shutil.rmtree(folder / "backup")
    shutil.copytree(folder / "old backup", folder / "backup")
    where = ["--config", str(folder / "central.toml"), "--from", str(folder / "backup")]
    command = [sys.executable, "-P", "-m", "edge", "central", "restore", *where]
    subprocess.run(command, check=True)
    assert centre.notes_at_central().total() == 3

    centre.restart_central()
    centre.expect("the rest comes again", lambda: centre.notes_at_central().total() == len(pages))
    expect_each_once(centre, pages)


def backed_up(centre: Centre) -> int:
    return int(centre.staff.status()["lanes"]["people"]["backed_up"])
