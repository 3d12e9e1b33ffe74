"""Who may look: this machine alone, or whoever says the passphrase."""

import hashlib
import hmac

from flask import Flask, request
from werkzeug.wrappers import Response

OPEN = ("healthz",)  # what watches processes has no passphrase, and learns nothing
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def guard(app: Flask, passphrase: str | None) -> None:
    """Let each request pass this door. ``passphrase`` None: only this machine reaches the port.

    Then a page of the wider web that points its own name here (DNS rebinding) is turned away. The
    passphrase goes in the clear (RFC 7617 section 4): TLS must stand before it.
    """
    if passphrase is None:
        app.config["TRUSTED_HOSTS"] = list(LOCAL_NAMES)
        return
    expected = _digest(passphrase)

    def door() -> Response | None:
        if request.endpoint in OPEN:
            return None
        said = request.authorization
        password = said.password if said is not None and said.type == "basic" else None
        # Equal lengths and equal times, whatever was said.
        if hmac.compare_digest(_digest(password or ""), expected):
            return None
        asks = {"WWW-Authenticate": 'Basic realm="Nezlam", charset="UTF-8"'}
        return Response("passphrase\n", 401, asks, mimetype="text/plain")

    app.before_request(door)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
