"""A registry's file: keyed hashes of documents in order, Rice-coded by buckets, and two bits each.

    "NZREG" 1 CR LF, length of the head (4 bytes), head (CBOR)
    for each bucket and the end: how many documents stand before it, where it begins (4 + 4 bytes)
    the buckets: gaps between hashes (R. F. Rice, 1979), each bucket whole bytes
    the statuses, two bits each, the first in a byte's lowest

All numbers of the index are big-endian. A hash falls on one of ``PER_BUCKET << shift`` places of
its bucket, so a document that is not here is found here once in ``1 << shift`` times.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sync.wire import cbor
from sync.wire.errors import MalformedError

MAGIC = b"NZREG\x01\r\n"
HEAD_BYTES_MAX = 64 * 1024
PER_BUCKET = 128
SHIFT = 22  # one in four million is found by mistake
SHIFT_MAX = 40
HASH_BITS = 62
BUCKETS_MAX = 1 << 26  # eight thousand million documents
SLOW_MAX = 20
STATUS_BITS = 2
STANDS, SUSPENDED, REVOKED, GONE = range(4)


@dataclass(frozen=True, slots=True)
class Head:
    """What a registry says of itself.

    Attributes:
        name: the registry's own, the same through all its editions.
        edition: 16 random bytes; what changes it names them.
        covers: document types that it holds all of.
        made_s: Unix time as of which it is complete.
        key_id: which key its hashes are made with.
        buckets: of about ``PER_BUCKET`` documents each.
        slow: log2 of scrypt's cost for a hash; 0: none is slowed.
    """

    name: str
    edition: bytes
    covers: tuple[str, ...]
    made_s: int
    count: int
    key_id: bytes
    buckets: int = 1
    shift: int = SHIFT
    slow: int = 0

    @property
    def universe(self) -> int:
        return self.buckets * PER_BUCKET << self.shift

    def place(self, hashed: int) -> int:
        """Where a hash of ``HASH_BITS`` falls."""
        return hashed * self.universe >> HASH_BITS

    def encode(self) -> bytes:
        told: dict[str, Any] = {
            "name": self.name,
            "edition": self.edition,
            "covers": list(self.covers),
            "made": self.made_s,
            "count": self.count,
            "key": self.key_id,
            "buckets": self.buckets,
            "shift": self.shift,
            "slow": self.slow,
        }
        head = cbor.encode(told)
        return MAGIC + len(head).to_bytes(4, "big") + head


@dataclass(frozen=True, slots=True)
class Written:
    """A registry's parts, ready to be written one after another."""

    head: bytes
    index: bytes = field(repr=False)
    buckets: bytes = field(repr=False)
    statuses: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.head) + len(self.index) + len(self.buckets) + len(self.statuses)


def read_head(data: bytes) -> tuple[Head, int]:
    """The head at the beginning of ``data``, and where the index begins. Raises MalformedError."""
    length = int.from_bytes(data[8:12], "big")
    if data[:8] != MAGIC or length > HEAD_BYTES_MAX or len(data) < 12 + length:
        raise MalformedError("not a registry")
    match cbor.decode(data[12 : 12 + length], HEAD_BYTES_MAX):
        case {
            "name": str(name),
            "edition": bytes(edition),
            "covers": [*covers],
            "made": int(made_s),
            "count": int(count),
            "key": bytes(key_id),
            "buckets": int(buckets),
            "shift": int(shift),
            "slow": int(slow),
        } if all(isinstance(one, str) for one in covers) and 0 < shift <= SHIFT_MAX:
            if count < 0 or not 0 < buckets <= BUCKETS_MAX or not 0 <= slow <= SLOW_MAX:
                raise MalformedError("not a registry's head")
            told = (name, edition, tuple(covers), made_s, count, key_id, buckets, shift, slow)
            return Head(*told), 12 + length
        case _:
            raise MalformedError("not a registry's head")


def write(head: Head, ordered: Iterable[int]) -> Written:
    """``ordered``: ascending ``place << 2 | status``, no place twice, ``head.count`` of them."""
    index, buckets, statuses = array("I"), bytearray(), bytearray()
    width, done = PER_BUCKET << head.shift, 0
    pending = iter(ordered)
    item = next(pending, None)
    for bucket in range(head.buckets):
        index.extend((done, len(buckets)))
        end, before = (bucket + 1) * width << STATUS_BITS, bucket * width
        codes: list[str] = []
        while item is not None and item < end:
            place = item >> STATUS_BITS
            codes.append(code(place - before, head.shift))
            before = place
            put_status(statuses, done, item & (1 << STATUS_BITS) - 1)
            done += 1
            item = next(pending, None)
        buckets += packed("".join(codes))
    index.extend((done, len(buckets)))
    if done != head.count or item is not None:
        raise ValueError("a head that counts others")
    if index.itemsize != 4:
        raise ValueError("numbers of another size")
    index.byteswap()
    return Written(head.encode(), index.tobytes(), bytes(buckets), bytes(statuses))


def code(gap: int, shift: int) -> str:
    """Rice's code of a number, as digits: so many noughts, a one, and the lowest bits."""
    return "0" * (gap >> shift) + "1" + format(gap & (1 << shift) - 1, f"0{shift}b")


def packed(digits: str) -> bytes:
    size = -(-len(digits) // 8)
    return int(digits.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")


def gaps(data: bytes, shift: int) -> Iterator[int]:
    """The numbers that ``packed`` codes say, in order. Raises MalformedError: one is cut off."""
    digits, at = format(int.from_bytes(data, "big"), f"0{8 * len(data)}b"), 0
    while (one := digits.find("1", at)) >= 0:
        at_next = one + 1 + shift
        if at_next > len(digits):
            raise MalformedError("a gap that is cut off")
        yield (one - at) << shift | int(digits[one + 1 : at_next], 2)
        at = at_next


def put_status(statuses: bytearray, rank: int, status: int) -> None:
    """In place of what stands there; one beyond the end makes room for itself."""
    at, place = divmod(rank, 8 // STATUS_BITS)
    if at == len(statuses):
        statuses.append(0)
    mask = (1 << STATUS_BITS) - 1
    statuses[at] = statuses[at] & ~(mask << STATUS_BITS * place) | status << STATUS_BITS * place


def status_at(statuses: bytes | memoryview, rank: int) -> int:
    at, place = divmod(rank, 8 // STATUS_BITS)
    return statuses[at] >> STATUS_BITS * place & (1 << STATUS_BITS) - 1
