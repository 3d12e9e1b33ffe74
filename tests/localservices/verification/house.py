"""The verification pages as tests ask for them."""

from collections.abc import Callable

from flask import Blueprint

from localservices.verification.knowledge import Knowledge
from localservices.verification.pages import create_pages
from localservices.verification.picture import Readers
from localservices.verification.registries import Registries
from localservices.verification.service import Inspection


def pages_of(
    known: Callable[[], Knowledge] = Knowledge,
    registries: Registries | None = None,
    readers: Readers | None = None,
) -> Blueprint:
    nothing = Registries(tuple, tuple)
    inspection = Inspection(known, lambda: None, lambda: 0, registries or nothing)
    return create_pages(inspection, readers)
