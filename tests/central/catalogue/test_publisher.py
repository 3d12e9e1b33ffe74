"""What central publishes is signed by who may, whole at any moment, and fresh by itself."""

from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from central.errors import PublishError
from sync.wire import patch, repository
from sync.wire.errors import WireError
from tests.catalogues import Authority

LIST = b'{"made_at": "2026-11-23T10:00:00Z", "certificates": []}'


def test_a_file_is_there_under_its_hash_once_it_is_published(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.publish("trust/lists/eu.json", LIST)
    assert LIST in authority.files().values()
    assert "metadata/timestamp.json" in authority.files()


@pytest.mark.parametrize(
    "target", ["eu.json", "trust/../keys", "/trust/x", "trust//x", "central-keys/other", "a/b"]
)
def test_a_name_that_is_nobodys_is_refused(target: str, tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="No authority publishes"):
        Authority(tmp_path).publish(target, LIST)


def test_the_key_of_one_authority_publishes_nothing_of_another(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "x").write_bytes(LIST)
    for key in (authority.keys.roles["trust"], Ed25519PrivateKey.generate()):
        with pytest.raises(PublishError, match="may not publish what belongs to software"):
            authority.publisher.publish(tmp_path / "x", "software/node.bin", key, authority.now)


def test_what_an_offline_key_signs_central_cannot_publish_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path, repository.ONLINE)
    with pytest.raises(PublishError, match="The key of trust is not at central"):
        authority.publish("trust/lists/eu.json", LIST)
    authority.publish("notices/today.json", b"{}")


def test_what_changed_is_offered_when_it_is_smaller_than_the_whole(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    old, new = bytes(range(256)) * 40, bytes(range(256)) * 40 + b"one more"
    authority.publish("forms/aid.json", old)
    authority.publish("forms/aid.json", new)
    [(name, delta)] = [f for f in authority.files().items() if f[0].startswith("deltas/")]
    assert patch.apply(old, delta, len(new)) == new
    assert len(delta) < 100
    assert name.count(".") == 1


def test_a_running_central_signs_anew_before_anything_of_its_own_ends(tmp_path: Path) -> None:
    authority = Authority(tmp_path, repository.ONLINE)
    authority.publish("notices/today.json", b"{}")
    assert not authority.refresh()
    for _ in range(800):
        authority.wait(hours=25)
        assert authority.refresh()
    assert {*authority.publisher.ending(authority.now)} == {"trust", "software", "central-keys"}


def test_what_no_late_edition_names_is_dropped_and_roots_stay(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    for number in range(12):
        authority.publish("notices/today.json", b"%d" % number)
    contents = [data for name, data in authority.files().items() if name.startswith("targets/")]
    assert sorted(map(int, contents)) == [6, 7, 8, 9, 10, 11]
    assert "metadata/1.root.json" in authority.files()


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_a_patch_gives_the_new_version_back(old: bytes, new: bytes) -> None:
    assert patch.apply(old, patch.make(old, new), len(new)) == new


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_a_patch_or_are_refused(old: bytes, made_up: bytes) -> None:
    with suppress(WireError):
        assert len(patch.apply(old, made_up, 100)) <= 100
