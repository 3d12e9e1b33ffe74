"""From an XLSForm, as ministries write them, to the XForm that nodes and telephones fill in."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from central.errors import ServiceError
from sync.wire.services import FORM_BYTES_MAX

KINDS = (".xlsx", ".xls", ".md", ".csv", ".xml")
_SOURCE_BYTES_MAX = 16 * 1024 * 1024
_MEMBERS_MAX, _UNPACKED_BYTES_MAX, _RATIO_MAX = 500, 200 * 1024 * 1024, 200
_TIMEOUT_S = 120.0
_REFUSED_CHARS_MAX = 500


def xform(source: Path) -> bytes:
    """Convert a spreadsheet, or take an XForm as it is.

    Raises:
        ServiceError: with what is wrong in the form, in one sentence.
    """
    suffix = source.suffix.lower()
    if suffix not in KINDS:
        raise ServiceError(f"{source.name} is no form: give one of {', '.join(KINDS)}.")
    try:
        if source.stat().st_size > _SOURCE_BYTES_MAX:
            raise ServiceError(f"{source.name} has more than {_SOURCE_BYTES_MAX // 1024**2} MB.")
        if suffix == ".xml":
            return _bounded(source, source.read_bytes())
        if suffix == ".xlsx":
            _check_archive(source)
    except OSError as error:
        raise ServiceError(f"{source} cannot be read ({error.strerror}).") from error
    return _bounded(source, _converted(source))


def _check_archive(source: Path) -> None:
    """A workbook is a ZIP archive; one that grows out of all measure is none."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ServiceError(f"{source.name} is no workbook: save it as .xlsx again.") from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if (
        len(members) > _MEMBERS_MAX
        or unpacked > _UNPACKED_BYTES_MAX
        or unpacked > packed * _RATIO_MAX
    ):
        raise ServiceError(
            f"{source.name} unpacks to far more than it holds: it is refused unopened."
        )


def _converted(source: Path) -> bytes:
    line: Sequence[str] = [sys.executable, "-P", "-m", "central.services.converter", str(source)]
    try:
        done = subprocess.run(  # noqa: S603  our own command line
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        told = {}
    if refused := told.get("refused"):
        raise ServiceError(f"{source.name} is no sound form: {refused[:_REFUSED_CHARS_MAX]}")
    if "form" not in told:
        raise ServiceError(
            f"{source.name} cannot be converted: it is spoiled, or asks for too much memory."
        )
    return str(told["form"]).encode()


def _bounded(source: Path, form: bytes) -> bytes:
    if not 0 < len(form) <= FORM_BYTES_MAX:
        raise ServiceError(f"{source.name} gives a form above {FORM_BYTES_MAX // 1024**2} MB.")
    return form
