"""A folder or a file of a ministry's, made into a service that can be published."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from central.errors import ServiceError
from central.services import convert
from localservices.applications.xforms import reading
from localservices.applications.xforms.errors import FormError
from sync.wire import services
from sync.wire.errors import MalformedError
from sync.wire.services import Service

SHIPPED = Path(__file__).parent / "shipped"
_MANIFEST, _FORM, _MEDIA = "manifest.json", "form", "media"
_MANIFEST_BYTES_MAX = 64 * 1024


def shipped() -> Iterator[Path]:
    """The folders of the services that come with Nezlam, a country after the other."""
    return (found.parent for found in sorted(SHIPPED.glob(f"*/*/{_MANIFEST}")))


def of_folder(folder: Path) -> Service:
    """A folder holds ``manifest.json``, ``form.xlsx`` (or .xls, .md, .csv, .xml), and ``media/``.

    Raises:
        ServiceError: one of them is missing or not sound.
    """
    forms = [one for kind in convert.KINDS if (one := folder / f"{_FORM}{kind}").is_file()]
    if len(forms) != 1:
        raise ServiceError(f"{folder} holds one file form.xlsx (or .xls, .md, .csv, .xml).")
    return of_file(forms[0], folder / _MANIFEST, folder / _MEDIA)


def of_file(form: Path, manifest: Path, media: Path | None = None) -> Service:
    """Raises ServiceError."""
    try:
        said = services.manifest_of(_json(manifest))
        files = {} if media is None else _files(media)
        service = Service(said, convert.xform(form), files)
        services.write(service)
        _run_once(service)
    except MalformedError as error:
        raise ServiceError(f"{manifest}: {error}.") from error
    except FormError as error:
        raise ServiceError(f"{form.name} cannot be filled in at a centre: {error}.") from error
    return service


def _run_once(service: Service) -> None:
    """What nodes could not run is refused here, where its maker hears of it. Raises FormError."""
    reading.read(service.form, service.files)


def _json(path: Path) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
        if len(data) > _MANIFEST_BYTES_MAX:
            raise ServiceError(f"{path} has more than {_MANIFEST_BYTES_MAX // 1024} KB.")
        said: Mapping[str, Any] = json.loads(data)
    except OSError as error:
        raise ServiceError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise ServiceError(f"{path} is no JSON.") from error
    return said


def _files(media: Path) -> dict[str, bytes]:
    try:
        return {one.name: one.read_bytes() for one in sorted(media.glob("*")) if one.is_file()}
    except OSError as error:
        raise ServiceError(f"{error.filename} cannot be read ({error.strerror}).") from error
