"""C40: three capitals, digits or spaces in two bytes (ISO/IEC 16022, ICAO Doc 9303 part 13)."""

from localservices.verification.verdict import DocumentError, Reason

_UNLATCH, _PAD = 254, 0
_CHARS = {3: " "} | {4 + at: char for at, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def decode(data: bytes) -> str:
    """Raises DocumentError: characters that no seal has, or half a pair."""
    if len(data) % 2:
        raise DocumentError(Reason.SEAL)
    return "".join(_pair(data[at : at + 2]) for at in range(0, len(data), 2))


def _pair(pair: bytes) -> str:
    if pair[0] == _UNLATCH:  # one last character, in ASCII plus one
        return chr(pair[1] - 1) if 0x20 < pair[1] <= 0x7F else _refused()
    number = int.from_bytes(pair, "big") - 1
    values = [number // 1600, number // 40 % 40, number % 40]
    if values[-1] == _PAD:
        values.pop()
    return "".join(_CHARS.get(value) or _refused() for value in values)


def _refused() -> str:
    raise DocumentError(Reason.SEAL)
