"""Base 45 (RFC 9285): how QR codes carry bytes in their alphanumeric mode."""

from localservices.verification.verdict import DocumentError, Reason

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def decode(text: str) -> bytes:
    """Raises DocumentError: a strange character, a dangling one, or too large a value."""
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as error:
        raise DocumentError(Reason.BASE45) from error
    if len(values) % 3 == 1:
        raise DocumentError(Reason.BASE45)
    out = bytearray()
    for at in range(0, len(values), 3):
        digits = values[at : at + 3]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        length = len(digits) - 1
        if number >= 1 << 8 * length:
            raise DocumentError(Reason.BASE45)
        out += number.to_bytes(length, "big")
    return bytes(out)
