"""What central says to a node: decisions, messages, commands; and the node's answer to these."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sync.wire.lanes import Lane

TEXT_CHARS_MAX = 2_000


class Outcome(StrEnum):
    """How a record was decided."""

    APPROVED = "approved"
    REFUSED = "refused"
    NEEDS_MORE = "needs_more"
    PAID = "paid"


class Act(StrEnum):
    """What a node can be told to do: these few, and never anything else."""

    REPORT_DIAGNOSTICS = "report_diagnostics"
    RESEND = "resend"  # all that is not confirmed, from the watermarks
    SET_POLICY = "set_policy"
    ROTATE_KEY = "rotate_key"  # sign with a new key from now on


@dataclass(frozen=True, slots=True)
class RecordDecided:
    """Central's answer to a record."""

    kind: ClassVar[str] = "record.decided"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 30 * 24

    about: str  # public id
    outcome: str  # an Outcome
    text: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """Words for the staff of a node."""

    kind: ClassVar[str] = "message.sent"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 30 * 24

    text: str
    sent_by: str
    about: str | None = None  # public id


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """Something for the node itself to do, once."""

    kind: ClassVar[str] = "command.given"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 30 * 24

    act: str  # an Act; what a node does not know it answers with "unsupported"
    given_by: str
    keep_hours: int | None = None  # SET_POLICY: how long confirmed records stay here


@dataclass(frozen=True, slots=True)
class CommandDone:
    """The node's answer to a command."""

    kind: ClassVar[str] = "command.done"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    act: str
    command: str  # where the command stood: central's epoch, lane and sequence
    result: str  # "done", "unsupported" or "failed"
    detail: str  # a few lines without personal data
