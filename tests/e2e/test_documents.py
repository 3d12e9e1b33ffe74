"""Documents through real processes: issued, checked with no link, revoked, and looked up."""

import sqlite3
import subprocess
import sys
from contextlib import closing

from tests.e2e.centre import Centre

BASE = "status/registry-passports/base"


def held_letters(centre: Centre) -> int:
    path = centre.village.folder / "central" / "central.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        sql = "SELECT count(*) FROM letters WHERE held_at_ms IS NOT NULL"
        return int(db.execute(sql).fetchone()[0])


def command(centre: Centre, *arguments: str) -> str:
    config = str(centre.village.folder / "central.toml")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "edge", "central", *arguments, "--config", config],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_certificate_is_checked_with_no_link_and_revoked_by_the_next(centre: Centre) -> None:
    page = centre.register(1)
    number, text = centre.staff.issue(page)

    def verdict(said: str) -> bool:
        return f'data-verdict="{said}"' in centre.staff.verify(text)

    centre.expect("the list of the revoked at the node", lambda: verdict("valid"))
    centre.village.switch.cut()
    assert verdict("valid")
    centre.staff.revoke(number, "lost on the way")
    assert verdict("valid")  # as far as anybody can know here
    centre.village.switch.restore()
    centre.expect("the certificate revoked", lambda: verdict("revoked"))
    another = centre.staff.issue(page)[0]
    assert "is revoked" in command(centre, "revoke", another)


def test_a_country_s_documents_are_looked_up_with_no_link(centre: Centre) -> None:
    source = centre.village.folder / "passports.csv"
    source.write_text(
        "type,number,born_on,status\n"
        "passport,AK000001,1987-06-21,valid\n"
        "passport,AK000002,1987-06-21,revoked\n",
        "utf-8",
    )

    def verdict(number: str, said: str) -> bool:
        page = centre.staff.look_up("passport", number, "21.06.1987")
        return f'data-verdict="{said}"' in page

    assert verdict("AK000001", "unsupported")
    assert "2 documents read" in command(
        centre, "registry", "build", "passports", "--from", str(source)
    )
    centre.expect(
        "the registry at the node",
        lambda: centre.staff.catalogue().get(BASE, {}).get("standing") == "in_force",
    )
    assert verdict("AK000001", "status_unknown")  # its key is not here
    command(centre, "registry", "allow", "passports", "--all")
    centre.expect("its key at the node", lambda: held_letters(centre) == 1)
    assert verdict("AK000001", "match_probabilistic")
    centre.village.switch.cut()
    assert verdict("ак 000002", "revoked")
    assert verdict("AK000003", "not_in_registry")
