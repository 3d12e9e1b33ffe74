"""The relay's one address: a node posts what it has for central, and gets central's words."""

import base64
import binascii
from collections.abc import Callable
from typing import cast

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from localservices.relay.door import Door
from sync.store.relayed import RelayFullError
from sync.wire import bag
from sync.wire.errors import MalformedError, WireError
from sync.wire.topics import check_node_id

PATH = "/relay/1/messages"
LAST = "Nezlam-Last"
KEYS = "Nezlam-Keys"
CHAIN_MAX = 8


def create_pages(door: Door) -> Blueprint:
    """Nobody signs in here, and no browser posts here: what comes proves itself by signatures."""
    pages = Blueprint("relay", __name__)

    @pages.post(PATH)
    def messages() -> ResponseReturnValue:
        if not door.lets_in(request.remote_addr or ""):
            return _no("often", 429)
        request.max_content_length = bag.BAG_BYTES_MAX
        try:
            node_id = check_node_id(request.args.get("node", ""))
            after = request.args.get("after", 0, int)
            body = request.get_data(cache=False)
            answers, last = door.exchange(node_id, after, body, _chain())
        except WireError:
            return _no("strange", 400)
        except RelayFullError:
            return _no("full", 507)
        return Response(answers, mimetype="application/cbor", headers={LAST: str(last)})

    pages.record_once(lambda state: state.app.extensions["csrf"].exempt(pages))
    return pages


def _chain() -> list[bytes]:
    """Successions of the node's key. Raises MalformedError."""
    lines = request.headers.get(KEYS, "").split(",")
    try:
        return [base64.b64decode(one, validate=True) for one in lines[:CHAIN_MAX] if one]
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64") from error


def _no(why: str, code: int) -> ResponseReturnValue:
    t = cast(Callable[[str], str], current_app.jinja_env.globals["t"])
    return Response(t(f"relay.{why}") + "\n", code, mimetype="text/plain")
