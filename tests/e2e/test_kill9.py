"""A household is posted at the moment of kill -9: what was answered is there, and arrives once."""

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from provisioning.demo.browser import PageError, StaffBrowser
from provisioning.demo.people import Sample
from tests.e2e.centre import WAIT_S, Centre

POSTERS = 3  # so that at any moment some household is on its way to the disk
ANSWERED_MAX = 6  # the node dies after one of so many answers

Answered = dict[str, str]  # note of each household that was answered "saved", and its page


class Poster:
    """A member of staff who registers one household after the other until the node is gone."""

    def __init__(self, browser: StaffBrowser, name: str, tell: threading.Semaphore) -> None:
        self.answered: Answered = {}
        self._browser = browser
        self._name = name
        self._tell = tell
        self._thread = threading.Thread(target=self._post)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> Answered:
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        return self.answered

    def _post(self) -> None:
        while True:
            note = f"{self._name} {len(self.answered)}"
            try:
                page = self._browser.register(_nobodys_double() | {"note": note})
            except (requests.RequestException, PageError):
                return
            self.answered[note] = page
            self._tell.release()


def _nobodys_double() -> dict[str, str]:
    """Too little is said for the node to ask whether it is another household again."""
    nothing = ("patronymic-0", "born_on-0", "tax_number-0", "document-0", "phone", "origin")
    drawn = "".join(chr(ord("а") + byte % 28) for byte in os.urandom(12))
    return Sample(3).fields() | dict.fromkeys(nothing, "") | {"surname-0": drawn, "origin": drawn}


@contextmanager
def posting(centre: Centre, name: str) -> Iterator[tuple[list[Poster], threading.Semaphore]]:
    answers = threading.Semaphore(0)
    posters = [
        Poster(centre.another_browser(), f"{name} {number}", answers) for number in range(POSTERS)
    ]
    for poster in posters:
        poster.start()
    yield posters, answers


def kill_while_posting(centre: Centre, name: str, after: int) -> Answered:
    """Kill the node once ``after`` posts were answered; give what had been answered by then."""
    with posting(centre, name) as (posters, answers):
        try:
            for _ in range(after):
                assert answers.acquire(timeout=WAIT_S)
        finally:
            centre.village.node.kill()
        answered: Answered = {}
        for poster in posters:
            answered |= poster.join()
    return answered


def play(centre: Centre, rounds: int) -> None:
    chance, answered = random.Random(rounds), Answered()
    for number in range(rounds):
        fresh = kill_while_posting(centre, f"round {number}", chance.randint(1, ANSWERED_MAX))
        centre.restart_node()
        assert {centre.staff.stage(page) for page in fresh.values()} <= {"saved", "sent", "held"}
        answered |= fresh
    centre.expect("everything is confirmed", centre.all_held)
    assert len(answered) >= rounds
    at_central = centre.notes_at_central()
    assert answered.keys() - at_central.keys() == set(), "answered, and not at central"
    assert [note for note, count in at_central.items() if count > 1] == [], "at central twice"
    written = centre.staff.status()["lanes"]["people"]["written"]
    assert written == at_central.total() == centre.households_at_central()
    assert {centre.staff.stage(page) for page in answered.values()} == {"held"}


def test_what_was_answered_before_kill_9_is_there_after_it_and_reaches_central_once(
    centre: Centre,
) -> None:
    play(centre, rounds=5)


@pytest.mark.long
def test_the_same_two_hundred_times_over(centre: Centre) -> None:
    play(centre, rounds=200)
