"""What countries ask of a health certificate beyond that it is genuine, and its codes' words.

Rules and value sets are written as the EU gateway publishes them (EU DCC validation rules, 1.0):
``{"country": "AT", "rules": [...], "valueSets": {...}}``, where ``country`` is the one whose staff
look at certificates. Its acceptance rules are asked, and the invalidation rules of the issuer's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localservices.verification import certlogic, certlogic_dates, strict_json
from localservices.verification.certlogic import LogicError
from localservices.verification.verdict import Finding, Outcome

TARGET = "trust/rules/health.json"  # in the catalogue, signed by who says whom to trust
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
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
            "validationClock": iso_text(asked.at_ms),
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


def read(data: bytes) -> Rules:
    """Read what is in force. Raises RulesError."""
    try:
        told = strict_json.loads(data)
    except ValueError as error:
        raise RulesError(f"not JSON: {error}") from error
    country, rules = _at(told, "country", str), _at(told, "rules", list)
    if len(rules) > RULES_MAX:
        raise RulesError(f"more than {RULES_MAX} rules")
    sets = told.get("valueSets", {})
    if not isinstance(sets, dict):
        raise RulesError("valueSets are an object")
    values = {name: _values(name, found) for name, found in sets.items()}
    return Rules(
        country,
        tuple(map(rule_of, rules)),
        {name: tuple(meant) for name, meant in values.items()},
        {
            name: {code: word for code, word in meant.items() if word}
            for name, meant in values.items()
        },
    )


def rule_of(told: object) -> Rule:
    """Read one rule as the gateway publishes it. Raises RulesError."""
    identifier = _at(told, "Identifier", str)
    try:
        return Rule(
            identifier,
            _at(told, "Type", str),
            _at(told, "Country", str),
            _version(_at(told, "Version", str)),
            _version(_at(told, "SchemaVersion", str)),
            (_at(told, "Engine", str), _version(_at(told, "EngineVersion", str))),
            _at(told, "CertificateType", str).lower(),
            _unix_ms(_at(told, "ValidFrom", str)),
            _unix_ms(_at(told, "ValidTo", str)),
            _at(told, "Logic", object),
            {
                _at(one, "lang", str): _at(one, "desc", str)
                for one in _at(told, "Description", list)
            },
        )
    except ValueError as error:
        raise RulesError(f"{identifier}: {error}") from error


def _values(name: str, told: object) -> dict[str, str]:
    """Codes with their words, which a list of bare codes lacks."""
    if isinstance(told, dict):
        told = told.get("valueSetValues", told)
    if isinstance(told, list) and all(isinstance(code, str) for code in told):
        return dict.fromkeys(told, "")
    if not isinstance(told, dict):
        raise RulesError(f"the value set {name} is neither a list nor an object")
    found = {code: meant.get("display") for code, meant in told.items() if isinstance(meant, dict)}
    return {code: word if isinstance(word, str) else "" for code, word in found.items()}


def _at(told: object, name: str, kind: type[Any]) -> Any:
    if not isinstance(told, dict) or not isinstance(told.get(name), kind):
        raise RulesError(f"{name} is not there, or no {kind.__name__}")
    return told[name]


def _version(text: str) -> Version:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise RulesError("a version is three numbers")
    return tuple(int(part[:9]) for part in parts)


def _version_or_none(told: object) -> Version | None:
    try:
        return _version(told) if isinstance(told, str) else None
    except RulesError:
        return None


def _unix_ms(text: str) -> int:
    return int(certlogic_dates.read(text).timestamp() * 1000)


def iso_text(at_ms: int) -> str:
    """A moment as rules read it: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
