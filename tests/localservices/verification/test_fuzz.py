"""Whatever is held before the camera: nothing that was changed is accepted, and nothing breaks."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from localservices.verification import engine, trust
from localservices.verification.formats import packing
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Reason, State
from sync.wire import base45
from tests.localservices.verification import (
    test_edocument,
    test_mrz,
    test_sdjwt,
    test_vc_jwt,
    test_vds_nc,
)
from tests.localservices.verification.authorities import Wanted
from tests.localservices.verification.issuing import NOW_MS, Issuer, packed
from tests.localservices.verification.mdoc_issuing import IACA, Licence
from tests.localservices.verification.passports import Passports
from tests.localservices.verification.seals import Sealer
from tests.localservices.verification.test_edocument import HOME
from tests.localservices.verification.test_sdjwt_json import flattened

ROUNDS = int(os.environ.get("NEZLAM_FUZZ", "1000000"))
ACCEPTED = frozenset(
    {State.VALID, State.VALID_EXTENDED, State.HOLDER_UNBOUND, State.MATCH_PROBABILISTIC}
)
WHEN = When(NOW_MS)
ISSUER, SEALER, PASSPORTS = Issuer(), Sealer(), Passports()
STATES = (SEALER.der, PASSPORTS.state.der, test_vds_nc.STATE.der)
KNOWN = Knowledge(
    (
        trust.of_certificates([ISSUER.der, HOME.der, IACA.der, *STATES], NOW_MS),
        TrustList(
            made_at_ms=NOW_MS,
            keys=(IssuerKey(test_sdjwt.KEY.public_key(), test_sdjwt.ISSUER),),
        ),
    ),
    status=lambda _: test_edocument.a_list(),
)

Change = Callable[[bytes, Random], bytes]


def flipped(data: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def cut(data: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(data))
    return data[:begin] + data[begin + chance.randrange(1, 40) :]


def doubled(data: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(data))
    part = data[begin : begin + chance.randrange(1, 200)]
    return data[:begin] + part * chance.randrange(2, 20) + data[begin:]


def strange(data: bytes, chance: Random) -> bytes:
    """A few bytes that mean something to a decoder: tags, lengths without end, large numbers."""
    begin = chance.randrange(len(data))
    heads = (b"\xd8\x1c", b"\xd8\x1d\x00", b"\x9f", b"\xbf", b"\x5f", b"\xfb", b"\xc2\x58\xff")
    return data[:begin] + chance.choice(heads) + data[begin + chance.randrange(4) :]


CHANGES: tuple[Change, ...] = (flipped, cut, doubled, strange)


def samples() -> list[tuple[bytes, Callable[[bytes], str]]]:
    """(bytes, how they become text) of each format."""

    def text(data: bytes) -> str:
        return data.decode("utf-8", "replace")

    signer = IACA.certify(Wanted(names=(test_sdjwt.ISSUER,)))
    shown = test_sdjwt.NAME + "~"
    certified = f"{signer.token(test_sdjwt.PLAIN, chain=[signer])}~{shown}"
    in_json = json.dumps(flattened(test_sdjwt.issued()))
    tokens = (test_sdjwt.issued(), certified, in_json, test_vc_jwt.issued())
    plain = (ISSUER.issue(), test_edocument.issued(), *tokens)
    of_states = (test_vds_nc.issued(test_vds_nc.TEST), PASSPORTS.text())
    inner = packing.unpacked(test_edocument.issued(), "NZ1:")
    health = packing.unpacked(ISSUER.issue(), "HC1:")
    return [
        *((one.encode(), text) for one in (*plain, *of_states, test_mrz.a_card())),
        (SEALER.seal(), lambda data: data.decode("latin-1")),
        (PASSPORTS.security_object(), PASSPORTS.text),
        (inner, test_edocument._packed),
        (health, packed),
        (Licence().response(), bytes.hex),
        (base45.decode(ISSUER.issue()[4:]), lambda data: "HC1:" + base45.encode(data)),
    ]


def run(rounds: int) -> tuple[float, int]:
    """Give the longest that one took, in milliseconds of this processor, and which that was."""
    chance, found = Random(1), samples()
    slowest = 0.0, 0
    for number in range(rounds):
        data, as_text = found[number % len(found)]
        changed = chance.choice(CHANGES)(data, chance)
        text, begin = as_text(changed), time.process_time()
        verdict = engine.judge(text, KNOWN, WHEN)
        slowest = max(slowest, ((time.process_time() - begin) * 1000, number))
        assert verdict.reason is not Reason.UNFORESEEN, (number, changed)
        if changed != data and verdict.state in ACCEPTED:
            # What nobody signed may differ, as long as what staff are told does not.
            genuine = engine.judge(as_text(data), KNOWN, WHEN)
            assert verdict.state is genuine.state, number
            assert set(verdict.claims) <= set(genuine.claims), number  # a holder may show less
    return slowest


@contextmanager
def no_more_memory_than(size: int) -> Iterator[None]:
    """Whatever asks for more than ``size`` bytes besides what is held already fails."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_some_thousand_changed_documents_are_all_refused() -> None:
    run(4_000)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.long
def test_a_million_changed_documents_are_all_refused_within_32_megabytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(2_000)  # what is loaded and remembered once is no document's
    with no_more_memory_than(32 * 1024**2):
        took_ms, number = run(ROUNDS)
    with capsys.disabled():
        sys.stdout.write(f" slowest: {took_ms:.1f} ms, round {number} ")
