"""A turn at a relay on the local network: a bag of messages there, central's words back."""

import base64
from collections.abc import Callable, Sequence
from enum import StrEnum

import requests

from sync.wire import bag
from sync.wire.errors import WireError

PATH = "/relay/1/messages"
LAST = "Nezlam-Last"
KEYS = "Nezlam-Keys"  # successions of the node's signing key, for a relay with an older list
TIMEOUT_S = 10.0  # of one wait; a relay writes to its disk before it answers

_PROBLEMS = {507: "full", 429: "often", 404: "none", 405: "none"}


class Trouble(StrEnum):
    """Why a relay took nothing."""

    GONE = "gone"  # no answer, or not to the end
    FULL = "full"
    OFTEN = "often"
    NONE = "none"  # what answers there is no relay
    REFUSED = "refused"


class RelayError(Exception):
    """Nothing was handed over."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class RelayLine:
    """Speaks to relays for one node. One thread at a time may use it."""

    def __init__(self, node_id: str, chain: Callable[[], Sequence[bytes]] = tuple) -> None:
        """``chain`` gives the last successions of the node's key, the oldest first."""
        self._node_id, self._chain = node_id, chain
        self._session = requests.Session()
        self._session.trust_env = False  # the next room is reached by no proxy

    def exchange(self, address: str, after: int, messages: list[bytes]) -> tuple[list[bytes], int]:
        """Hand messages over; when this returns, they lie on the relay's disk.

        ``after`` is the number of the last word of central that came this way; gives those after
        it, not yet verified, and the number of the last of them.

        Raises:
            RelayError: nothing was handed over, or it is not known.
        """
        try:
            answer = self._session.post(
                f"{address.rstrip('/')}{PATH}",
                params={"node": self._node_id, "after": str(after)},
                data=bag.pack(messages),
                headers={"Content-Type": "application/cbor"} | self._keys(),
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                if answer.status_code != 200:
                    raise RelayError(Trouble(_PROBLEMS.get(answer.status_code, "refused")))
                body = answer.raw.read(bag.BAG_BYTES_MAX + 1)
                return bag.unpack(body), int(answer.headers[LAST])
        except (requests.RequestException, OSError) as error:
            raise RelayError(Trouble.GONE) from error
        except (WireError, KeyError, ValueError) as error:
            raise RelayError(Trouble.NONE) from error

    def _keys(self) -> dict[str, str]:
        chain = [base64.b64encode(one).decode() for one in self._chain()]
        return {KEYS: ",".join(chain)} if chain else {}

    def close(self) -> None:
        self._session.close()
