"""Deterministic CBOR (RFC 8949 section 4.2) in, plain values out, with every trap refused."""

from collections.abc import Callable
from typing import Any, NoReturn

import cbor2

from sync.wire.errors import MalformedError, OversizedError
from sync.wire.limits import DEPTH_MAX


def encode(value: object) -> bytes:
    """Give the one byte string for ``value``: maps sorted, lengths and numbers shortest."""
    return cbor2.dumps(value, canonical=True)


def encode_ordered(value: object) -> bytes:
    """As ``encode``, at a quarter of its cost: for maps in ``map_order`` already, and no floats."""
    return cbor2.dumps(value)


def map_order(key: str) -> tuple[int, bytes]:
    """Sorts text keys as their encodings sort: the shorter first, then byte by byte."""
    encoded = key.encode()
    return len(encoded), encoded


def decode(data: bytes, bytes_max: int) -> Any:
    """Read one deterministic CBOR item made of plain values, and nothing after it.

    Raises:
        OversizedError: longer than ``bytes_max``, before any parsing.
        MalformedError: not CBOR, too deep, tagged, indefinite, or not deterministic.
    """
    if len(data) > bytes_max:
        raise OversizedError(f"{len(data)} bytes, at most {bytes_max}")
    try:
        value = cbor2.loads(
            data,
            tag_hook=_refuse,
            semantic_decoders=_REFUSED,
            max_depth=DEPTH_MAX,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        same = encode(value) == data
    except (cbor2.CBORError, ValueError, TypeError, RecursionError) as error:
        raise MalformedError("not plain CBOR") from error
    if not same:
        raise MalformedError("not deterministic CBOR")
    return value


def _refuse(*_: object) -> NoReturn:
    # A tag may build cycles (28/29), compile patterns (35) or huge numbers (4): none is ours.
    raise MalformedError("CBOR tags do not belong here")


_REFUSED: dict[int, Callable[..., Any]] = dict.fromkeys([*range(300), 1004, 43000, 55799], _refuse)
