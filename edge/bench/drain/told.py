"""A drain's outcomes for people and for programs."""

from dataclasses import asdict
from typing import Any

from edge.bench.drain.drain import Ours, Outcome
from edge.bench.report import Figure

_BASELINE = "the bytes that went up / the link's rate while it is there"
_AIMS = {"geo": "<= 1.15", "starlink": "<= 1.3", "bgan": "<= 1.3"}
_HEAD = ("link", "way", "s", "ideal s", "ratio", "bytes a record", "x ours", "measured")


def figure(ours: Ours) -> Figure:
    one = ours.outcome
    name = one.sky.name
    return Figure(name, one.seconds, "s", _BASELINE, one.ideal_s, _AIMS.get(name, ""))


def details(all_ours: list[Ours], rivals: list[Outcome], absent: dict[str, str]) -> dict[str, Any]:
    """What stands beside the figures: bytes, what went twice, how late the urgent one was."""
    return {
        "ours": [
            _plain(one.outcome)
            | {
                "connect_s": one.up_s,
                "sent_twice": one.sent_twice,
                "doubled": one.doubled,
                "urgent_ms": one.urgent_ms,
                "node_busy_s": one.node_busy_s,
                "central_busy_s": one.central_busy_s,
            }
            for one in all_ours
        ],
        "others": [_plain(one) for one in rivals],
        "absent": absent,
    }


def as_text(all_ours: list[Ours], rivals: list[Outcome], absent: dict[str, str]) -> str:
    """A table with each way beside ours, then what only ours tells, then what is not here."""
    of_ours = {one.outcome.sky.name: one.outcome for one in all_ours}
    outcomes = sorted(
        [*of_ours.values(), *rivals], key=lambda one: list(of_ours).index(one.sky.name)
    )
    rows = [_HEAD, *(_row(one, of_ours[one.sky.name]) for one in outcomes)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [
        f"{one.outcome.sky.name}: connected after {one.up_s:.1f} s, {one.sent_twice} records sent"
        f" twice, {one.doubled} doubled, an urgent record at central after {one.urgent_ms} ms;"
        f" processors {one.node_busy_s:.1f} s at the node, {one.central_busy_s:.1f} s at central"
        for one in all_ours
    ]
    return "\n".join([*lines, *(f"{way}: {why}" for way, why in absent.items())])


def _row(one: Outcome, ours: Outcome) -> tuple[str, ...]:
    return (
        one.sky.name,
        one.way,
        f"{one.seconds:,.1f}",
        f"{one.ideal_s:,.1f}",
        f"{one.seconds / one.ideal_s:.2f}",
        f"{one.bytes_a_record:,.0f}",
        f"{one.bytes_a_record / ours.bytes_a_record:.1f}",
        f"{one.arrived:,} of {one.count:,}",
    )


def _plain(one: Outcome) -> dict[str, Any]:
    return asdict(one) | {
        "sky": one.sky.name,
        "seconds": round(one.seconds, 3),
        "ideal_s": round(one.ideal_s, 3),
        "bytes_a_record": round(one.bytes_a_record, 1),
    }
