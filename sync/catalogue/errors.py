"""Why a file of the catalogue did not come. python-tuf lets them pass as failed downloads."""

import errno

from tuf.api.exceptions import DownloadError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # what a full disk answers


class CutError(DownloadError):
    """The link went away or was silent for too long: the same will be asked again."""


class AbsentError(DownloadError):
    """Central has no such file."""


class TooLargeError(DownloadError):
    """The file is larger than any of its kind may be."""


class NoRoomError(DownloadError):
    """The node's disk has no room for it."""
