"""Bad weather breaks no promise, and breaking a rule breaks one."""

import json

import pytest
from click.testing import CliRunner

from sync.sim.commands import simulate
from sync.sim.machines import Keys, new_keys
from sync.sim.mutants.every import MUTANTS
from sync.sim.runner import ACTS, run_acts, run_seed
from sync.sim.script import Act, Do, draw
from sync.wire.lanes import Lane

SEEDS = 60
SEEDS_FOR_MUTANTS = 200  # each is caught much earlier; then the search ends


@pytest.fixture(scope="module")
def keys() -> Keys:
    return new_keys(3)


def test_no_promise_is_broken_in_bad_weather(keys: Keys) -> None:
    outcomes = [run_seed(seed, keys) for seed in range(SEEDS)]
    assert [outcome for outcome in outcomes if outcome.broken] == []
    assert sum(outcome.saved for outcome in outcomes) > 10 * SEEDS  # people were at work


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_broken_rule_is_caught(name: str, keys: Keys) -> None:
    with MUTANTS[name]():
        found = (
            outcome
            for seed in range(SEEDS_FOR_MUTANTS)
            if (outcome := run_acts(seed, draw(seed, 3, ACTS), keys)).broken
        )
        assert next(found, None) is not None, f"no seed catches {name}"


def test_a_broken_rule_stays_broken_only_while_it_is_asked_for(keys: Keys) -> None:
    for mutant in MUTANTS.values():
        with mutant():
            pass
    assert run_seed(1, keys).broken == ()


def test_the_same_seed_plays_the_same_day(keys: Keys) -> None:
    again = new_keys(3)  # weather does not depend on keys
    with MUTANTS["no-dedupe"]():
        assert run_acts(7, draw(7, 3, ACTS), keys) == run_acts(7, draw(7, 3, ACTS), again)


def test_a_restored_central_gets_back_what_its_backup_lacks(keys: Keys) -> None:
    write = Act(Do.WRITE, 0, Lane.PEOPLE)
    minute = Act(Do.WAIT, 0, 60_000)
    story = [write, minute, Act(Do.BACKUP), minute, Act(Do.PURGE, 0, 0), write, write, minute]
    outcome = run_acts(1, [*story, Act(Do.CENTRAL_RESTORE)], keys)
    assert (outcome.broken, outcome.saved) == ((), 3)
    with MUTANTS["hello-lists-nothing"]():
        assert run_acts(1, [*story, Act(Do.CENTRAL_RESTORE)], keys).broken


def test_a_failing_seed_shows_a_short_trace_and_how_to_see_it_again() -> None:
    arguments = ["--seeds", "4", "--mutant", "sent-counts-as-held"]
    result = CliRunner().invoke(simulate, [*arguments, "--json"])
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["violations"] >= 1
    assert len(told["failed"][0]["acts"]) < ACTS / 4
    replay = told["failed"][0]["replay"].split()[2:]
    again = CliRunner().invoke(simulate, [*replay, "--json"])
    assert json.loads(again.output)["failed"][0]["acts"] == told["failed"][0]["acts"]


def test_without_trouble_the_command_ends_well() -> None:
    result = CliRunner().invoke(simulate, ["--seeds", "2", "--nodes", "2", "--first", "5"])
    assert result.exit_code == 0
    assert "0 seeds in trouble" in result.output
