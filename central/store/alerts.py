"""Alerts and news that central gives out: to whom they go, and which centres have seen them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from central.errors import LogRefusedError
from central.store import letters
from central.store.hazard_tables import alert_acknowledgements, alerts, centre_places
from central.store.logged import Logged
from central.store.upserts import insert
from sync.wire import cap, earth, entries
from sync.wire.earth import Point
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.alert import (
    AlertAcknowledged,
    AlertArea,
    AlertIssued,
    CentrePlaced,
    NewsPublished,
)
from sync.wire.records import from_body, to_body

AROUND_M = 30_000  # centres so near to an area hear of it too: people walk, and ask there
SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Given:
    """An alert as operations see it. ``seen``: node and person, each once."""

    alert: AlertIssued
    followed_by: str | None
    sent_to: int
    seen: tuple[tuple[str, str], ...]


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Take up where centres stand and who has seen what."""
    for one in logged:
        record, stamp = one.contents.record, one.contents.stamp
        if one.cloned or stamp is None:
            continue
        if isinstance(record, CentrePlaced):
            said = {name: getattr(record, name) for name in CentrePlaced.__slots__}
            statement = insert(connection, centre_places).values(node_id=one.node_id, **said)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["node_id"], set_=said)
            )
        elif isinstance(record, AlertAcknowledged):
            key = {"identifier": record.identifier, "seen_by": record.seen_by}
            row = key | {"node_id": one.node_id, "seen_at_ms": stamp.reading_ms}
            statement = insert(connection, alert_acknowledgements).values(row)
            connection.execute(statement.on_conflict_do_nothing())


def clear(connection: Connection) -> None:
    """Forget what the log will tell again."""
    connection.execute(alert_acknowledgements.delete())
    connection.execute(centre_places.delete())


def issue(connection: Connection, alert: AlertIssued, nodes: Iterable[str], now_ms: int) -> int:
    """Keep an alert and put it into the mailbox of every centre around; gives how many.

    Raises:
        LogRefusedError: it makes no valid CAP message, or follows one that is not there or ended.
    """
    if not cap.is_sound(alert):
        raise LogRefusedError("This is not an alert that CAP 1.2 allows: check its fields.")
    reached = set(around(connection, nodes, alert.area))
    if alert.references:
        before = find(connection, alert.references)
        if before is None or before.followed_by is not None or before.alert.msg_type == "Cancel":
            raise LogRefusedError(f"{alert.references} is not an alert that holds now.")
        reached |= set(around(connection, nodes, before.alert.area))
        same = alerts.c.identifier == alert.references
        connection.execute(update(alerts).where(same).values(followed_by=alert.identifier))
    stamp = Stamp(now_ms, now_ms, now_ms)
    row = {
        "identifier": alert.identifier,
        "sent_s": alert.sent_s,
        "entry": entries.encode(Entry(alert.kind, stamp, to_body(alert))),
        "cap": cap.to_xml(alert),
        "sent_to": len(reached),
    }
    connection.execute(alerts.insert(), row)
    for node_id in sorted(reached):
        letters.write(connection, node_id, alert, now_ms)
    return len(reached)


def publish(connection: Connection, news: NewsPublished, nodes: Iterable[str], now_ms: int) -> int:
    """News go to the centres of their region, and to those that did not say where they are."""
    rows = connection.execute(select(centre_places.c.node_id, centre_places.c.katottg))
    codes = {row.node_id: row.katottg for row in rows}
    reached = [one for one in nodes if (codes.get(one) or news.region).startswith(news.region)]
    for node_id in sorted(reached):
        letters.write(connection, node_id, news, now_ms)
    return len(reached)


def around(connection: Connection, nodes: Iterable[str], area: AlertArea) -> list[str]:
    """Centres that an alert concerns; one that did not say where it stands hears of all."""
    rows = connection.execute(select(centre_places))
    places = {row.node_id: earth.point(row.lat_e5, row.lon_e5) for row in rows}
    return [one for one in nodes if one not in places or _is_near(places[one], area)]


def newest(connection: Connection) -> list[Given]:
    """The last ones, the newest first."""
    rows = connection.execute(select(alerts).order_by(alerts.c.sent_s.desc()).limit(SHOWN_MAX))
    return [_given(connection, row.entry, row.followed_by, row.sent_to) for row in rows.all()]


def find(connection: Connection, identifier: str) -> Given | None:
    row = connection.execute(select(alerts).where(alerts.c.identifier == identifier)).first()
    return None if row is None else _given(connection, row.entry, row.followed_by, row.sent_to)


def cap_of(connection: Connection, identifier: str) -> bytes | None:
    """The alert as it was given out."""
    asked = select(alerts.c.cap).where(alerts.c.identifier == identifier)
    found: bytes | None = connection.scalar(asked)
    return found


def count(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(alerts)) or 0)


def _given(connection: Connection, entry: bytes, followed_by: str | None, sent_to: int) -> Given:
    found = entries.decode(entry)
    alert = from_body(found.kind, found.body)
    assert isinstance(alert, AlertIssued)
    seen = connection.execute(
        select(alert_acknowledgements.c.node_id, alert_acknowledgements.c.seen_by)
        .where(alert_acknowledgements.c.identifier == alert.identifier)
        .order_by(alert_acknowledgements.c.node_id)
    )
    return Given(alert, followed_by, sent_to, tuple((one.node_id, one.seen_by) for one in seen))


def _is_near(place: Point, area: AlertArea) -> bool:
    """Within the area or close to it; an area of words alone is everywhere."""
    if not area.circle and not area.polygon:
        return True
    if area.circle:
        lat_e5, lon_e5, radius_m = area.circle
        if earth.distance_m(place, earth.point(lat_e5, lon_e5)) <= radius_m + AROUND_M:
            return True
    corners = [
        earth.point(*pair) for pair in zip(area.polygon[::2], area.polygon[1::2], strict=True)
    ]
    near = any(earth.distance_m(place, corner) <= AROUND_M for corner in corners)
    return near or (bool(corners) and earth.is_within(place, corners))
