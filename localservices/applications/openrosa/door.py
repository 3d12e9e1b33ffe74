"""Who may come in: devices that know their secret. Knows no HTTP framework."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from localservices.applications.openrosa import digest
from localservices.applications.openrosa.nonces import FRESH_MS, LONGEST_MS, Nonces, Use
from sync.store.devices import Devices, Secret

CHALLENGES_MAX = 600  # to one address a minute; a phone needs two a form at worst
ADDRESSES_MAX = 1_024  # remembered at once
_MINUTE_MS = 60_000
_NOBODY = Secret(hashlib.md5(b"").hexdigest(), hashlib.sha256(b"").hexdigest())  # noqa: S324


class Patience(Protocol):
    """Makes whoever guesses wait; ``begin`` gives milliseconds, 0: go on."""

    def begin(self, name: str, address: str) -> int: ...

    def succeed(self, name: str, address: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Knock:
    """A request as far as the door cares. ``uri``: path and query, as they were sent."""

    method: str
    uri: str
    authorization: str
    address: str
    is_long: bool = False  # its header was looked at when it began to come


class NotIn(Exception):  # noqa: N818  an answer, not an error
    """Not let in. ``wait_s`` is 0 where the device may answer ``challenges`` at once."""

    def __init__(self, challenges: list[str], wait_s: int = 0) -> None:
        super().__init__("not let in")
        self.challenges, self.wait_s = challenges, wait_s


class Door:
    """Any thread may use it."""

    def __init__(
        self,
        devices: Devices,
        nonces: Nonces,
        patience: Patience,
        monotonic_ms: Callable[[], int],
        now_ms: Callable[[], int],
    ) -> None:
        self._devices, self._nonces, self._patience = devices, nonces, patience
        self._monotonic_ms, self._now_ms = monotonic_ms, now_ms
        self._turn = threading.Lock()  # so that many answers at once are not taken for guesses
        self._minute = 0
        self._challenged: dict[str, int] = {}

    def enter(self, knock: Knock) -> str:
        """Give the username of the device. Raises NotIn."""
        answer = digest.parse(knock.authorization)
        if answer is None or answer.uri != knock.uri:
            raise self._no(knock.address)
        with self._turn:
            wait_ms = self._patience.begin(answer.username, knock.address)
            if wait_ms:
                raise NotIn([], -(-wait_ms // 1000))
            if not self._is_right(answer, knock.method):
                raise self._no(knock.address)
            self._patience.succeed(answer.username, knock.address)
        most_ms = LONGEST_MS if knock.is_long else FRESH_MS
        if self._nonces.use(answer.nonce, answer.count, most_ms) is Use.STALE:
            raise self._no(knock.address, stale=True)
        self._devices.see(answer.username, self._now_ms())
        return answer.username

    def expects(self, knock: Knock) -> bool:
        """Whether what follows this header is worth keeping; nothing is counted or used up."""
        answer = digest.parse(knock.authorization)
        return (
            answer is not None
            and answer.uri == knock.uri
            and self._nonces.is_fresh(answer.nonce)
            and self._is_right(answer, knock.method)
        )

    def _is_right(self, answer: digest.Answer, method: str) -> bool:
        secret = self._devices.secret_of(answer.username)
        known = secret or _NOBODY  # a stranger's name takes as long as a device's
        ha1 = known.ha1_md5 if answer.algorithm == "MD5" else known.ha1_sha256
        return digest.is_right(answer, method, ha1) and secret is not None

    def _no(self, address: str, *, stale: bool = False) -> NotIn:
        minute = self._monotonic_ms() // _MINUTE_MS
        if minute != self._minute or len(self._challenged) > ADDRESSES_MAX:
            self._minute, self._challenged = minute, {}
        count = self._challenged.get(address, 0) + 1
        self._challenged[address] = count
        if count > CHALLENGES_MAX:
            return NotIn([], _MINUTE_MS // 1000)
        return NotIn(digest.challenges(self._nonces.draw(), stale=stale))
