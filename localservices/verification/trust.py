"""Whom to believe: issuers' certificates by key id, and how old that knowledge is."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError, Mark
from localservices.verification.freshness import Policy, strictest


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key without a certificate. ``issuer``: its URL or DID; None: whoever signs by this key.

    Unix milliseconds; None: no such end.
    """

    key: PublicKeyTypes = field(repr=False)
    issuer: str | None = None
    kid: str | None = None
    not_before_ms: int | None = None
    not_after_ms: int | None = None
    is_revoked: bool = False

    def is_in_force(self, at_ms: int) -> bool:
        begun = self.not_before_ms is None or self.not_before_ms <= at_ms
        return begun and (self.not_after_ms is None or at_ms <= self.not_after_ms)


@dataclass(frozen=True, slots=True)
class TrustList:
    """``made_at_ms``: when it was true; None: nobody says.

    ``spoiled`` counts entries that are no usable certificates: one bad entry takes no other away.
    ``is_superseded``: another list lies where this one lay, and that one cannot be read.
    ``purposes``: what its issuers may be believed for; None: whatever it was brought for.
    ``policy``: how old it may be; None: it does not say.
    ``revoked``: certificates that are believed no more, on this list or not.
    """

    by_kid: dict[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    made_at_ms: int | None = None
    spoiled: int = 0
    is_superseded: bool = False
    purposes: frozenset[str] | None = None
    keys: tuple[IssuerKey, ...] = ()
    policy: Policy | None = None
    revoked: frozenset[Mark] = frozenset()

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return tuple(one for found in self.by_kid.values() for one in found)

    def keys_of(self, issuer: str | None, kid: str | None) -> tuple[IssuerKey, ...]:
        """Those that may speak for this issuer; of these, where one bears this id, that one."""
        own = [one for one in self.keys if one.issuer in (None, issuer)]
        named = [one for one in own if kid is not None and one.kid == kid]
        return tuple(named or own)

    def serves(self, purpose: str) -> bool:
        return self.purposes is None or purpose in self.purposes

    def of(self, kid: bytes) -> tuple[Certificate, ...]:
        """Several, if their ids are alike: 8 bytes of a hash are not unique for ever."""
        return self.by_kid.get(kid, ())

    def age_s(self, now_ms: int) -> int | None:
        return None if self.made_at_ms is None else max(0, now_ms - self.made_at_ms) // 1000


def of_certificates(ders: Iterable[bytes], made_at_ms: int | None = None) -> TrustList:
    by_kid: dict[bytes, tuple[Certificate, ...]] = {}
    spoiled = 0
    for der in ders:
        try:
            one = certificates.read(der)
        except CertificateError:
            spoiled += 1
            continue
        by_kid[one.kid] = (*by_kid.get(one.kid, ()), one)
    return TrustList(by_kid, made_at_ms, spoiled)


def of_base64(texts: Iterable[object], made_at_ms: int | None = None) -> TrustList:
    """The same for DER in base64, whose lines may be broken."""
    return of_certificates(map(der_of, texts), made_at_ms)


def der_of(text: object) -> bytes:
    """No bytes at all for what is no base64: then it is no certificate either."""
    try:
        return base64.b64decode("".join(str(text).split()), validate=True)
    except ValueError:
        return b""


def merged(lists: Iterable[TrustList]) -> TrustList:
    """All of them as one, as old as its oldest part; for a purpose, if they have the same."""
    whole: dict[bytes, tuple[Certificate, ...]] = {}
    made, spoiled = [], 0
    keys: list[IssuerKey] = []
    policies = []
    purposes: set[frozenset[str] | None] = set()
    revoked: frozenset[Mark] = frozenset()
    for one in lists:
        keys += one.keys
        policies.append(one.policy)
        made.append(one.made_at_ms)
        spoiled += one.spoiled
        purposes.add(one.purposes)
        revoked |= one.revoked
        for kid, found in one.by_kid.items():
            before = whole.get(kid, ())
            whole[kid] = before + tuple(each for each in found if each not in before)
    together = TrustList(
        whole,
        min((at_ms for at_ms in made if at_ms is not None), default=None),
        spoiled,
        purposes=purposes.pop() if len(purposes) == 1 else None,
        keys=tuple(keys),
        policy=strictest(policies),
    )
    return with_revoked(together, revoked)


def with_revoked(known: TrustList, revoked: frozenset[Mark]) -> TrustList:
    """The same list, of which these are believed no more."""
    if not revoked:
        return known
    by_kid = {
        kid: tuple(replace(one, is_revoked=one.mark in revoked) for one in found)
        for kid, found in known.by_kid.items()
    }
    return replace(known, by_kid=by_kid, revoked=revoked)
