"""Requests to wallets for a presentation (OpenID4VP 1.0), in memory and for minutes. No I/O.

    WAITING --a wallet's answer--> JUDGING --verdicts--> ANSWERED
    WAITING --a wallet's no--> DECLINED
    any --ten minutes after the asking--> forgotten

Section numbers are those of OpenID for Verifiable Presentations 1.0.
"""

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import cbor2

from localservices.verification.formats.mdoc_device import Session
from localservices.verification.neighbours.judging import Checked
from localservices.verification.signatures import Algorithm

LIFE_MS = 10 * 60_000
EACH_MAX = 100  # of one key, waiting or answered: a person each six seconds
_COSE = [-7, -35, -36, -8]  # RFC 9053: ES256, ES384, ES512, EdDSA
_FORMATS = {
    "dc+sd-jwt": {
        "sd-jwt_alg_values": [one.value for one in Algorithm],
        "kb-jwt_alg_values": [one.value for one in Algorithm],
    },
    "mso_mdoc": {"issuerauth_alg_values": _COSE, "deviceauth_alg_values": _COSE},
}


class Status(StrEnum):
    WAITING = "waiting"  # for a wallet
    JUDGING = "judging"
    ANSWERED = "answered"
    DECLINED = "declined"  # the wallet said no, or could not


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``asker`` is a key's id, ``query`` in DCQL (section 6).

    Attributes:
        found: what came of each presentation, by the query's credential.
    """

    request_id: str
    asker: str
    name: str  # of the key
    response_uri: str
    query: Mapping[str, Any]
    since_ms: int  # monotonic
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    status: Status = Status.WAITING
    found: Mapping[str, Sequence[Checked]] = field(default_factory=dict, repr=False)

    @property
    def client_id(self) -> str:
        """Nobody vouches for us: we are who is at this address (section 5.9.3)."""
        return f"redirect_uri:{self.response_uri}"

    @property
    def session(self) -> Session:
        """What a mobile document's device signs (appendix B.2.6.1); the answer is not encrypted."""
        info = cbor2.dumps([self.client_id, self.nonce, None, self.response_uri])
        handover = ["OpenID4VPHandover", hashlib.sha256(info).digest()]
        return Session(cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps([None, None, handover]))))

    def request(self) -> dict[str, Any]:
        """The authorization request (section 5)."""
        return {
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "client_id": self.client_id,
            "response_uri": self.response_uri,
            "nonce": self.nonce,
            "state": self.state,
            "dcql_query": self.query,
            "client_metadata": {"vp_formats_supported": _FORMATS},
        }

    def uri(self) -> str:
        """The same as a link or a QR code, whole: it needs no second fetch."""
        told = {
            name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in self.request().items()
        }
        return f"openid4vp://?{urlencode(told)}"

    def is_answered_by(self, state: str) -> bool:
        return hmac.compare_digest(state.encode(), self.state.encode())


class FullError(Exception):
    """The key has no room for another request. ``wait_ms``: until the oldest is forgotten."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(wait_ms)
        self.wait_ms = wait_ms


class Presentations:
    """One for a process. Any thread may call. ``now_ms`` is monotonic."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}  # the oldest first
        self._turn = threading.Lock()

    def ask(
        self, asker: tuple[str, str], address: str, query: Mapping[str, Any], now_ms: int
    ) -> Asked:
        """``asker``: a key's id and name; ``address``: where wallets answer. Raises FullError."""
        request_id, (key_id, name) = secrets.token_hex(16), asker
        asked = Asked(
            request_id,
            key_id,
            name,
            f"{address}/{request_id}",
            query,
            now_ms,
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
        )
        with self._turn:
            self._forget(now_ms)
            own = [one for one in self._asked.values() if one.asker == key_id]
            if len(own) >= EACH_MAX:
                raise FullError(own[0].since_ms + LIFE_MS - now_ms)
            self._asked[request_id] = asked
        return asked

    def of(self, request_id: str, now_ms: int) -> Asked | None:
        """The request; None: there is none, or it is forgotten."""
        with self._turn:
            self._forget(now_ms)
            return self._asked.get(request_id)

    def settle(
        self, asked: Asked, status: Status, found: Mapping[str, Sequence[Checked]] | None = None
    ) -> bool:
        """Go on from ``asked`` as it was seen; False: another was quicker."""
        with self._turn:
            if self._asked.get(asked.request_id) != asked:
                return False
            self._asked[asked.request_id] = replace(asked, status=status, found=found or {})
            return True

    def _forget(self, now_ms: int) -> None:
        while self._asked:
            oldest = next(iter(self._asked.values()))
            if now_ms - oldest.since_ms < LIFE_MS:
                return
            del self._asked[oldest.request_id]
