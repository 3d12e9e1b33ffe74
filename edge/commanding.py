"""Central's commands, carried out: a few typed acts, each once, each answered by a record."""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue

from edge import room
from edge.config import Config
from edge.jobs import Duty
from edge.rotation import LOOK_EVERY_S, Rotation
from edge.signing import Signing
from sync.listening import Listening
from sync.pump import Pump
from sync.store.errors import StoreFullError
from sync.store.inbox import Inbox, Letter
from sync.store.store import Store
from sync.wire import records
from sync.wire.errors import KindError
from sync.wire.kinds.answers import Act, CommandDone, CommandGiven

log = logging.getLogger(__name__)

Work = Callable[[Pump, int, int], None]

_DONE, _UNSUPPORTED, _FAILED = "done", "unsupported", "failed"


class Policy:
    """What central has set, in a file of the data folder; any thread may read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep_hours(self, usual: int) -> int:
        """How long confirmed records stay here."""
        with suppress(OSError, ValueError, AttributeError):
            told = json.loads(self._path.read_text("utf-8")).get("keep_hours")
            if type(told) is int and told > 0:
                return told
        return usual

    def set(self, keep_hours: int) -> None:
        """Raises OSError."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"keep_hours": keep_hours}), "utf-8")
        draft.replace(self._path)


class Commander:
    """Used on the pump's thread."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        policy: Policy,
        rotation: Rotation,
        diagnostics: Callable[[], str],
    ) -> None:
        """``diagnostics`` gives a few lines about this node, without personal data."""
        self._inbox, self._store, self._policy = inbox, store, policy
        self._rotation, self._diagnostics = rotation, diagnostics

    def step(self, pump: Pump, now_ms: int, wall_ms: int) -> None:
        """Carry out what waits. A crash in the middle repeats it: every act may be done twice."""
        for letter in self._inbox.waiting():
            if letter.entry.kind != CommandGiven.kind:
                continue  # a key, which stays
            act, result, detail = self._obey(letter, pump, now_ms, wall_ms)
            done = CommandDone(act, letter.place, result, detail)
            try:
                self._store.write(done, once=f"command {letter.place}".encode())
                self._inbox.carried_out(letter.n)
            except StoreFullError:
                return  # it is answered when there is room
            log.info("command %s: %s", act, result)

    def _obey(self, letter: Letter, pump: Pump, now_ms: int, wall_ms: int) -> tuple[str, str, str]:
        try:
            given = records.from_body(letter.entry.kind, letter.entry.body)
            assert isinstance(given, CommandGiven)
            act = Act(given.act)
        except (KindError, ValueError):
            name = str(letter.entry.body.get("act"))[:40]
            return name, _UNSUPPORTED, "This node does not know this command: update it."
        match act:
            case Act.REPORT_DIAGNOSTICS:
                return act, _DONE, self._diagnostics()
            case Act.RESEND:
                pump.send_again(now_ms, wall_ms)
                return act, _DONE, "All that is not confirmed is sent again."
            case Act.SET_POLICY:
                return act, *self._set_policy(given)
            case Act.ROTATE_KEY:
                return act, *self._rotate_key()

    def _set_policy(self, given: CommandGiven) -> tuple[str, str]:
        if given.keep_hours is None or given.keep_hours < 1:
            return _FAILED, "No number of hours was given."
        try:
            self._policy.set(given.keep_hours)
        except OSError as error:
            return _FAILED, f"The disk does not take it ({error.strerror})."
        return _DONE, f"Confirmed records stay {given.keep_hours} hours."

    def _rotate_key(self) -> tuple[str, str]:
        try:
            self._rotation.begin()
        except OSError as error:
            return _FAILED, f"The keys' folder does not take it ({error.strerror})."
        return _DONE, "A new key was made; it is used as soon as central holds its record."


def join(
    config: Config,
    store: Store,
    pump: Pump,
    letters: Inbox,
    inbox: "SimpleQueue[Work | None]",
    signing: Signing,
) -> Duty:
    """Let central's words into the inbox, and its commands be carried out on the pump's thread.

    The duty that is given ends what a command began: a new key waits for central.
    """

    def diagnostics() -> str:
        lanes = ", ".join(
            f"{lane.name.lower()} {depth.held}/{depth.written}"
            for lane, depth in store.depths().items()
        )
        free_mb = room.free_bytes(config) // 1024**2
        return f"nezlam {version('nezlam')}; held/written: {lanes}; free: {free_mb} MB"

    policy, rotation = Policy(config.data / "policy.json"), Rotation(signing, store)
    commander = Commander(letters, store, policy, rotation, diagnostics)
    listening = Listening(pump, store, letters)
    listening.on_commands = lambda: inbox.put(commander.step)
    inbox.put(commander.step)  # of an earlier start, as far as its key is here
    return Duty("key", rotation.look(inbox.put), LOOK_EVERY_S)
