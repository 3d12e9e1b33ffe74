"""The registration certificate on paper: one page of A4, in two languages, with its code."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import segno

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS = Path(__file__).parents[1] / "static" / "vendor"
_MARGIN_MM, _CODE_MM, _QUIET_MODULES = 20, 85, 4  # of quiet: ISO/IEC 18004 section 9.1
_INK, _SOFT = 20, 90


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is printed. ``rows``: a label in each language, and what it says.

    Attributes:
        code: the text of the QR code.
        notes: sentences below it, each in each language.
    """

    titles: tuple[str, ...]
    rows: Sequence[tuple[tuple[str, ...], str]]
    code: str
    notes: Sequence[tuple[str, ...]]
    made_by: str


def can_be_made() -> bool:
    """Whether the fonts are here, which a PDF carries inside."""
    return _font("regular").is_file() and _font("bold").is_file()


def pdf(certificate: Certificate) -> bytes:
    """A PDF of one page, its letters embedded: any computer prints it as it is."""
    from fpdf import FPDF  # noqa: PLC0415  its fonts take long to load, and few need it

    paper = FPDF(format="A4")
    paper.set_title(certificate.titles[0])
    paper.set_creator("Nezlam")
    paper.set_margin(_MARGIN_MM)
    paper.set_auto_page_break(auto=False)
    paper.add_font("Noto Sans", "", _font("regular"))
    paper.add_font("Noto Sans", "B", _font("bold"))
    paper.add_page()
    _head(paper, certificate)
    _code(paper, certificate.code)
    for labels, text in certificate.rows:
        _row(paper, labels, text)
    _foot(paper, certificate)
    return bytes(paper.output())


def _font(weight: str) -> Path:
    return _FONTS / f"noto-sans-{weight}.ttf"


def _head(paper: "FPDF", certificate: Certificate) -> None:
    first, *others = certificate.titles
    _say(paper, first, 20, bold=True)
    for other in others:
        _say(paper, other, 13, soft=True)
    paper.ln(4)


def _code(paper: "FPDF", text: str) -> None:
    """As rectangles: sharp at any size, and small as a file."""
    code = segno.make(text, error="m", boost_error=False)
    rows = list(code.matrix)
    side = _CODE_MM / (len(rows) + 2 * _QUIET_MODULES)
    left, top = paper.l_margin, paper.get_y()
    paper.set_fill_color(0)
    for y, row in enumerate(rows, _QUIET_MODULES):
        for start, length in _runs(row):
            x = left + (start + _QUIET_MODULES) * side
            paper.rect(x, top + y * side, length * side, side, style="F")
    paper.set_y(top + _CODE_MM)


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules stand together: (first, how many)."""
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((at, 1))
    return runs


def _row(paper: "FPDF", labels: Sequence[str], text: str) -> None:
    _say(paper, " / ".join(labels), 9, soft=True)
    _say(paper, text, 13, bold=True)
    paper.ln(1)


def _foot(paper: "FPDF", certificate: Certificate) -> None:
    paper.ln(2)
    for note in certificate.notes:
        for sentence in note:
            _say(paper, sentence, 9)
        paper.ln(1)
    _say(paper, certificate.made_by, 9, soft=True)


def _say(paper: "FPDF", text: str, points: int, *, bold: bool = False, soft: bool = False) -> None:
    paper.set_font("Noto Sans", "B" if bold else "", points)
    paper.set_text_color(_SOFT if soft else _INK)
    paper.multi_cell(0, points * 0.5, text, new_x="LMARGIN", new_y="NEXT")
