"""A process of its own that turns an XLSForm into an XForm: strangers' spreadsheets end here.

Reads the file named as its only argument; writes ``{"form"}`` or ``{"refused"}`` as JSON.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY_BYTES_MAX = 1024**3
CPU_S_MAX = 60
FILE_BYTES_MAX = 64 * 1024**2  # pyxform writes its form down once


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))
    from pyxform.errors import PyXFormError  # noqa: PLC0415  after the limits
    from pyxform.xls2xform import convert  # noqa: PLC0415

    source = Path(sys.argv[1])
    try:
        made = convert(xlsform=source, file_type=source.suffix)
    except PyXFormError as error:
        json.dump({"refused": " ".join(str(error).split())}, sys.stdout)
        return 0
    if made.itemsets:
        json.dump({"refused": "select_one_external is not read: use choice_filter."}, sys.stdout)
        return 0
    json.dump({"form": made.xform}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
