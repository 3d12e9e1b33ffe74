"""The page with the switch: what runs where, and a button that cuts or restores the link."""

import secrets
import threading
from typing import Any

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from waitress.server import create_server
from werkzeug.wrappers import Response

from provisioning.demo.browser import Account
from provisioning.demo.village import Village

_STOP_TIMEOUT_S = 2.0
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def create_app(village: Village, account: Account, document: str | None) -> Flask:
    """``document`` is the text of a sample certificate to try verification with."""
    app = Flask(__name__)
    token = secrets.token_urlsafe(16)  # another site's form does not know it

    def home() -> ResponseReturnValue:
        return render_template(
            "control.html", village=village, account=account, token=token, document=document
        )

    def turn() -> ResponseReturnValue:
        if not secrets.compare_digest(request.form.get("token", "").encode(), token.encode()):
            return "This form is not ours: open the page again.\n", 403
        if request.form.get("link") == "cut":
            village.switch.cut()
        else:
            village.switch.restore()
        return redirect("/", 303)

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/link", "turn", turn, methods=["POST"])
    app.after_request(_add_headers)
    return app


class ControlServer:
    """The page on its own thread. Start once, stop once."""

    def __init__(self, app: Flask, port: int) -> None:
        self._server: Any = create_server(app, host="127.0.0.1", port=port, threads=2, ident=None)
        self.address = f"http://127.0.0.1:{self._server.effective_port}/"
        self._thread = threading.Thread(target=self._server.run, name="control", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.task_dispatcher.shutdown(timeout=_STOP_TIMEOUT_S)
        self._server.trigger.pull_trigger(self._hang_up)
        self._thread.join(_STOP_TIMEOUT_S)

    def _hang_up(self) -> None:
        """On its own thread: a browser that keeps its line open would hold up Ctrl-C."""
        for channel in self._server.active_channels.values():
            channel.close_when_flushed = True
        self._server.close()


def _add_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
