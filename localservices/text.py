"""What people typed, made clean: nothing is left that a page or a paper could not show."""

import unicodedata

_KEPT_FORMAT = {"\u200c", "\u200d"}  # joiners: some scripts spell names with them


def clean(text: str) -> str:
    """Unicode in its composed form, single spaces, no control or formatting characters."""
    visible = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or char in _KEPT_FORMAT or not unicodedata.category(char).startswith("C")
    )
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))
