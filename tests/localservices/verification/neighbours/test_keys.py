"""A neighbour's key opens what it should, as long as it should, and cannot be read back."""

import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.neighbours.keys import FILE, KEYS_MAX, ApiKeys, KeysError
from tests.builders import NOON_MS

DAY_MS = 86_400_000
TODAY = date(2026, 11, 23)


@pytest.fixture
def keys(tmp_path: Path) -> ApiKeys:
    return ApiKeys(tmp_path / "data")


def test_a_key_is_known_by_its_holder_s_name(keys: ApiKeys) -> None:
    text = keys.add("  Straż   Graniczna ", None, NOON_MS)
    found = keys.holder(text, NOON_MS)
    assert found is not None
    assert (found.name, found.until) == ("Straż Graniczna", None)


def test_no_file_and_no_word_of_the_program_holds_the_key(keys: ApiKeys, tmp_path: Path) -> None:
    text = keys.add("one", None, NOON_MS)
    found = keys.holder(text, NOON_MS)
    secret = text.rpartition("_")[2]
    assert secret not in (tmp_path / "data" / FILE).read_text()
    assert secret not in repr(found)
    assert found is not None
    assert found.sha256.hex() not in repr(found)


def test_only_our_own_user_reads_the_file(keys: ApiKeys, tmp_path: Path) -> None:
    keys.add("one", None, NOON_MS)
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_no_changed_key_opens_anything(keys: ApiKeys) -> None:
    text = keys.add("one", None, NOON_MS)
    other = keys.add("other", None, NOON_MS)
    for place in range(len(text)):
        changed = "0" if text[place] != "0" else "1"
        assert keys.holder(text[:place] + changed + text[place + 1 :], NOON_MS) is None, place
    mixed = text.rpartition("_")[0] + "_" + other.rpartition("_")[2]
    assert keys.holder(mixed, NOON_MS) is None
    assert keys.holder(text + "\n", NOON_MS) is None


@given(st.text(max_size=100))
def test_no_text_is_more_than_no_key(text: str) -> None:
    assert ApiKeys(Path("/nowhere")).holder(text, NOON_MS) is None


def test_its_last_day_is_its_last(keys: ApiKeys) -> None:
    text = keys.add("one", TODAY, NOON_MS)
    assert keys.holder(text, NOON_MS) is not None
    assert keys.holder(text, NOON_MS + DAY_MS) is None
    with pytest.raises(KeysError, match="is over"):
        keys.add("two", TODAY, NOON_MS + DAY_MS)


def test_a_removed_key_opens_nothing_from_then_on(keys: ApiKeys, tmp_path: Path) -> None:
    text = keys.add("one", None, NOON_MS)
    ApiKeys(tmp_path / "data").remove("one")  # another process, as the command is
    assert keys.holder(text, NOON_MS) is None
    with pytest.raises(KeysError, match="no key named 'one'"):
        keys.remove("one")


def test_its_last_day_of_use_is_noted(keys: ApiKeys) -> None:
    text = keys.add("one", None, NOON_MS)
    assert keys.all()[0].used_on is None
    keys.holder(text, NOON_MS)
    assert keys.all()[0].used_on == TODAY


def test_where_nothing_can_be_written_a_key_serves_all_the_same(
    keys: ApiKeys, tmp_path: Path
) -> None:
    text = keys.add("one", None, NOON_MS)
    (tmp_path / "data" / FILE).with_suffix(".draft").mkdir()  # so that no draft can be made
    assert keys.holder(text, NOON_MS) is not None
    with pytest.raises(KeysError, match="cannot be written"):
        keys.add("two", None, NOON_MS)
    assert [key.name for key in keys.all()] == ["one"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b", "one"])
def test_a_name_says_who_it_is(keys: ApiKeys, name: str) -> None:
    keys.add("one", None, NOON_MS)
    with pytest.raises(KeysError):
        keys.add(name, None, NOON_MS)


def test_there_are_only_so_many(keys: ApiKeys) -> None:
    for number in range(KEYS_MAX):
        keys.add(str(number), None, NOON_MS)
    with pytest.raises(KeysError, match="remove those"):
        keys.add("one too many", None, NOON_MS)


@pytest.mark.parametrize(
    "data", ["", "{}", "[]", '{"keys": [{}]}', '{"keys": [{"id": 1, "until": "x"}]}', "\x00"]
)
def test_a_spoiled_file_is_said_so_and_opens_nothing(
    keys: ApiKeys, tmp_path: Path, data: str
) -> None:
    text = keys.add("one", None, NOON_MS)
    (tmp_path / "data" / FILE).write_text(data)
    with pytest.raises(KeysError, match="cannot be read"):
        keys.holder(text, NOON_MS)


def test_keys_that_are_made_at_once_are_all_there(keys: ApiKeys) -> None:
    def add(number: int) -> None:
        keys.add(str(number), None, NOON_MS)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in keys.all()} == {str(number) for number in range(8)}
