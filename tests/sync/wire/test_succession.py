"""A key that follows another: both signed it, and nothing else passes for that."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.wire import succession
from sync.wire.errors import WireError
from sync.wire.succession import Succession

NODE = "kharkiv-07"
FIRST, SECOND, THIRD = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def test_it_says_which_key_follows_which_and_any_other_bit_is_refused() -> None:
    data = succession.write(NODE, FIRST, SECOND)
    assert data == succession.write(NODE, FIRST, SECOND)
    assert succession.read(data) == Succession(NODE, public(FIRST), public(SECOND))
    for place in range(8 * len(data)):
        spoiled = bytearray(data)
        spoiled[place // 8] ^= 1 << place % 8
        with pytest.raises(WireError):
            succession.read(bytes(spoiled))


def test_a_chain_leads_from_any_of_its_keys_to_the_last() -> None:
    chain = [succession.write(NODE, FIRST, SECOND), succession.write(NODE, SECOND, THIRD)]
    for first, count in ((FIRST, 3), (SECOND, 2), (THIRD, 1)):
        found = succession.heirs(NODE, first.public_key(), chain)
        assert len(found) == count
        assert found[-1].public_bytes_raw() == public(THIRD)


def test_another_node_s_chain_leads_nowhere() -> None:
    chain = [succession.write("another", FIRST, SECOND)]
    assert len(succession.heirs(NODE, FIRST.public_key(), chain)) == 1
