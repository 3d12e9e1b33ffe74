"""The ``nezlam verify`` command: judge documents offline, one or a busload."""

import base64
import binascii
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from edge import clock
from localservices import messages
from localservices.verification import picture, trust
from localservices.verification.formats import hcert
from localservices.verification.picture import PictureError
from localservices.verification.trust import TrustFileError, TrustList
from localservices.verification.verdict import State, Verdict

LINE_CHARS_MAX = 4 * 1024 * 1024
_MESSAGES = Path(hcert.__file__).parents[1] / "messages"
_SAID = "verification."


@click.command(
    epilog="Example: nezlam verify --trust issuers.pem certificate.txt."
    " Exit 0: valid, 1: anything else, 2: used wrongly."
)
@click.option(
    "--trust",
    "trust_files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Certificates of issuers: DER, PEM, or JSON of base64 DER. May be given more than once.",
)
@click.option("--at", "at", help="Judge at this time (ISO 8601) instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON object.")
@click.option(
    "--batch",
    is_flag=True,
    help='Read JSON lines {"payload", "trust": [base64 DER], "at"}, print a verdict a line.',
)
@click.argument("file", type=click.Path(allow_dash=True, dir_okay=False))
def verify(
    trust_files: tuple[Path, ...], at: str | None, as_json: bool, batch: bool, file: str
) -> None:
    """Judge the text, or a picture, of a document's QR code in FILE; - reads standard input."""
    now_ms = clock.wall_ms() if at is None else _moment(at)
    try:
        known = trust.merged(trust.read(path) for path in trust_files)
    except TrustFileError as error:
        raise click.UsageError(str(error)) from error
    if batch:
        with _lines(file) as lines:
            negative = _judge_all(lines, known, now_ms)
        raise SystemExit(1 if negative else 0)
    verdict = hcert.judge(_text(file), known, now_ms)
    click.echo(json.dumps(verdict.plain(), ensure_ascii=False) if as_json else _told(verdict))
    if verdict.state is not State.VALID:
        raise SystemExit(1)


def _judge_all(lines: Iterable[str], known: TrustList, now_ms: int) -> bool:
    """Print a verdict for each line, in order; say whether one of them was not "valid"."""
    negative = False
    for line in lines:
        if not line.strip():
            continue
        verdict = _judge_line(line, known, now_ms)
        negative = negative or verdict.state is not State.VALID
        click.echo(json.dumps(verdict.plain(), ensure_ascii=False))
    return negative


def _judge_line(line: str, known: TrustList, now_ms: int) -> Verdict:
    """A line that asks for nothing sensible gets a verdict too, and stops nobody."""
    try:
        asked: Any = json.loads(line) if len(line) <= LINE_CHARS_MAX else None
        payload, at, ders = str(asked["payload"]), asked.get("at"), asked.get("trust")
        at_ms = now_ms if at is None else _unix_ms(at)
        if ders is not None:
            known = trust.of_certificates(base64.b64decode(one, validate=True) for one in ders)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, OverflowError):
        return Verdict(State.MALFORMED, "line", hcert.FORMAT, now_ms)
    return hcert.judge(payload, known, at_ms)


def _lines(file: str) -> TextIO:
    try:
        return sys.stdin if file == "-" else Path(file).open(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read ({error.strerror}).") from error


def _text(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read ({error.strerror}).") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _of_picture(file, data)


def _of_picture(file: str, data: bytes) -> str:
    try:
        return picture.text_of(data)
    except PictureError as error:
        said = _sentence(f"problem.{error.code}")
        raise click.UsageError(f"{file}: {said}") from error


def _moment(text: str) -> int:
    try:
        return _unix_ms(text)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{text!r} is not a time such as 2026-11-23T12:00:00Z.") from error


def _unix_ms(text: str) -> int:
    """A time without a zone is meant in UTC. Raises ValueError or TypeError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def _told(verdict: Verdict) -> str:
    field = verdict.details.get("field", "")
    lines = [
        f"{verdict.state.value}: {_sentence(f'state.{verdict.state}')}.",
        _sentence(f"reason.{verdict.reason}", field=field),
        _sentence(f"advice.{verdict.state}"),
        *(f"  {_sentence(f'claim.{name}')}: {value}" for name, value in verdict.claims),
    ]
    return "\n".join(lines)


def _sentence(key: str, **facts: str) -> str:
    return messages.load([_MESSAGES]).sentence("en", _SAID + key, **facts)
