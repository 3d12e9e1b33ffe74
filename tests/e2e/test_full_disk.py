"""A disk that is full, and one that fails: nothing answered is lost, and the pages say so."""

import os
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from provisioning.demo.browser import PageError
from provisioning.demo.village import DemoError
from tests.e2e.centre import Centre

MIB = 1024**2
DISK_BYTES = 24 * MIB
MARGIN_BYTES = 64 * MIB  # where the disk is everybody's, others may use so much meanwhile


@dataclass
class Disk:
    """The node's disk, and a file that takes what is left on it."""

    filler: Path
    fill_bytes: int | None  # None: until nothing more fits

    def fill(self) -> None:
        with self.filler.open("wb") as file:
            if self.fill_bytes is not None:
                os.posix_fallocate(file.fileno(), 0, self.fill_bytes)
                return
            for size in (MIB, 4096, 1):
                self._fill_by(file.fileno(), size)

    def _fill_by(self, file: int, size: int) -> None:
        while True:
            try:
                os.write(file, bytes(size))
            except OSError:
                return

    def free(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(centre: Centre) -> Iterator[Disk]:
    """A small one of the node's own where mounting is permitted; else a bound on the common one."""
    folder = centre.village.folder
    data, config = folder / "node", folder / "node.toml"
    centre.village.node.stop()
    aside = data.rename(folder / "aside")
    data.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(data)]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, check=False).returncode
    for path in aside.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    if mounted:
        least, found = 0, Disk(data / "filler", None)
    else:
        least = (psutil.disk_usage(str(folder)).free - MARGIN_BYTES) // MIB
        found = Disk(folder / "filler", 2 * MARGIN_BYTES)
    config.write_text(f"free_mb_min = {least}\n{config.read_text('utf-8')}", "utf-8")
    try:
        centre.restart_node()
        yield found
    finally:
        centre.village.node.stop()
        if mounted:
            subprocess.run(["umount", str(data)], check=True)


def refused(centre: Centre, status: int) -> None:
    with pytest.raises(PageError, match=f"answered {status} and took nothing"):
        centre.register(2, note="refused")


def verdict_of(centre: Centre) -> str:
    return centre.staff.verify(centre.document)


def test_a_full_disk_refuses_records_keeps_what_it_has_and_serves_on(
    centre: Centre, disk: Disk
) -> None:
    kept = centre.register(1, note="before")
    disk.fill()
    refused(centre, 507)
    page = verdict_of(centre)
    assert 'data-verdict="valid"' in page
    assert "The check was not written down" in page
    assert centre.staff.stage(kept) in ("saved", "sent", "held")
    assert "Traceback" not in (centre.village.folder / "node.log").read_text("utf-8")
    disk.free()
    later = centre.register(3, note="after")
    centre.expect("all are confirmed", centre.all_held)
    assert {centre.staff.stage(page) for page in (kept, later)} == {"held"}
    assert centre.notes_at_central() == {"before": 1, "after": 1}


def test_a_node_that_starts_on_a_full_disk_loses_nothing(centre: Centre, disk: Disk) -> None:
    kept = [centre.register(1, note="before")]
    centre.village.node.kill()
    disk.fill()
    try:
        centre.restart_node()
        assert 'data-verdict="valid"' in verdict_of(centre)
        kept.append(centre.register(2, note="meanwhile"))
    except DemoError as error:
        assert "free room on the disk" in str(error)  # noqa: PT017  it may start or say why not
    except PageError as error:
        assert "answered 507" in str(error)  # noqa: PT017  it may find room in files it has
    centre.village.node.stop()
    disk.free()
    centre.restart_node()
    centre.expect("all are confirmed", centre.all_held)
    assert {centre.staff.stage(page) for page in kept} == {"held"}
    assert centre.notes_at_central().total() == len(kept)


def test_a_disk_that_fails_is_told_and_never_trusted_again_before_a_restart(
    centre: Centre,
) -> None:
    kept = centre.register(1, note="before")
    process = psutil.Process(centre.node_pid())
    before = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # every write fails now, with EFBIG
    refused(centre, 503)
    process.rlimit(resource.RLIMIT_FSIZE, before)
    refused(centre, 503)
    home = centre.staff._get("")
    assert "The node&#39;s disk has failed and nothing more is saved." in home
    assert 'data-verdict="valid"' in verdict_of(centre)
    assert requests.get(f"{centre.village.node_address}health", timeout=30).status_code == 200
    centre.village.node.stop()
    centre.restart_node()
    centre.register(3, note="after")
    centre.expect("all are confirmed", centre.all_held)
    assert centre.staff.stage(kept) == "held"
    assert centre.notes_at_central() == {"before": 1, "after": 1}
