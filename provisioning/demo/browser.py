"""A member of staff at the node's pages, as far as a program can be one: real HTTP, real forms."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

import requests

from provisioning.demo import pages

_TIMEOUT_S = 30  # Argon2id takes its time on a small machine
_UPLOAD_TIMEOUT_S = 300
_CODE = re.compile(r'id="edocument" data-text="([^"]+)"')
_NUMBER = re.compile(r"(?<=<strong>)[a-z0-9-]+-2-\d+(?=</strong>)")
_STAGE = re.compile(r'id="journey" data-stage="(\w+)"')


class PageError(Exception):
    """A page did not do what it promises. ``str(error)`` says which, and what it answered."""


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    passphrase: str


class StaffBrowser:
    """Signed in after ``set_up`` or ``sign_in``."""

    def __init__(self, address: str) -> None:
        """``address`` ends with a slash."""
        self._address = address
        self._session = requests.Session()
        self._session.headers["Accept-Language"] = "en"

    def set_up(self, account: Account, setup_code: str) -> None:
        """Make the node's first account. Raises PageError."""
        fields = {
            "setup_code": setup_code,
            "name": account.name,
            "passphrase": account.passphrase,
            "passphrase_again": account.passphrase,
        }
        self._post("setup", fields, seen_at="setup")

    def sign_in(self, account: Account) -> None:
        """Raises PageError."""
        fields = {"name": account.name, "passphrase": account.passphrase}
        self._post("sign-in", fields, seen_at="sign-in")

    def register(self, fields: dict[str, str]) -> str:
        """Send the registration form; give the path of the household's page. Raises PageError.

        Asked whether it is the same as another household, this person says that it is not.
        """
        page = self._get("households/new")
        sent = {name: _hidden(page, name) for name in ("csrf_token", "form_id")} | fields
        url = f"{self._address}households"
        asked = self._session.post(url, data=sent, timeout=_TIMEOUT_S, allow_redirects=False)
        if asked.status_code == 303:
            return asked.headers["Location"].lstrip("/")
        if asked.status_code == 409:
            sent |= {"double": "different", "doubles": _hidden(asked.text, "doubles")}
        answer = self._send("households", sent)
        return answer.headers["Location"].lstrip("/")

    def correct(self, path: str, fields: dict[str, str]) -> None:
        """Send a household's form again with these fields changed. Raises PageError."""
        self._submit(f"{path}/correct", f"/{path}/correct", fields)

    def settle(self, path: str, text: str) -> None:
        """Say of a collision that this text is right. Raises PageError."""
        self._submit(path, f"/{path}/settle", {"text": text})

    def take_out(self, path: str, reason: str) -> None:
        """Remove a registration. Raises PageError."""
        self._submit(path, f"/{path}/remove", {"reason": reason})

    def attach(self, content: bytes, fields: dict[str, str]) -> str:
        """Attach a file; give the path of its page. Raises PageError."""
        page = self._get("media/new")
        hidden = {name: _hidden(page, name) for name in ("csrf_token", "form_id")}
        answer = self._session.post(
            f"{self._address}media",
            data=hidden | fields,
            files={"file": content},
            timeout=_UPLOAD_TIMEOUT_S,
            allow_redirects=False,
        )
        if answer.status_code != 303:
            raise PageError(f"/media answered {answer.status_code} and took nothing")
        return answer.headers["Location"].lstrip("/")

    def verify(self, payload: str) -> str:
        """Send a document's text; give the page that answers. Raises PageError."""
        token = {"csrf_token": _hidden(self._get("verify"), "csrf_token")}
        answer = self._session.post(
            f"{self._address}verify", data=token | {"payload": payload}, timeout=_TIMEOUT_S
        )
        if answer.status_code != 200:
            raise PageError(f"/verify answered {answer.status_code}")
        return answer.text

    def issue(self, path: str) -> tuple[str, str]:
        """Let a household's head have a certificate; give its number and its code's text."""
        page = self._answer(path, f"/{path}/edocument", {})
        number, text = _NUMBER.search(page), _CODE.search(page)
        if number is None or text is None:
            raise PageError(f"/{path} gave no certificate")
        return number[0], html.unescape(text[1])

    def revoke(self, number: str, reason: str) -> None:
        """Revoke a certificate. Raises PageError."""
        self._submit(
            "edocuments/revoke", "/edocuments/revoke", {"number": number, "reason": reason}
        )

    def look_up(self, kind: str, number: str, born_on: str) -> str:
        """Ask a registry; give the page that answers. Raises PageError."""
        fields = {"document_type": kind, "number": number, "born_on": born_on}
        return self._answer("verify/number", "/verify/number", fields)

    def stage(self, path: str) -> str:
        """How far a household has come: saved, sent or held. Raises PageError."""
        found = _STAGE.search(self._get(path))
        if found is None:
            raise PageError(f"/{path} shows no journey")
        return found[1]

    def status(self) -> dict[str, Any]:
        """What the node says of its link and lanes. Raises PageError."""
        told: dict[str, Any] = self._session.get(
            f"{self._address}api/status", timeout=_TIMEOUT_S
        ).json()
        return told

    def text(self, path: str) -> str:
        """A page as a person reads it. Raises PageError."""
        return html.unescape(self._get(path))

    def catalogue(self) -> dict[str, Any]:
        """What central sent to every node, by name. Raises PageError."""
        told = json.loads(self._get("api/catalogue"))["catalogue"]
        return {file["name"]: file for file in told["files"]}

    def _get(self, path: str) -> str:
        answer = self._session.get(f"{self._address}{path}", timeout=_TIMEOUT_S)
        if answer.status_code != 200:
            raise PageError(f"/{path} answered {answer.status_code}")
        return answer.text

    def _answer(self, page: str, action: str, fields: dict[str, str]) -> str:
        """Send a form whose answer is a page."""
        found = next((one for one in pages.forms(self._get(page)) if one.action == action), None)
        if found is None:
            raise PageError(f"/{page} has no form for {action}")
        answer = self._session.post(
            f"{self._address}{action.lstrip('/')}", data=found.fields | fields, timeout=_TIMEOUT_S
        )
        if answer.status_code != 200:
            raise PageError(f"{action} answered {answer.status_code}")
        return answer.text

    def _submit(self, page: str, action: str, fields: dict[str, str]) -> None:
        found = next((one for one in pages.forms(self._get(page)) if one.action == action), None)
        if found is None:
            raise PageError(f"/{page} has no form for {action}")
        self._send(action.lstrip("/"), found.fields | fields)

    def _post(self, path: str, fields: dict[str, str], seen_at: str) -> None:
        self._send(path, {"csrf_token": _hidden(self._get(seen_at), "csrf_token")} | fields)

    def _send(self, path: str, fields: dict[str, str]) -> requests.Response:
        answer = self._session.post(
            f"{self._address}{path}", data=fields, timeout=_TIMEOUT_S, allow_redirects=False
        )
        if answer.status_code != 303:
            raise PageError(f"/{path} answered {answer.status_code} and took nothing")
        return answer


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise PageError(f"a form without its {name}")
    return found[1]
