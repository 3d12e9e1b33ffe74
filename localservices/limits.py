"""How much a browser may send, and where it is kept meanwhile: in memory, never on the disk."""

from io import BytesIO
from typing import IO

from flask import Flask, Request, request

BODY_BYTES_MAX = 16 * 1024**2  # a photo of a document by a good telephone, with room
FORM_BYTES_MAX = 512 * 1024  # a household of fifty in a form, several times over
FORM_PARTS_MAX = 1000  # a household of fifty has some four hundred fields

assert FORM_BYTES_MAX < BODY_BYTES_MAX


class MemoryRequest(Request):
    """A request whose files stay in memory: the framework would spool them in the clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  the framework's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


def limit(app: Flask) -> None:
    """Bound every request before anything of it is read."""
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES_MAX
    app.config["MAX_FORM_PARTS"] = FORM_PARTS_MAX
    app.before_request(_limit_plain_forms)


def _limit_plain_forms() -> None:
    # The framework bounds only the fields of multipart forms by MAX_FORM_MEMORY_SIZE.
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = FORM_BYTES_MAX
