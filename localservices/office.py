"""What the web application is made from; ``edge.assembly`` fills it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint

from localservices.facts import HostFacts, LinkFacts, Progress
from sync.store.accounts import Accounts
from sync.store.inbox import Inbox
from sync.store.store import Store
from sync.store.working import Working
from sync.wire.edocument import Mandate


@dataclass(frozen=True, slots=True)
class Office:
    """One per process. Everything in it may be called from any thread."""

    accounts: Accounts
    store: Store
    inbox: Inbox  # central's words
    working: Working
    now_ms: Callable[[], int]  # wall clock, Unix milliseconds; may jump
    monotonic_ms: Callable[[], int]  # measures idleness and back-off; never jumps
    new_id: Callable[[], bytes]  # 16 unguessable bytes
    node_name: str
    session_key: bytes = field(repr=False)  # drawn at start, so sessions end with the process
    setup_code: str = field(repr=False)  # the first-run page asks for it
    link: Callable[[], LinkFacts]
    progress: Callable[[], Progress]
    host: Callable[[], HostFacts | None]  # None: not read yet
    mandate: Mandate | None = field(default=None, repr=False)  # None: issues no documents
    pages: Sequence[Blueprint] = ()  # slices that are handed in ready-made
    board: Path | None = None  # where public words of central are kept; None: in memory
    time_zone: str = "Europe/Kyiv"  # for the times that people read
