"""How much a browser may send, and where it is kept meanwhile: never on the disk in the clear."""

from io import BytesIO
from typing import IO, cast

from flask import Flask, Request, current_app, request

from localservices import uploads
from localservices.uploads import Uploads

BODY_BYTES_MAX = 16 * 1024**2  # a photo of a document by a good telephone, with room
FORM_BYTES_MAX = 512 * 1024  # a household of fifty in a form, several times over
FORM_PARTS_MAX = 1000  # a household of fifty has some four hundred fields
UPLOAD_PARTS_MAX = 24  # some files and what is said of them
DEVICE_PARTS_MAX = 200  # a filled form and its photos; phones split what is larger

assert FORM_BYTES_MAX < BODY_BYTES_MAX


class MemoryRequest(Request):
    """A request whose files stay in memory: the framework would spool them in the clear.

    Only what is meant to be kept as a file goes to the disk at once, encrypted.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  the framework's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        if self.endpoint in uploads.ENDPOINTS:
            return cast("IO[bytes]", cast(Uploads, current_app.extensions["uploads"]).draft())
        return BytesIO()


def limit(app: Flask) -> None:
    """Bound every request before anything of it is read."""
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES_MAX
    app.config["MAX_FORM_PARTS"] = FORM_PARTS_MAX
    app.before_request(_limit_forms)


def _limit_forms() -> None:
    # The framework bounds only the fields of multipart forms by MAX_FORM_MEMORY_SIZE.
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = FORM_BYTES_MAX
    elif request.endpoint in uploads.ENDPOINTS:
        request.max_content_length = uploads.UPLOAD_BYTES_MAX + FORM_BYTES_MAX
        is_device = request.endpoint == uploads.DEVICES_ENDPOINT
        request.max_form_parts = DEVICE_PARTS_MAX if is_device else UPLOAD_PARTS_MAX
