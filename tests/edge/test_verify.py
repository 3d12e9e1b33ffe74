"""``nezlam verify`` says the same as the page, for one document and for a busload."""

import base64
import html
import json
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.verify import verify
from localservices.verification import trust_files
from localservices.verification.knowledge import Knowledge
from tests.builders import Browser, Surroundings, an_office
from tests.localservices.verification.authorities import b64, jwt
from tests.localservices.verification.house import pages_of
from tests.localservices.verification.issuing import NOW, NOW_MS, Issuer, a_body
from tests.localservices.verification.seals import Sealer
from tests.localservices.verification.test_mrz import a_card
from tests.localservices.verification.test_picture import a_picture
from tests.localservices.verification.test_rules import a_rule
from tests.localservices.verification.test_sdjwt import ISSUER as TOKENS_OF
from tests.localservices.verification.test_sdjwt import KEY, NOW_S, issued, public

ISSUER = Issuer()
AT = NOW.isoformat()
KEY_ENTRY = {"jwk": public(KEY), "issuer": TOKENS_OF}
SDJWT_NOW = datetime.fromtimestamp(NOW_S, UTC).isoformat()


@pytest.fixture
def trusted(tmp_path: Path) -> str:
    path = tmp_path / "issuer.der"
    path.write_bytes(ISSUER.der)
    return str(path)


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(verify, list(arguments), input=given)


def test_a_valid_document_ends_well(trusted: str) -> None:
    result = run("--trust", trusted, "--at", AT, "-", given=ISSUER.issue() + "\n")
    assert (result.exit_code, result.output.partition(":")[0]) == (0, "valid")
    assert "Лисенко Оксана" in result.output


def test_a_negative_verdict_is_exit_1_and_json_says_why(trusted: str) -> None:
    late = "2030-01-01T00:00:00Z"
    result = run("--trust", trusted, "--at", late, "--json", "-", given=ISSUER.issue())
    assert result.exit_code == 1
    assert json.loads(result.output)["verdict"] == "expired"


def test_a_picture_file_serves_too(trusted: str, tmp_path: Path) -> None:
    (tmp_path / "qr.png").write_bytes(a_picture(ISSUER.issue()))
    result = run("--trust", trusted, "--at", AT, str(tmp_path / "qr.png"))
    assert result.exit_code == 0, result.output


def test_a_file_of_a_seal_s_own_bytes_serves_too(tmp_path: Path) -> None:
    sealer, seal, trusted = Sealer(), tmp_path / "seal", tmp_path / "signer.crt"
    seal.write_bytes(sealer.seal())
    trusted.write_bytes(sealer.der)
    result = run("--trust", str(trusted), "--at", AT, "--json", str(seal))
    assert (result.exit_code, json.loads(result.output)["format"]) == (0, "vds")


@pytest.mark.parametrize("content", [bytes(range(256)), a_picture("x")[:99], a_picture("x")])
def test_a_file_without_a_document_is_judged_and_not_refused(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(content)
    result = run("--json", str(tmp_path / "file"))
    assert (result.exit_code, json.loads(result.output)["verdict"]) == (1, "malformed")


def test_without_the_extra_that_reads_pictures_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zxingcpp.py").write_text("raise ImportError")
    (tmp_path / "qr.png").write_bytes(a_picture("x"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = run(str(tmp_path / "qr.png"))
    assert (result.exit_code, "not installed" in result.output) == (2, True)


def test_the_age_of_what_was_relied_on_is_said(trusted: str) -> None:
    os.utime(trusted, (NOW.timestamp(), NOW.timestamp()))
    result = run("--trust", trusted, "--at", "2026-11-25T00:00:00Z", "-", given=ISSUER.issue())
    assert "Trust list made: 2026-11-23T12:00:00+00:00" in result.output
    assert "nobody says when" in run("-", given="HC1:").output


def test_no_line_of_a_batch_stops_the_others(tmp_path: Path) -> None:
    good = json.dumps({"payload": ISSUER.issue(), "trust": [base64.b64encode(ISSUER.der).decode()]})
    lines = [b"\xff\xfe", b"[" * 100_000, b"", good.encode(), b"null"]
    (tmp_path / "batch.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    result = run("--at", AT, "--batch", str(tmp_path / "batch.jsonl"))
    found = [json.loads(line) for line in result.output.splitlines()]
    assert [one["reason"] for one in found] == ["line", "line", "line", "valid", "line"]
    assert found[0]["in_words"] == "The line is not a request for a check."


def test_a_batch_gives_a_verdict_a_line_in_order(tmp_path: Path) -> None:
    ders = [base64.b64encode(ISSUER.der).decode()]
    asked: list[Any] = [
        {"payload": ISSUER.issue(), "trust": ders, "at": AT},
        {"payload": ISSUER.issue(a_body(nam={})), "trust": ders, "at": AT},
        {"payload": ISSUER.issue(), "trust": [], "at": AT},
        "no object",
        {"payload": ISSUER.issue(), "trust": ders, "at": "yesterday"},
        {"payload": ISSUER.issue(), "trust": ders, "at": "2026-11-23T14:00:00+02:00"},
    ]
    lines = [json.dumps(one) for one in asked] + ["{broken"]
    (tmp_path / "batch.jsonl").write_text("\n".join(lines))
    result = run("--batch", str(tmp_path / "batch.jsonl"))
    assert result.exit_code == 1
    assert [json.loads(line)["verdict"] for line in result.output.splitlines()] == [
        *("valid", "malformed", "untrusted_issuer", "malformed", "malformed", "valid"),
        "malformed",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trust", "absent", "-"], "absent cannot be read"),
        (["--at", "yesterday", "-"], "'yesterday' is not a time"),
        (["absent"], "absent cannot be read"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(arguments: list[str], said: str) -> None:
    result = run(*arguments, given="")
    assert (result.exit_code, said in result.output) == (2, True)
    assert "Traceback" not in result.output


def test_a_country_s_rules_are_told_beside_a_genuine_document(trusted: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    whole = {"country": "UA", "rules": [a_rule(Logic=False)], "valueSets": {}}
    path.write_text(json.dumps(whole), encoding="utf-8")
    asked = ["--trust", trusted, "--rules", str(path), "--at", AT]
    told = run(*asked, "-", given=ISSUER.issue())
    assert (told.exit_code, told.output.partition(":")[0]) == (0, "valid")
    assert "UA, not met: The recovery must still count." in told.output
    [rule] = json.loads(run(*asked, "--json", "-", given=ISSUER.issue()).output)["rules"]
    assert (rule["rule"], rule["outcome"]) == ("RR-UA-0001", "failed")


@pytest.mark.parametrize("content", [None, b"{}", b"\xff"])
def test_rules_that_cannot_be_read_are_said_so(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    if content is not None:
        path.write_bytes(content)
    result = run("--rules", str(path), "-", given="HC1:")
    assert result.exit_code == 2
    assert "rules.json" in result.output
    assert "Traceback" not in result.output


STRANGER, SEALER = Issuer(), Sealer()
PAPERS = {
    "valid": ISSUER.issue(),
    "expired": ISSUER.issue(expires=int(NOW.timestamp()) - 60),
    "a stranger's": STRANGER.issue(),
    "changed": ISSUER.issue()[:-9] + "0" * 9,
    "a seal": SEALER.seal().decode("latin-1"),
    "a card's lines": a_card(),
    "nothing": "a word",
}


@pytest.mark.parametrize("name", PAPERS)
def test_page_command_and_batch_say_the_same(name: str, tmp_path: Path, trusted: str) -> None:
    text, path = PAPERS[name], tmp_path / "document"
    path.write_text(text, "utf-8")
    os.utime(trusted, (NOW.timestamp(), NOW.timestamp()))
    told = json.loads(run("--trust", trusted, "--at", AT, "--json", str(path)).output)
    line = json.dumps({"payload": text, "at": AT})
    batch = json.loads(run("--trust", trusted, "--batch", "-", given=line + "\n").output)
    lists = trust_files.read_all(Path(trusted))
    office = an_office(tmp_path, Surroundings(NOW_MS), [pages_of(lambda: Knowledge(lists))])
    page = Browser(office).set_up().post("/verify", {"payload": text}, seen_at="/verify").text
    assert told == batch
    assert f'data-verdict="{told["verdict"]}"' in page
    assert told["in_words"] in html.unescape(page)


def test_a_status_list_is_asked_that_the_document_names(tmp_path: Path) -> None:
    listed, token = tmp_path / "issuer.json", tmp_path / "token"
    listed.write_text(json.dumps({"certificates": [KEY_ENTRY], "made_at": SDJWT_NOW}))
    token.write_text(issued(status={"status_list": {"uri": "https://s.example/1", "idx": 1}}))
    at = ("--at", SDJWT_NOW)
    alone = run("--trust", str(listed), *at, "--json", str(token))
    assert json.loads(alone.output)["verdict"] == "status_unknown"
    (tmp_path / "status").write_text(a_status_list(b"\x02"))
    arguments = ("--trust", str(listed), *at, "--status", str(tmp_path / "status"), "--json")
    assert json.loads(run(*arguments, str(token)).output)["verdict"] == "revoked"
    (tmp_path / "status").write_text(a_status_list(b"\x00"))
    assert json.loads(run(*arguments, str(token)).output)["verdict"] == "valid"


def a_status_list(data: bytes) -> str:
    told = {"sub": "https://s.example/1", "iat": NOW_S}
    told |= {"status_list": {"bits": 1, "lst": b64(zlib.compress(data))}}
    return jwt(KEY, told, "statuslist+jwt")
