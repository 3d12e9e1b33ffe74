"""Who a node is: keys that serve or one sentence, a folder that one process holds."""

import stat
from pathlib import Path

import pytest

from edge import identity
from edge.errors import NodeError


def test_one_process_holds_a_folder_until_it_lets_go(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    held = identity.claim(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(NodeError, match="A node already runs on"):
        identity.claim(folder)
    held.close()
    identity.claim(folder).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NodeError, match="cannot be used"):
        identity.claim(tmp_path / "file" / "data")


def test_keys_that_do_not_serve_are_named_with_what_to_do(tmp_path: Path, enrolled: Path) -> None:
    identity.own_key(enrolled)
    identity.central(enrolled)
    for content in (None, b"", b"\xff\xfe", b"words"):
        for name in ("signing.key", "central.json"):
            if content is not None:
                (tmp_path / name).write_bytes(content)
        with pytest.raises(NodeError, match=r"signing.key is not a readable .*: enrol"):
            identity.own_key(tmp_path)
        with pytest.raises(NodeError, match=r"central.json does not hold .*: copy it"):
            identity.central(tmp_path)


def test_a_caller_keeps_its_secret_and_a_spoiled_one_is_drawn_anew(tmp_path: Path) -> None:
    path = tmp_path / "caller"
    first = identity.caller_secret(path)
    assert identity.caller_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("..")
    second = identity.caller_secret(path)
    assert second != first
    assert identity.caller_secret(path) == second


def test_where_nothing_can_be_written_a_secret_holds_for_this_start(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "caller"
    assert identity.caller_secret(path) != identity.caller_secret(path)
