"""Neighbours' verifiers ask central: the same interface and the same judging as at a node.

The one place where central uses what is otherwise a node's.
"""

from collections.abc import Sequence
from pathlib import Path

from central import clock
from central.catalogue.own import OwnCatalogue
from central.config import Config
from central.doorway import Wsgi
from central.errors import LogError
from central.options import config_of, config_option
from central.store import neighbour_checks
from central.store.database import Database
from localservices.verification import engine, in_force
from localservices.verification.in_force import InForce
from localservices.verification.knowledge import When
from localservices.verification.neighbours import api, commands
from localservices.verification.neighbours.keys import ApiKeys
from localservices.verification.neighbours.means import Means
from localservices.verification.verdict import Verdict
from sync.wire.kinds.document import DocumentChecked


def beside(config: Config, database: Database) -> dict[str, Wsgi]:
    """The interface by its path, for central's HTTPS end."""
    authority = in_force.authority_of(config.keys / "broker.crt")
    known = InForce(OwnCatalogue(config.catalogue), authority, clock.wall_ms)

    def when() -> When:
        return When(clock.wall_ms())

    def keep(checks: Sequence[DocumentChecked]) -> bool:
        return kept(database, checks)

    keys = ApiKeys(config.data)
    return {api.PATH: api.create_api(Means(keys, known.knowledge, when, keep, clock.monotonic_ms))}


def judged(config: Config, text: str) -> Verdict:
    """A document, by what central itself believes."""
    authority = in_force.authority_of(config.keys / "broker.crt")
    known = InForce(OwnCatalogue(config.catalogue), authority, clock.wall_ms)
    return engine.judge(text, known.knowledge(), When(clock.wall_ms()))


def kept(database: Database, checks: Sequence[DocumentChecked]) -> bool:
    """Write them down; False: the database does not take them."""
    try:
        with database.writing() as connection:
            neighbour_checks.add(connection, checks, clock.wall_ms())
    except LogError:
        return False
    return True


def _keys(config_file: Path) -> ApiKeys:
    return ApiKeys(config_of(config_file).data)


api_key = commands.api_key(commands.Door("central", config_option, _keys, clock.wall_ms))
