"""From what a browser sent to a report of a hazard, and to what is told of it later."""

from collections.abc import Mapping
from dataclasses import dataclass

from localservices import once
from localservices.hazards import coordinates
from localservices.refusal import FormRefusal, Refusal
from localservices.text import clean
from sync.wire.hazard_codes import REF_BYTES
from sync.wire.kinds.hazard import (
    COUNT_MAX,
    LANDMARK_BYTES_MAX,
    TEXT_CHARS_MAX,
    Device,
    HazardDetailed,
    HazardReported,
    Lies,
    Threatened,
)

PLACE_CHARS_MAX = 300
SHORT_CHARS_MAX = 80
_ANSWERS = {"yes": True, "no": False, "": None}

Problems = dict[str, Refusal]


@dataclass(frozen=True, slots=True)
class Said:
    """A report, its form, and the place in words where the report itself had to cut them."""

    form_id: bytes
    report: HazardReported
    place: str


def read_form_id(fields: Mapping[str, str]) -> bytes:
    """Raises FormRefusal."""
    form_id = once.read(fields.get("form_id", ""))
    if form_id is None:
        raise FormRefusal({"form_id": Refusal("hazards.form_id_missing")})
    return form_id


def read(fields: Mapping[str, str]) -> Said:
    """What it is and where are needed, the rest is not. Raises FormRefusal."""
    form_id = read_form_id(fields)
    problems: Problems = {}
    device = fields.get("device", "")
    if device not in list(Device):
        problems["device"] = Refusal("hazards.device_missing")
    point = _point(fields, problems)
    place = _text(fields, "landmark", PLACE_CHARS_MAX, problems)
    if point == (None, None) and not place and "at" not in problems:
        problems["at"] = Refusal("hazards.place_missing")
    accuracy_m = _count(fields, "accuracy_m", problems)
    people_near = _count(fields, "people_near", problems)
    marked = _ANSWERS.get(fields.get("marked", ""))
    if problems:
        raise FormRefusal(problems)
    landmark = cut(place)
    near_to = _near_to(fields.get("near_to", ""))
    report = HazardReported(device, *point, accuracy_m, landmark, people_near, marked, near_to)
    return Said(form_id, report, place if place != landmark else "")


def read_details(fields: Mapping[str, str], about: str, staff_name: str) -> HazardDetailed:
    """Nothing of it is needed, but not all of it may be empty. Raises FormRefusal."""
    problems: Problems = {}
    lies = fields.get("lies", "")
    told = HazardDetailed(
        about=about,
        told_by=staff_name,
        place=_text(fields, "place", PLACE_CHARS_MAX, problems),
        looks=_text(fields, "looks", TEXT_CHARS_MAX, problems),
        count=_count(fields, "count", problems),
        lies=lies if lies in list(Lies) else None,
        threatens=tuple(one.value for one in Threatened if fields.get(f"threat-{one}") == "yes"),
        how_marked=_text(fields, "how_marked", PLACE_CHARS_MAX, problems),
        cbrn=_ANSWERS.get(fields.get("cbrn", "")),
        reporter_name=_text(fields, "reporter_name", SHORT_CHARS_MAX, problems),
        reporter_phone=_text(fields, "reporter_phone", SHORT_CHARS_MAX, problems),
    )
    if not problems and told == HazardDetailed(about, staff_name):
        problems["looks"] = Refusal("hazards.details_missing")
    if problems:
        raise FormRefusal(problems)
    return told


def cut(words: str) -> str:
    """As much as a report carries, ended at a whole word where there is one."""
    data = words.encode()
    if len(data) <= LANDMARK_BYTES_MAX:
        return words
    whole = data[:LANDMARK_BYTES_MAX].decode(errors="ignore")
    return whole.rpartition(" ")[0] or whole


def _point(fields: Mapping[str, str], problems: Problems) -> tuple[int | None, int | None]:
    typed = fields.get("at", "").strip()
    if not typed:
        return None, None
    try:
        return coordinates.read(typed).e5
    except ValueError:
        problems["at"] = Refusal("hazards.at_unread")
        return None, None


def _count(fields: Mapping[str, str], name: str, problems: Problems) -> int | None:
    typed = fields.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 5 and int(typed) <= COUNT_MAX):
        problems[name] = Refusal("hazards.count_wrong", most=COUNT_MAX)
        return None
    return int(typed)


def _text(fields: Mapping[str, str], name: str, most: int, problems: Problems) -> str:
    text = clean(fields.get(name, ""))
    if len(text) > most:
        problems[name] = Refusal("hazards.text_long", most=most)
    return text


def _near_to(chosen: str) -> bytes:
    try:
        ref = bytes.fromhex(chosen)
    except ValueError:
        return b""
    return ref if len(ref) == REF_BYTES else b""
