"""The ``nezlam verify`` command: judge documents offline, one or a busload."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from edge import clock
from localservices import messages
from localservices.messages import Messages
from localservices.verification import batch, engine, in_words, picture, rules, trust_files
from localservices.verification.formats import vds_reading
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.picture import PictureError, Readers
from localservices.verification.rules import Rules, RulesError
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust_files import TrustFileError
from localservices.verification.verdict import Outcome, Reason, State, Verdict

_MESSAGES = Path(engine.__file__).parent / "messages"


@click.command(
    epilog="Example: nezlam verify --trust issuers.pem certificate.txt."
    " Exit 0: valid (in a batch: all of them), 1: anything else, 2: used wrongly."
)
@click.option(
    "--trust",
    "trust_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Certificates of issuers: DER, PEM, JSON of base64 DER, a master list, or a folder."
    " May be given more than once.",
)
@click.option(
    "--status",
    "status_paths",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A status list (IETF or W3C) that documents may name, by an issuer of --trust."
    " May be given more than once.",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What a country asks of health certificates, and its value sets: JSON as the EU gateway"
    ' has them, {"country", "rules", "valueSets"}. They never change whether it is genuine.',
)
@click.option("--at", "at", help="Judge at this time (ISO 8601) instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON object.")
@click.option(
    "--batch",
    "is_batch",
    is_flag=True,
    help='Read JSON lines {"payload", "trust": [base64 DER], "at"}, print a verdict a line.',
)
@click.argument("file", type=click.Path(allow_dash=True, dir_okay=False))
def verify(at: str | None, as_json: bool, is_batch: bool, file: str, **grounds: Any) -> None:
    """Judge a document by its code's text, or all that a picture or PDF shows; - is standard input.

    With several codes there is a verdict for each.
    """
    said = messages.load([_MESSAGES])
    now_ms = clock.wall_ms() if at is None else _moment(at)
    known = _known(**grounds)
    with _opened(file) as stream:
        if is_batch:
            all_valid = _judge_all(stream, known, now_ms, said)
        else:
            verdicts = _judge(file, stream, known, now_ms, said)
            all_valid = all(verdict.state is State.VALID for verdict in verdicts)
            for verdict in verdicts:
                click.echo(_as_json(verdict, said) if as_json else _told(verdict, said))
    if not all_valid:
        raise SystemExit(1)


def _known(
    trust_paths: tuple[Path, ...], status_paths: tuple[Path, ...], rules_file: Path | None
) -> Knowledge:
    try:
        lists = tuple(one for path in trust_paths for one in trust_files.read_all(path))
    except TrustFileError as error:
        raise click.UsageError(str(error)) from error
    shelf = StatusShelf(lambda: [(path.name, path, None) for path in status_paths], lambda: lists)
    return Knowledge(lists, shelf.of, rules=_rules(rules_file) if rules_file else None)


def _rules(path: Path) -> Rules:
    try:
        return rules.read(path.read_bytes())
    except OSError as error:
        raise _unreadable(str(path), error) from error
    except RulesError as error:
        raise click.UsageError(f"{path} holds no rules ({error}): get it anew.") from error


def _judge_all(stream: BinaryIO, known: Knowledge, now_ms: int, said: Messages) -> bool:
    """Print a verdict for each line, in order; say whether all were "valid"."""
    all_valid = True
    for line in batch.lines(stream):
        verdict = batch.judge_line(line, known, now_ms)
        all_valid = all_valid and verdict.state is State.VALID
        click.echo(_as_json(verdict, said))
    return all_valid


def _judge(
    file: str, stream: BinaryIO, known: Knowledge, now_ms: int, said: Messages
) -> list[Verdict]:
    """A text is one document, a picture or PDF each whose code is seen; none is judged too."""
    try:
        data = stream.read(picture.PICTURE_BYTES_MAX + 1)
    except OSError as error:
        raise _unreadable(file, error) from error
    try:
        return [engine.judge(text, known, When(now_ms)) for text in _texts(data)]
    except PictureError as error:
        if error.code in (picture.NO_READER, picture.NO_ROOM):
            raise click.UsageError(_sentence(said, f"problem.{error.code}")) from error
        return [Verdict(State.MALFORMED, Reason(error.code), engine.UNKNOWN, now_ms)]


def _texts(data: bytes) -> list[str]:
    """Raises PictureError."""
    is_short = len(data) <= picture.PICTURE_BYTES_MAX and not data.startswith(b"%PDF-")
    text = _text(data) if is_short else None
    if text is not None:
        return [text]
    return engine.documents(Readers(keeps_ready=False).texts(data))


def _text(data: bytes) -> str | None:
    """None: it may be a picture. A Visible Digital Seal is bytes, which are taken one by one."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1") if data[:1] == bytes([vds_reading.MAGIC]) else None


def _opened(file: str) -> BinaryIO:
    try:
        return sys.stdin.buffer if file == "-" else Path(file).open("rb")
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: str, error: OSError) -> click.UsageError:
    return click.UsageError(f"{file} cannot be read ({error.strerror}): check the path.")


def _moment(text: str) -> int:
    try:
        return batch.unix_ms(text)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{text!r} is not a time such as 2026-11-23T12:00:00Z.") from error


def _as_json(verdict: Verdict, said: Messages) -> str:
    return json.dumps(in_words.plain(verdict, said, "en"), ensure_ascii=False)


def _told(verdict: Verdict, said: Messages) -> str:
    lines = [
        f"{verdict.state}: {_sentence(said, f'state.{verdict.state}')}.",
        _sentence(said, f"reason.{verdict.reason}", **verdict.facts),
        _sentence(said, f"advice.{verdict.state}"),
        *(f"  {_sentence(said, f'claim.{name}')}: {value}" for name, value in verdict.claims),
        *(
            f"  {one.country}, {_sentence(said, f'rule.{one.outcome}')}: {one.asks('en')}"
            for one in verdict.findings
            if one.outcome is not Outcome.PASSED
        ),
        f"  {_sentence(said, 'trust_age')}: {_made(verdict, said)}",
    ]
    return "\n".join(lines)


def _made(verdict: Verdict, said: Messages) -> str:
    if verdict.trust_age_s is None:
        return _sentence(said, "trust_age_unknown")
    made_s = verdict.judged_at_ms // 1000 - verdict.trust_age_s
    return datetime.fromtimestamp(made_s, UTC).isoformat()


def _sentence(said: Messages, key: str, **facts: str) -> str:
    return said.sentence("en", f"verification.{key}", **facts)
