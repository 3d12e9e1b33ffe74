"""A file from a browser to operations: real node, broker and central, over a link that is cut."""

import hashlib
import http.client
import random
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.e2e.centre import WAIT_S, Centre

MB = 1024**2
REDIAL_S = 200.0  # after many short connections a node dials ever less often
GROWTH_MB_MAX = 40  # of the node's memory at its peak, however large the file


def peak_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024


def peak_from_now_mb(pid: int) -> float:
    """Forget the peak so far (proc(5), clear_refs); gives what is in use."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
    return peak_mb(pid)


def evidence(centre: Centre) -> str:
    address = f"{centre.village.ops_address}evidence?lang=en"
    return requests.get(address, timeout=WAIT_S).text


def original(centre: Centre, name: str) -> bytes:
    """The digest of what operations download."""
    digest = hashlib.sha256()
    address = f"{centre.village.ops_address}evidence/{name}/original"
    with requests.get(address, timeout=WAIT_S, stream=True) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_content(MB):
            digest.update(piece)
    return digest.digest()


def await_more(centre: Centre, count: int) -> None:
    """Until so many bytes more went up the link, or there is nothing left to send."""
    switch = centre.village.switch
    mark = switch.up_bytes
    centre.expect(
        "more was sent",
        lambda: switch.up_bytes - mark > count or centre.all_held(),
        REDIAL_S,
    )


@pytest.mark.parametrize(
    ("megabytes", "cuts"), [(12, 3), pytest.param(200, 10, marks=pytest.mark.long)]
)
def test_a_file_arrives_whole_over_a_link_that_is_cut_and_memory_stays_flat(
    centre: Centre, megabytes: int, cuts: int
) -> None:
    content = random.Random(megabytes).randbytes(megabytes * MB)
    pid = centre.node_pid()
    before_mb = peak_from_now_mb(pid)
    page = centre.staff.attach(content, {"note": "Міст"})
    name = page.rpartition("/")[2]
    centre.expect("the description is with central", lambda: "Міст" in evidence(centre))
    for _ in range(cuts):
        await_more(centre, len(content) // cuts)
        centre.village.switch.cut()
        centre.village.switch.restore()
    while not centre.all_held():  # a large one takes longer than one wait
        await_more(centre, MB)
    assert centre.staff.stage(page) == "held"
    growth_mb = peak_mb(pid) - before_mb
    centre.expect("it is verified", lambda: "its hash verified" in evidence(centre))
    assert original(centre, name) == hashlib.sha256(content).digest()
    assert growth_mb < GROWTH_MB_MAX, f"{growth_mb:.0f} MB"
    assert psutil.pid_exists(pid)


def test_a_node_that_is_killed_while_a_file_comes_in_has_nothing_of_it(centre: Centre) -> None:
    folder = centre.village.folder / "node"
    before = {path.name for path in folder.iterdir()}
    session = centre.staff._session
    cookie = "; ".join(f"{one.name}={one.value}" for one in session.cookies)
    where = urlsplit(centre.village.node_address)
    line = http.client.HTTPConnection(where.netloc, timeout=WAIT_S)
    line.putrequest("POST", "/media")
    for name, value in (("Cookie", cookie), ("Content-Length", str(20 * MB))):
        line.putheader(name, value)
    line.endheaders(bytes(10 * MB))
    centre.expect("half of it lies on the disk", lambda: nameless(centre.node_pid()) >= 5 * MB)
    assert {path.name for path in folder.iterdir()} == before
    centre.village.node.kill()
    centre.restart_node()
    line.close()
    assert nameless(centre.node_pid()) == 0
    assert {path.name for path in folder.iterdir()} == before
    assert centre.staff.status()["lanes"]["media"]["written"] == 0


def nameless(pid: int) -> int:
    """Bytes in the files that a process has open and that no folder names."""
    sizes = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if "/node/#" in str(path.readlink()) or str(path.readlink()).endswith("(deleted)"):
                sizes.append(path.stat().st_size)
    return sum(sizes)


def test_a_node_that_is_killed_in_the_middle_loses_no_piece_and_sends_the_rest(
    centre: Centre,
) -> None:
    content = random.Random(1).randbytes(20 * MB)
    page = centre.staff.attach(content, {"note": "Дорога"})
    for _ in range(3):
        await_more(centre, 2 * MB)
        centre.village.node.kill()
        centre.restart_node()
    centre.expect("all is confirmed", centre.all_held)
    centre.expect("it is verified", lambda: "its hash verified" in evidence(centre))
    assert original(centre, page.rpartition("/")[2]) == hashlib.sha256(content).digest()
