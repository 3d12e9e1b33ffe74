"""The page of what was checked at this node, as long as the node keeps it."""

from flask import render_template, request

from localservices.security import current_desk
from localservices.verification import checks
from localservices.verification.verdict import State

_SHOWN_MAX = 200


def show() -> str:
    """Only for who may read, as with all that was written before."""
    desk = current_desk()
    if not desk.can_read:
        return render_template("verification/history.html", found=None)
    asked = request.args.get("verdict", "")
    verdict = asked if asked in list(State) else None
    with desk.reading() as db:
        found, counts = checks.newest(db, _SHOWN_MAX, verdict), checks.counts(db)
    return render_template(
        "verification/history.html", found=found, counts=counts, verdict=verdict, most=_SHOWN_MAX
    )
