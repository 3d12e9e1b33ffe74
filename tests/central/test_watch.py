"""What operations must hear of is kept, within bounds: nobody fills central by being refused."""

from sqlalchemy import func, select

from central.ops import queries
from central.store import watch
from central.store.database import Database
from central.store.log import SqlLog
from central.store.tables import health, refusals
from sync.core.receiver import Finding, FindingCode
from sync.sim.machines import new_keys
from sync.wire.lanes import Lane
from sync.wire.messages import Refused
from sync.wire.places import Stream
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_projections import a_household

KEYS = new_keys(1)
EPOCH = b"an epoch"
STREAM = Stream(EPOCH, Lane.PEOPLE)


def a_seen_node(database: Database) -> SqlLog:
    log = SqlLog(database)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    return log


def alerts(database: Database) -> dict[str, int]:
    [node] = queries.overview(database, frozenset(), 2_000).nodes
    return node.alerts


def test_refusals_are_all_counted_and_the_newest_kept(database: Database) -> None:
    count = watch.REFUSALS_KEPT + 5
    with a_seen_node(database).group(1_000) as shelf:
        for number in range(count):
            shelf.refused(NODE, Refused.SEAL, b"message %d" % number)
    assert alerts(database) == {"refused_seal": count}
    with database.reading() as connection:
        kept = connection.scalars(select(refusals.c.message)).all()
    assert sorted(kept) == sorted(b"message %d" % number for number in range(5, count))


def test_a_finding_is_told_once_and_a_flood_of_them_is_bounded(database: Database) -> None:
    log = a_seen_node(database)
    for seq in [*range(watch.FINDINGS_KEPT + 5), 1, 1]:
        with log.group(1_000) as shelf:
            shelf.found(NODE, Finding(FindingCode.CONFLICT, EPOCH, STREAM, seq))
            shelf.found(NODE, Finding(FindingCode.HOLE, EPOCH, STREAM, 7))
    assert alerts(database) == {"conflict": watch.FINDINGS_KEPT, "hole": 1}


def test_only_a_newer_health_replaces_one(database: Database) -> None:
    log = a_seen_node(database)
    for epoch, seq in [(EPOCH, 2), (EPOCH, 1), (b"the next", 1)]:
        with log.group(1_000) as shelf:
            shelf.health(NODE, epoch, seq, b"%s %d" % (epoch, seq))
        with database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(health)) == 1
            newest = connection.scalar(select(health.c.entry))
        assert newest == (b"an epoch 2" if epoch == EPOCH else b"the next 1")
