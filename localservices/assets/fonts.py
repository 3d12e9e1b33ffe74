"""Makes the fonts that papers embed: Latin and Cyrillic in one TrueType file for each weight.

The web's fonts come cut into alphabets, which a page loads one by one; a PDF takes whole ones.
"""

import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

_ALPHABETS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek")
_WEIGHTS = {"regular": 400, "bold": 700}


def main(source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as made:
        for name, weight in _WEIGHTS.items():
            parts = [_unpacked(source, alphabet, weight, Path(made)) for alphabet in _ALPHABETS]
            Merger().merge(parts).save(target / f"noto-sans-{name}.ttf")


def _unpacked(source: Path, alphabet: str, weight: int, made: Path) -> str:
    font = TTFont(source / f"noto-sans-{alphabet}-{weight}-normal.woff")
    font.flavor = None
    for table in ("GSUB", "GPOS", "GDEF"):  # of each cut its own: they don't merge, nor are missed
        if table in font:
            del font[table]
    path = made / f"{alphabet}-{weight}.ttf"
    font.save(path)
    return str(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
