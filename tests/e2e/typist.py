"""Types one text into every field of every form that a signed-in person can reach."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT_S = 30
LEAVING = ("/sign-out", "/lock")  # these end the work; they have no field
FILE_BYTES = 2 * 1024**2  # enough that a careless server would spool it to the disk

Fields = dict[str, str]


@dataclass
class Form:
    action: str
    method: str = "post"
    kept: Fields = field(default_factory=dict)  # hidden fields, and choices: each one chosen
    typed: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Finds what can be followed and what can be filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(told.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower()))
        elif tag in ("input", "textarea") and told.get("name"):
            self._take(tag, told)

    def _take(self, tag: str, told: dict[str, str]) -> None:
        form, kind = self.forms[-1], told.get("type", "text")
        if kind == "file":
            form.files.append(told["name"])
        elif kind in ("hidden", "checkbox", "radio"):
            form.kept.setdefault(told["name"], told.get("value", ""))
        else:
            form.typed.append(told["name"])


class Typist:
    def __init__(self, session: requests.Session, address: str, text: str) -> None:
        self.filled: set[str] = set()  # actions of the forms that were sent, with their fields
        self._session = session
        self._address = address
        self._text = text

    def type_everywhere(self) -> None:
        for page in list(self._pages()):
            for number in range(len(self._read(page).forms)):
                # Read again for each: what was sent before may have changed the page.
                forms = self._read(page).forms
                if number < len(forms) and not forms[number].action.endswith(LEAVING):
                    self._send(page, forms[number])

    def _pages(self) -> Iterator[str]:
        seen, waiting = set[str](), [self._address, f"{self._address}sign-in"]
        while waiting:
            page = waiting.pop()
            if page in seen:
                continue
            seen.add(page)
            yield page
            found = (urljoin(page, link).partition("?")[0] for link in self._read(page).links)
            waiting += [link for link in found if urlsplit(link).netloc == urlsplit(page).netloc]

    def _read(self, page: str) -> Reader:
        answer = self._session.get(page, timeout=TIMEOUT_S)
        assert answer.status_code == 200, page
        reader = Reader()
        reader.feed(answer.text)
        return reader

    def _send(self, page: str, form: Form) -> None:
        data = form.kept | dict.fromkeys(form.typed, self._text)
        large = self._text.encode() * (FILE_BYTES // len(self._text.encode()))
        files = dict.fromkeys(form.files, (self._text, large))
        address = urljoin(page, form.action)
        if form.method == "get":  # a search for what is no secret
            assert self._session.get(address, params=data, timeout=TIMEOUT_S).status_code == 200
            return
        answer = self._session.post(address, data=data, files=files or None, timeout=TIMEOUT_S)
        assert answer.status_code in (200, 422), (address, answer.status_code)
        self.filled |= {f"{urlsplit(address).path} {name}" for name in (*form.typed, *form.files)}
