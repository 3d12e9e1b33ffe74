"""What countries ask of a health certificate, beyond that it is genuine, and the words of its codes.

Rules and value sets are written as the EU gateway publishes them (EU DCC validation rules, 1.0):
``{"country": "AT", "rules": [...], "valueSets": {...}}``, where ``country`` is the one whose staff
look at certificates. Its acceptance rules are asked, and the invalidation rules of the issuer's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from localservices.verification import certlogic, certlogic_dates, strict_json
from localservices.verification.certlogic import LogicError
from localservices.verification.verdict import Finding, Outcome

RULES_MAX = 2_000
ENGINE, ENGINE_VERSION = "CERTLOGIC", (1, 3, 2)  # of the language's specification

_GENERAL = "general"
_ACCEPTANCE, _INVALIDATION = "Acceptance", "Invalidation"

Version = tuple[int, ...]


class RulesError(ValueError):
    """These bytes are no rules. The text says where, for who publishes them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A certificate whose rules are looked for. ``at_ms``: Unix milliseconds.

    Attributes:
        payload: the certificate's body as its schema has it.
        document_type: vaccination, test or recovery.
        external: what else rules may ask about, such as ``exp``, by the names they use.
    """

    payload: Mapping[Any, Any]
    document_type: str
    issuer: str | None
    at_ms: int
    external: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """``from_ms`` to ``until_ms``, both included: Unix milliseconds. ``words``: by language."""

    identifier: str
    kind: str
    country: str
    version: Version
    schema_version: Version
    engine: tuple[str, Version]
    certificate_type: str
    from_ms: int
    until_ms: int
    logic: Any
    words: Mapping[str, str]

    def is_in_force(self, asked: Asked) -> bool:
        fits = self.certificate_type in (_GENERAL, asked.document_type)
        return fits and self.from_ms <= asked.at_ms <= self.until_ms

    def outcome(self, data: Mapping[str, Any]) -> Outcome:
        """What it says. OPEN: it cannot say, or is written for a later reader than this."""
        name, version = self.engine
        schema = _version_or_none(data["payload"].get("ver"))
        if name != ENGINE or version > ENGINE_VERSION or schema is None:
            return Outcome.OPEN
        if schema[0] != self.schema_version[0] or schema < self.schema_version:
            return Outcome.OPEN
        try:
            found = certlogic.evaluate(self.logic, data)
        except LogicError:
            return Outcome.OPEN
        if not isinstance(found, bool):
            return Outcome.OPEN
        return Outcome.PASSED if found else Outcome.FAILED


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force, for staff of one country.

    Attributes:
        codes: the codes of each value set, as rules ask for them.
        words: what a code means, by value set.
    """

    country: str
    rules: tuple[Rule, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = frozenset()  # type: ignore[assignment]
    words: Mapping[str, Mapping[str, str]] = frozenset()  # type: ignore[assignment]

    def chosen(self, asked: Asked) -> list[Rule]:
        """The rules to ask: of each that is in force, its newest version; by their names."""
        newest: dict[tuple[str, str], Rule] = {}
        for rule in self.rules:
            key = rule.country, rule.identifier
            known = newest.get(key)
            if self._asks(rule, asked) and (known is None or rule.version > known.version):
                newest[key] = rule
        return [newest[key] for key in sorted(newest)]

    def findings(self, asked: Asked) -> tuple[Finding, ...]:
        """What each rule says of a certificate. Never raises."""
        external = {
            "valueSets": self.codes,
            "validationClock": _clock(asked.at_ms),
            "countryCode": self.country,
            "issuerCountryCode": asked.issuer,
            **asked.external,
        }
        data = {"payload": asked.payload, "external": external}
        return tuple(
            Finding(rule.identifier, rule.country, rule.outcome(data), dict(rule.words))
            for rule in self.chosen(asked)
        )

    def word(self, value_set: str, code: object) -> str | None:
        """What a code means; None: nobody here knows."""
        return self.words.get(value_set, {}).get(code) if isinstance(code, str) else None

    def _asks(self, rule: Rule, asked: Asked) -> bool:
        of = {_ACCEPTANCE: self.country, _INVALIDATION: asked.issuer}.get(rule.kind)
        return rule.country == of and rule.is_in_force(asked)
