"""What a record costs on the wire, layer by layer, beside the same records as JSON."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.bench import households
from edge.bench.households import Told
from edge.bench.report import Figure
from edge.bench.session import Session, published
from sync.wire import cbor, columns, entries, messages, topics
from sync.wire.batch import LEVEL, pack
from sync.wire.compress import compress
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane
from sync.wire.layout.dictionary import NONE, Dictionary
from sync.wire.layout.training import Sample, train
from sync.wire.messages import Batch, Form
from sync.wire.places import NO_HASH, Stream
from sync.wire.seal import SegmentKey
from sync.wire.sign import sign

KIND = "household.registered"
QUEUED = (1000, 20)
HOUSEHOLDS = 10_000
_NODE = "kharkiv-07"
_START_MS = 1_790_000_000_000
_NODES, _OF_EACH = 50, 200  # whose records a dictionary is trained from
_SEED, _TRAINING_SEED = 1, 1000
_AIMS = {1000: "<= 0.076", 20: "<= 0.14"}
_LAYERS = {
    "numbers": "numbers and places, packed",
    "heads": "how they are packed, and text",
    "envelope": "place, chain, seal and signature",
    "mqtt": "MQTT",
    "tls": "TLS 1.3",
    "total": "all told",
    "bare": "all told without the dictionary",
    "gzip": "gzip, each record by itself, bare",
    "json": "JSON, bare",
}
_BASELINE = "the same records as JSON, one after another"


@dataclass(frozen=True, slots=True)
class Measured:
    """Records cut into batches of ``queued``; all figures are bytes for a record on average."""

    queued: int
    total: float  # everything below
    numbers: float  # packed values
    heads: float  # what says how they are packed, and text
    envelope: float  # place, chain, seal, signature
    mqtt: float
    tls: float
    json: float
    gzip: float
    bare: float  # the total without a dictionary


@dataclass(frozen=True, slots=True)
class Result:
    """``told``: what each field tells, bytes for a household; None for given records."""

    measured: tuple[Measured, ...]
    told: dict[str, float] | None
    dictionary_bytes: int

    def figures(self) -> list[Figure]:
        return [
            Figure(
                f"household_{one.queued}",
                one.total,
                "bytes a record",
                _BASELINE,
                one.json,
                _AIMS[one.queued],
            )
            for one in self.measured
        ]


def of_households() -> Result:
    """Measure generated households under a dictionary trained from others."""
    told = Told()
    drawn = list(households.households(_SEED, HOUSEHOLDS, told))
    samples = [
        Sample(f"node-{node}", one.body)
        for node in range(_NODES)
        for one in households.households(_TRAINING_SEED + node, _OF_EACH)
    ]
    trained = train(KIND, samples, [households.katottg()])
    written: list[Entry] = []
    at_ms = _START_MS
    for one in drawn:
        at_ms += one.gap_ms
        written.append(Entry(KIND, Stamp(at_ms), one.body))
    return _result(written, trained, told.a_household())


def of_file(path: Path) -> Result:
    """Measure given bodies: one JSON object a line, or one JSON list of them.

    The dictionary is trained from the second half, the first is measured.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds no JSON objects, or fewer than two.
    """
    bodies = _bodies(path.read_text("utf-8"))
    half = len(bodies) // 2
    samples = [Sample(f"node-{n % _NODES}", body) for n, body in enumerate(bodies[half:])]
    trained = train(KIND, samples, [households.katottg()])
    gap_ms = 6 * 60_000
    written = [Entry(KIND, Stamp(_START_MS + n * gap_ms), b) for n, b in enumerate(bodies[:half])]
    return _result(written, trained, None)


def _bodies(text: str) -> list[dict[str, Any]]:
    parsed = json.loads(text) if text.lstrip()[:1] == "[" else _lines(text)
    bodies = [body for body in parsed if isinstance(body, dict)]
    if len(bodies) < 2 or len(bodies) != len(parsed):
        raise ValueError("not at least two JSON objects")
    return bodies


def _lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _result(written: Sequence[Entry], known: Dictionary, told: dict[str, float] | None) -> Result:
    session = Session()
    measured = tuple(_measure(written, queued, known, session) for queued in QUEUED)
    return Result(measured, told, len(known.encoded))


def _measure(
    written: Sequence[Entry], queued: int, known: Dictionary, session: Session
) -> Measured:
    batches = [written[at : at + queued] for at in range(0, len(written), queued)]
    layers = [_layers(batch, known, session) for batch in batches]
    numbers, heads, signed, mqtt, tls = (
        sum(layer) / len(written) for layer in zip(*layers, strict=True)
    )
    bodies = [json.dumps(e.body, ensure_ascii=False, separators=(",", ":")) for e in written]
    return Measured(
        queued,
        total=tls,
        numbers=numbers,
        heads=heads,
        envelope=signed - numbers - heads,
        mqtt=mqtt - signed,
        tls=tls - mqtt,
        json=sum(len(body.encode()) for body in bodies) / len(written),
        gzip=sum(len(gzip.compress(body.encode(), 9)) for body in bodies) / len(written),
        bare=sum(_layers(batch, NONE, session)[-1] for batch in batches) / len(written),
    )


def _layers(
    batch: Sequence[Entry], known: Dictionary, session: Session
) -> tuple[int, int, int, int, int]:
    """Bytes of numbers and heads, then of the signed message, its MQTT packet, its TLS records."""
    stream = Stream(b"an epoch", Lane.PEOPLE)
    bare = Batch(_NODE, stream, 1, len(batch), NO_HASH, Form.COLUMNS, b"")
    packed = pack(bare, [entries.encode(entry) for entry in batch], SegmentKey(bytes(32)), known)
    signed = sign(messages.encode(packed), Ed25519PrivateKey.from_private_bytes(bytes(32)))
    out = columns.write(list(batch), known)
    heads = len(compress(cbor.encode(out.heads), LEVEL, known.prefix))
    packet = published(topics.up(_NODE), signed)
    return len(out.raw), heads, len(signed), len(packet), session.sent(packet)


def details(result: Result) -> dict[str, Any]:
    """What stands beside the figures: layers, other ways, and what each field tells."""
    return {
        "layers": [_rounded(asdict(one)) for one in result.measured],
        "fields": result.told and _rounded(result.told),
        "dictionary_bytes": result.dictionary_bytes,
    }


def as_text(result: Result) -> str:
    """Where the bytes of a record go, and what its fields tell."""
    rows = [["bytes a record", *(f"{one.queued:,} queued" for one in result.measured)]]
    rows += [
        [words, *(f"{getattr(one, name):.1f}" for one in result.measured)]
        for name, words in _LAYERS.items()
    ]
    lines = [f"{first:<40}" + "".join(f"{cell:>14}" for cell in rest) for first, *rest in rows]
    lines.append(f"the dictionary, sent once: {result.dictionary_bytes:,} bytes")
    if result.told:
        told = ", ".join(f"{name} {size:.2f}" for name, size in result.told.items())
        lines.append(f"information, ids aside: {sum(result.told.values()):.1f} ({told})")
    return "\n".join(["", *lines])


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}
