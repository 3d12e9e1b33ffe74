"""HTTP Digest (RFC 7616), qop=auth, by MD5 as phones speak it and by SHA-256. Pure functions.

MD5's weakness is collisions; here it only mixes a secret of 120 random bits, which nobody guesses.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

REALM = "Nezlam"
HEADER_CHARS_MAX = 2_048
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
}
ALGORITHMS = tuple(_HASHES)
_PAIR = re.compile(
    r"[\s,]*([A-Za-z][A-Za-z0-9_*-]*)[ \t]*=[ \t]*"
    r'(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))[ \t]*(?:,|$)'
)
_NEEDED = ("username", "realm", "nonce", "uri", "response", "cnonce", "nc", "qop")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device says of itself in its Authorization header."""

    username: str
    nonce: str
    uri: str
    response: str
    cnonce: str
    nc: str  # as it was written; it goes into the hash
    algorithm: str  # one of ALGORITHMS

    @property
    def count(self) -> int:
        return int(self.nc, 16)


def parse(header: str) -> Answer | None:
    """Read an Authorization header; None: it is not an answer to a challenge of ours."""
    if len(header) > HEADER_CHARS_MAX or header[:7].lower() != "digest ":
        return None
    said = _pairs(header[7:])
    if said is None or any(not said.get(name) for name in _NEEDED):
        return None
    algorithm = said.get("algorithm", "MD5").upper()
    is_ours = said["realm"] == REALM and said["qop"].lower() == "auth" and algorithm in _HASHES
    if not is_ours or not re.fullmatch(r"[0-9a-fA-F]{8}", said["nc"]):
        return None
    return Answer(
        username=said["username"],
        nonce=said["nonce"],
        uri=said["uri"],
        response=said["response"],
        cnonce=said["cnonce"],
        nc=said["nc"],
        algorithm=algorithm,
    )


def ha1(algorithm: str, username: str, secret: str) -> str:
    """Hash who and the secret; lower-case hexadecimal."""
    return _hashed(algorithm, f"{username}:{REALM}:{secret}")


def is_right(answer: Answer, method: str, ha1: str) -> bool:
    """Whether whoever answered knows the secret behind ``ha1``; takes the same time for all."""
    ha2 = _hashed(answer.algorithm, f"{method}:{answer.uri}")
    parts = (ha1, answer.nonce, answer.nc, answer.cnonce, "auth", ha2)
    expected = _hashed(answer.algorithm, ":".join(parts))
    return hmac.compare_digest(expected.encode(), answer.response.lower().encode())


def challenges(nonce: str, *, stale: bool) -> list[str]:
    """The WWW-Authenticate headers: MD5 first, for phones take the first and some know no other."""
    said = ", stale=true" if stale else ""
    return [
        f'Digest realm="{REALM}", qop="auth", nonce="{nonce}", algorithm={algorithm}{said}'
        for algorithm in ALGORITHMS
    ]


def _pairs(text: str) -> dict[str, str] | None:
    said: dict[str, str] = {}
    at = 0
    text = text.strip(" \t,")
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is None or (name := found[1].lower()) in said:
            return None
        said[name] = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        at = found.end()
    return said


def _hashed(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()
