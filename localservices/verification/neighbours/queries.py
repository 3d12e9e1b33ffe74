"""What a wallet is asked for, in DCQL (OpenID4VP 1.0, section 6), and whether it answers that."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from localservices.verification.engine import Format
from localservices.verification.formats import mdoc, sdjwt_vc
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.neighbours.presentations import Asked
from localservices.verification.verdict import Check, Reason, State, Verdict, replace

CREDENTIALS_MAX = 10
PRESENTATIONS_MAX = 10
QUERY_CHARS_MAX = 8_192  # it must fit into a link
_SD_JWT, _MDOC = "dc+sd-jwt", "mso_mdoc"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_PID, _LICENCE = "eu.europa.ec.eudi.pid.1", "org.iso.18013.5.1"


def _of_mdoc(name: str, kind: str, space: str) -> dict[str, Any]:
    claims = [{"path": [space, one]} for one in ("family_name", "given_name", "birth_date")]
    return {"id": name, "format": _MDOC, "meta": {"doctype_value": kind}, "claims": claims}


# Who somebody is, by whichever of these the wallet holds.
IDENTITY: Mapping[str, Any] = {
    "credentials": [
        {
            "id": "pid_sd_jwt",
            "format": _SD_JWT,
            "meta": {"vct_values": ["urn:eudi:pid:1"]},
            "claims": [{"path": [one]} for one in ("family_name", "given_name", "birthdate")],
        },
        _of_mdoc("pid_mdoc", _PID, _PID),
        _of_mdoc("driving_licence", mdoc.LICENCE, _LICENCE),
    ],
    "credential_sets": [{"options": [["pid_sd_jwt"], ["pid_mdoc"], ["driving_licence"]]}],
}


def is_sound(query: object) -> bool:
    """Whether we could judge what it asks for. What a wallet makes of the rest is its own."""
    match query:
        case {"credentials": [_, *_] as several} if len(several) <= CREDENTIALS_MAX:
            names = [_name_of(one) for one in several]
            is_short = len(json.dumps(query)) <= QUERY_CHARS_MAX
            return None not in names and len(set(names)) == len(names) and is_short
        case _:
            return False


def _name_of(credential: object) -> str | None:
    """None: not one that is understood here."""
    match credential:
        case {"id": str(name), "format": "dc+sd-jwt", "meta": {"vct_values": [_, *_] as kinds}}:
            is_known = all(isinstance(kind, str) for kind in kinds)
        case {"id": str(name), "format": "mso_mdoc", "meta": {"doctype_value": str()}}:
            is_known = True
        case _:
            return None
    return name if is_known and _ID.fullmatch(name) else None


def presented(asked: Asked, told: object) -> Mapping[str, Sequence[str]] | None:
    """What a ``vp_token`` holds, by credential (section 8.1); None: not what was asked for."""
    known = {one["id"] for one in asked.query["credentials"]}
    if not isinstance(told, dict) or not told or not told.keys() <= known:
        return None
    for several in told.values():
        if not isinstance(several, list) or not several:
            return None
        if not all(isinstance(one, str) for one in several):
            return None
    return told if sum(map(len, told.values())) <= PRESENTATIONS_MAX else None


def formats_of(asked: Asked, name: str) -> Sequence[Format]:
    """The one format that may stand for this credential, bound to the request."""
    credential = next(one for one in asked.query["credentials"] if one["id"] == name)
    if credential["format"] == _SD_JWT:
        return (_SdJwt(asked, credential["meta"]["vct_values"]),)
    return (_Mdoc(asked, [credential["meta"]["doctype_value"]]),)


class _SdJwt:
    FORMAT = sdjwt_vc.FORMAT

    def __init__(self, asked: Asked, kinds: Sequence[str]) -> None:
        self._asked, self._kinds = asked, kinds

    def recognises(self, text: str) -> bool:
        return sdjwt_vc.recognises(text)

    def judge(self, text: str, known: Knowledge, when: When) -> Verdict:
        audience, nonce = self._asked.client_id, self._asked.nonce
        verdict = sdjwt_vc.judge_presentation(text, known, when, audience, nonce)
        return _as_asked(verdict, self._kinds, None)


class _Mdoc:
    FORMAT = mdoc.FORMAT

    def __init__(self, asked: Asked, kinds: Sequence[str]) -> None:
        self._asked, self._kinds = asked, kinds

    def recognises(self, text: str) -> bool:
        return mdoc.recognises(text)

    def judge(self, text: str, known: Knowledge, when: When) -> Verdict:
        verdict = mdoc.judge(text, known, when, self._asked.session)
        return _as_asked(verdict, self._kinds, mdoc.LICENCE)


def _as_asked(verdict: Verdict, kinds: Sequence[str], unnamed: str | None) -> Verdict:
    """A genuine document of another kind is not what it is handed over for."""
    kind = dict(verdict.claims).get("kind", unnamed)
    if Check.CONTENT not in verdict.checks or kind in kinds:
        return verdict
    return replace(verdict, state=State.UNSUPPORTED, reason=Reason.NOT_ASKED)
