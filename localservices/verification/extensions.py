"""Rules by which papers serve on after their end, as a state may say in war: signed, and dated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from localservices.verification import strict_json
from localservices.verification.verdict import Verdict

TARGET = "trust/rules/extensions.json"  # in the catalogue, signed by who says whom to trust
RULES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Extension:
    """Documents of a type that ended between two moments serve until a third. Unix milliseconds.

    Attributes:
        issuer: whose; None: everybody's.
        title: what people call the rule, such as the law's number.
    """

    document_type: str
    issuer: str | None
    ended_from_ms: int
    ended_to_ms: int
    until_ms: int
    title: str

    def covers(self, verdict: Verdict) -> bool:
        """Whether what is expired by this verdict serves on."""
        end_ms = verdict.not_after_ms
        return (
            end_ms is not None
            and verdict.document_type == self.document_type
            and self.issuer in (None, verdict.issuer)
            and self.ended_from_ms <= end_ms <= self.ended_to_ms
            and verdict.judged_at_ms <= self.until_ms
        )


def read(data: bytes) -> tuple[Extension, ...]:
    """A JSON list of objects: document_type, issuer, ended_from, ended_to, until, title.

    Times are ISO 8601; one without a zone is meant in UTC. Raises ValueError.
    """
    told = strict_json.loads(data)
    if not isinstance(told, list) or len(told) > RULES_MAX:
        raise ValueError("not a list of rules")
    return tuple(_extension(one) for one in told)


def first(rules: Iterable[Extension], verdict: Verdict) -> Extension | None:
    """The rule that lets it serve the longest; None: none does."""
    found = [rule for rule in rules if rule.covers(verdict)]
    return max(found, key=lambda rule: rule.until_ms, default=None)


def date_text(at_ms: int) -> str:
    """The day, ISO 8601, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def _extension(told: object) -> Extension:
    match told:
        case {
            "document_type": str(kind),
            "ended_from": str(begin),
            "ended_to": str(end),
            "until": str(until),
            "title": str(title),
            **rest,
        } if isinstance(issuer := rest.get("issuer"), str | None):
            return Extension(kind, issuer, _ms(begin), _ms(end), _ms(until), title)
        case _:
            raise ValueError("not a rule")


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)
