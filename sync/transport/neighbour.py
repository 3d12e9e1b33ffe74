"""Another node on the local network, asked for files of the catalogue: believed in nothing."""

from collections.abc import Iterator
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError

PATH = "/relay/1/catalogue/"
TIMEOUT_S = 10.0
_CHUNK_BYTES = 64 * 1024


class NeighbourError(Exception):
    """It gave nothing, or not all. ``is_absent``: it has no such file."""

    def __init__(self, *, is_absent: bool) -> None:
        super().__init__("absent" if is_absent else "cut")
        self.is_absent = is_absent


def get(address: str, name: str, offset: int) -> Iterator[bytes]:
    """The file's bytes from ``offset`` on. Raises NeighbourError, also in the middle."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # the next room is reached by no proxy
            with session.get(
                f"{address.rstrip('/')}{PATH}{quote(name)}",
                headers={"Range": f"bytes={offset}-", "Accept-Encoding": "identity"},
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code == 416:  # all of it is here already
                    return
                whole = answer.status_code == 200 and not offset
                if not whole and answer.status_code != 206:
                    raise NeighbourError(is_absent=answer.status_code == 404)
                while chunk := answer.raw.read1(_CHUNK_BYTES):
                    yield chunk
    except (requests.RequestException, HTTPError, OSError) as error:
        raise NeighbourError(is_absent=False) from error
