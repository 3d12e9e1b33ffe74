"""A centre with a service on its shelf, and applications as somebody would file them."""

from pathlib import Path
from typing import Any

from sync.wire import services
from sync.wire.services import Service
from tests.sync.wire.test_services import a_service

SUBMISSION = """<data xmlns:orx="http://openrosa.org/xforms" id="cash-assistance">
  <applicant><surname>Ткаченко</surname><given_name>Оксана</given_name>
    <phone>050 123 45 67</phone></applicant>
  <orx:meta><orx:instanceID>{instance}</orx:instanceID></orx:meta></data>"""


def a_submission(instance: str = "uuid:1") -> bytes:
    return SUBMISSION.format(instance=instance).encode()


def on_shelf(folder: Path, *found: Service) -> list[tuple[str, Path, int | None]]:
    """As the catalogue keeps them."""
    folder.mkdir(exist_ok=True)
    shelf: list[tuple[str, Path, int | None]] = []
    for service in found:
        path = folder / service.target.replace("/", "-")
        path.write_bytes(services.write(service))
        shelf.append((service.target, path, None))
    return shelf


def open_to_all(**changes: Any) -> Service:
    return a_service(**{"who": "anyone", "checks": []} | changes)
