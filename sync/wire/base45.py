"""Base 45 (RFC 9285): how QR codes carry bytes in their alphanumeric mode."""

from sync.wire.errors import MalformedError

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_STRANGE = 0xFF
_VALUES = bytes(_ALPHABET.find(code) % 256 for code in range(256))  # -1: strange
_LANE = 4  # bytes in which a number of three digits is worked out, all numbers at once


def decode(text: str) -> bytes:
    """Raises MalformedError: a strange character, a dangling one, or too large a value."""
    try:
        digits = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise MalformedError("not base 45") from error
    if _STRANGE in digits or len(digits) % 3 == 1:
        raise MalformedError("not base 45")
    whole = len(digits) // 3 * 3
    low, middle, high = (_lanes(digits[place:whole:3]) for place in range(3))
    numbers = (low + 45 * middle + 2025 * high).to_bytes(_LANE * (whole // 3), "little")
    rest = digits[whole] + 45 * digits[whole + 1] if whole < len(digits) else 0
    if numbers[2::_LANE].strip(b"\0") or rest > 0xFF:
        raise MalformedError("not base 45")
    pairs = bytearray(2 * (whole // 3))
    pairs[0::2], pairs[1::2] = numbers[1::_LANE], numbers[0::_LANE]
    return bytes(pairs) if whole == len(digits) else bytes([*pairs, rest])


def encode(data: bytes) -> str:
    """Give the text for a QR code in alphanumeric mode."""
    digits = bytearray()
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            digits.append(_ALPHABET[digit])
    return digits.decode("ascii")


def _lanes(digits: bytes) -> int:
    """One long number with a digit in each lane: then one sum adds all of them up."""
    return int.from_bytes(digits.decode("latin-1").encode("utf-32-le"), "little")
