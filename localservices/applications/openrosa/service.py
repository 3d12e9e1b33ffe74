"""Filing what phones send, and the phones themselves. Knows no HTTP; needs no unlocking."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localservices.applications.openrosa import digest, instance
from localservices.applications.openrosa.listing import Forms
from localservices.refusal import Refusal
from localservices.text import clean
from sync.store.devices import Device, Devices, Filed, Secret
from sync.store.draft import Draft
from sync.wire.kinds.application import OF_LANE, SUBMISSION_BYTES_MAX
from sync.wire.lanes import Lane

NAME_CHARS_MAX = 60
FILE_NAME_CHARS_MAX = 255
_ID_BYTES = 16
_SECRET_BYTES = 15  # 120 bits: nobody guesses it, whatever hash mixes it


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a submission, under the name by which the submission names it."""

    name: str
    draft: Draft


# Saves a file about a record: the file, the record's public id, who sent it, and the act's id.
Attach = Callable[[Attachment, str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Counter:
    """What phones' submissions are filed with."""

    forms: Forms
    devices: Devices
    attach: Attach


@dataclass(frozen=True, slots=True)
class Hired:
    """A device just added; its secret is shown now and never again."""

    device: Device
    secret: str


def file(
    counter: Counter, username: str, submission: Draft, attachments: Sequence[Attachment]
) -> Filed:
    """Save a submission and what came with it; the same again is the same application.

    A form may come in several parts, each with the same submission and other files; a form or
    version that this node does not know is filed as it came, for central to read.

    Raises:
        Refusal: no filled form, or another one under the same instance id.
        StoreFullError, StoreFailedError: the phone must send it again.
    """
    if submission.size > SUBMISSION_BYTES_MAX:
        raise Refusal("openrosa.form_large", most=SUBMISSION_BYTES_MAX // 1024)
    submission.seek(0)
    xml = submission.read() or b""
    told = instance.read(xml)
    form = counter.forms.known(told.form_id, told.version)
    record = OF_LANE[form.lane if form else Lane.PEOPLE](
        service=form.service if form else told.form_id,
        form=form.sha256 if form else b"",
        instance=told.instance_id,
        submission=xml,
        filed_by=username,
    )
    filed = counter.devices.file(record, _act(told.instance_id), hashlib.sha256(xml).digest())
    if filed.content != hashlib.sha256(xml).digest():
        raise Refusal("openrosa.other", number=filed.public_id)
    for one in attachments:
        once = _act(told.instance_id, one.name, one.draft.sha256().hex())
        counter.attach(one, filed.public_id, username, once)
    return filed


def hire(devices: Devices, typed: str, now_ms: int, new_id: Callable[[], bytes]) -> Hired:
    """Add a device. Raises Refusal: its name does not serve."""
    name = clean(typed)
    if not name:
        raise Refusal("openrosa.name_missing")
    if len(name) > NAME_CHARS_MAX:
        raise Refusal("openrosa.name_long", most=NAME_CHARS_MAX)
    username = "phone-" + new_id()[:4].hex()
    secret = base64.b32encode(new_id()[:_SECRET_BYTES]).decode().lower()
    kept = Secret(*(digest.ha1(one, username, secret) for one in digest.ALGORITHMS))
    device = Device(username, name, now_ms)
    devices.add(device, kept)
    return Hired(device, secret)


def settings(hired: Hired, address: str, node_name: str) -> str:
    """The text of the settings QR that ODK Collect and KoboCollect scan.

    JSON, zlib, base 64, as docs.getodk.org describes under "import and export of settings".
    """
    said = {
        "general": {
            "protocol": "odk_default",
            "server_url": f"{address}/openrosa",
            "username": hired.device.username,
            "password": hired.secret,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_only",
        },
        "admin": {},
        "project": {"name": node_name},
    }
    told = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(told.encode(), 9)).decode()


def file_name(said: str) -> str:
    """The last part of a file's name, safe to show; empty: it has none."""
    return clean(said.replace("\\", "/").rpartition("/")[2])[:FILE_NAME_CHARS_MAX]


def _act(*parts: str) -> bytes:
    named = "\0".join(("openrosa", *parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(named).digest()[:_ID_BYTES]
