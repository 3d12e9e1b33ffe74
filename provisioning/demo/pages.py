"""The forms of a page as a browser would send them untouched."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


def forms(page: str) -> list[Form]:
    """In the order in which they stand."""
    parser = _Parser()
    parser.feed(page)
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._name: str | None = None  # of the select or text area that is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif tag in ("select", "textarea") and self.found:
            self._name = given["name"]
            self.found[-1].fields[self._name] = ""
        elif tag == "option" and "selected" in given and self._name:
            self.found[-1].fields[self._name] = given["value"]
        elif tag == "input" and self.found and _is_sent(given):
            self.found[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._name = None

    def handle_data(self, data: str) -> None:
        if self._name and self.lasttag == "textarea":
            self.found[-1].fields[self._name] += data.removeprefix("\n")


def _is_sent(given: dict[str, str]) -> bool:
    return "name" in given and (given.get("type") != "checkbox" or "checked" in given)
