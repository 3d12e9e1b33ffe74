"""Base 45 (RFC 9285): how QR codes carry bytes in their alphanumeric mode."""

import struct

from sync.wire.errors import MalformedError

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_STRANGE = 0xFF
_VALUES = bytes(_ALPHABET.find(code) % 256 for code in range(256))  # -1: strange


def decode(text: str) -> bytes:
    """Raises MalformedError: a strange character, a dangling one, or too large a value."""
    try:
        digits = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise MalformedError("not base 45") from error
    if _STRANGE in digits or len(digits) % 3 == 1:
        raise MalformedError("not base 45")
    whole = len(digits) // 3 * 3
    threes = zip(digits[0:whole:3], digits[1:whole:3], digits[2:whole:3], strict=True)
    numbers = [low + 45 * middle + 2025 * high for low, middle, high in threes]
    rest = [digits[whole] + 45 * digits[whole + 1]] if whole < len(digits) else []
    try:
        return struct.pack(f">{len(numbers)}H{len(rest)}B", *numbers, *rest)
    except struct.error as error:
        raise MalformedError("not base 45") from error


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
