"""Whose signature central believes: the fleet list's key of each node, and those that followed it.

A node names its next key by a record. From then on both are believed, until something signed by
the new one comes: then the old one is not any more. A node that is entered anew in the fleet list
has a key there that no record follows, so that one counts alone.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central.errors import LogError
from central.fleet import Fleet
from central.store import node_keys
from central.store.database import Database
from central.store.node_keys import Step
from sync.wire.sign import VerifyingKey, signer

log = logging.getLogger(__name__)


class Believed:
    """Any thread may ask; what a courier's run beside us learnt is found when it is needed."""

    def __init__(self, fleet: Fleet, database: Database, wall_ms: Callable[[], int]) -> None:
        """Raises LogError."""
        self._fleet, self._database, self._wall_ms = fleet, database, wall_ms
        self._changing = threading.Lock()
        self._unsaved: list[tuple[str, Step]] = []
        with database.reading() as connection:
            self._steps = dict(node_keys.steps(connection))

    def key_of(self, node_id: str) -> VerifyingKey | None:
        """None: not a node of the fleet."""
        listed = self._fleet.key_of(node_id)
        return None if listed is None else _Keys(self, node_id, listed)

    def verify(self, node_id: str, listed: Ed25519PublicKey, signature: bytes, data: bytes) -> None:
        """Raises InvalidSignature: nobody whom we believe signed."""
        for look in (self._known, self._looked_up):
            keys = believed(listed.public_bytes_raw(), look(node_id))
            found = signer(
                [Ed25519PublicKey.from_public_bytes(key) for key in keys], signature, data
            )
            if found is not None:
                self._hear(node_id, keys[0], found.public_bytes_raw())
                return
        raise InvalidSignature

    def save(self) -> None:
        """Note in the database which keys were heard. Raises LogError; then the next time."""
        if not self._unsaved:
            return
        with self._changing:
            waiting = list(self._unsaved)
        with self._database.writing() as connection:
            for node_id, step in waiting:
                node_keys.hear(connection, node_id, step, self._wall_ms())
        with self._changing:
            del self._unsaved[: len(waiting)]

    def _known(self, node_id: str) -> list[Step]:
        return self._steps.get(node_id, [])

    def _looked_up(self, node_id: str) -> list[Step]:
        try:
            with self._database.reading() as connection:
                fresh = node_keys.steps(connection, node_id).get(node_id, [])
        except LogError as error:
            log.error("new keys of nodes wait: %s", error)  # noqa: TRY400  a sentence
            return []
        with self._changing:
            heard = {(one.old, one.new) for one in self._known(node_id) if one.is_heard}
            found = [
                replace(one, is_heard=one.is_heard or (one.old, one.new) in heard) for one in fresh
            ]
            self._steps[node_id] = found
        return found

    def _hear(self, node_id: str, present: bytes, key: bytes) -> None:
        """The key is one of those believed: if it is not the present one, it is from now on."""
        if key == present:
            return
        with self._changing:
            steps = self._known(node_id)
            step = next(one for one in steps if (one.old, one.new) == (present, key))
            if not step.is_heard:
                heard = replace(step, is_heard=True)
                self._steps[node_id] = [heard if one == step else one for one in steps]
                self._unsaved.append((node_id, heard))
                log.info("%s signs with a new key now", node_id)


class _Keys:
    """The keys of one node, as a message is judged by them."""

    def __init__(self, believed: Believed, node_id: str, listed: Ed25519PublicKey) -> None:
        self._believed, self._node_id, self._listed = believed, node_id, listed

    def verify(self, signature: bytes, data: bytes, /) -> None:
        """Raises InvalidSignature."""
        self._believed.verify(self._node_id, self._listed, signature, data)


def believed(listed: bytes, steps: Sequence[Step]) -> list[bytes]:
    """The present key, and those that may follow it: the first of these that is heard does."""
    present, passed = listed, {listed}
    while heard := [
        one.new for one in steps if one.old == present and one.is_heard and one.new not in passed
    ]:
        present = heard[0]
        passed.add(present)
    return [present, *(one.new for one in steps if one.old == present and one.new not in passed)]
