"""Central's life: its parts started in order, one stop event, and stopped in order."""

import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.server import create_server

from central import assembly, backup, claim, clock, ports
from central.assembly import Core, Parts
from central.broker import Broker
from central.config import Config
from central.errors import BackupError, CentralError, DictionaryFileError, LogError
from central.store import originals

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # at the fleet list, and at what a backup lacks
STOP_TIMEOUT_S = 2.0


def run(config: Config, say: Callable[[str], None], stop: threading.Event) -> None:
    """Run until ``stop`` is set. ``say`` tells the person at the terminal what they must know.

    Raises:
        CentralError: it cannot start, or its database cannot be trusted any more.
    """
    os.umask(0o077)
    with claim.held(config.data):
        _ready_file(config).unlink(missing_ok=True)  # of a central that was killed
        _run_claimed(config, say, stop)


def _run_claimed(config: Config, say: Callable[[str], None], stop: threading.Event) -> None:
    core = assembly.open_core(config)
    broker = assembly.broker(core)
    try:
        if broker is not None:
            broker.start()
        parts = assembly.join(core, broker.port if broker else config.broker.port)
        _serve(core, broker, parts, say, stop)
    finally:
        if broker is not None:
            broker.stop()
        core.database.close()


def _serve(
    core: Core,
    broker: Broker | None,
    parts: Parts,
    say: Callable[[str], None],
    stop: threading.Event,
) -> None:
    ops = OpsServer(parts.app, core.config.ops.host, core.config.ops.port)
    ready = _ready_file(core.config)
    parts.ingest.start()
    parts.counter.start()
    parts.mailbox.start()
    parts.trunk.start()
    if parts.doorway is not None:
        parts.doorway.start()
    ops.start()
    try:
        port = broker.port if broker else core.config.broker.port
        https_port = parts.doorway and parts.doorway.port
        facts = {"ops": ops.address, "broker_port": port, "https_port": https_port}
        _tell(ready, facts | {"pid": os.getpid()})
        log.info("central is ready at %s, broker at port %d", ops.address, port)
        say(f"Operations: {ops.address}")
        while not stop.wait(LOOK_EVERY_S):
            if parts.ingest.broken.is_set():
                raise CentralError(parts.ingest.trouble or "Nothing is stored any more.")
            _look(core, broker, parts)
    finally:
        ready.unlink(missing_ok=True)
        ops.stop()
        if parts.doorway is not None:
            parts.doorway.stop()
        parts.trunk.stop()
        parts.counter.stop()
        parts.mailbox.stop()
        parts.ingest.stop()


def _look(core: Core, broker: Broker | None, parts: Parts) -> None:
    if core.fleet.refresh() and broker is not None:
        broker.reload(assembly.members(core.fleet))
    _verify_one(core)
    _save_keys(core)
    for keeper in parts.keepers:
        keeper.look()
    if parts.backup is None:
        return
    try:
        books = parts.backup.run_once()
    except (BackupError, DictionaryFileError, LogError) as error:
        log.error("the backup waits: %s", error)  # noqa: TRY400  a sentence, not a trace
        return
    for ack in backup.acks_of(books, clock.wall_ms()):
        parts.send(ack.node_id, core.intake.seal_ack(ack))


def _verify_one(core: Core) -> None:
    """Look at one file that came whole; the next is looked at the next time."""
    try:
        originals.verify_next(core.database)
    except LogError as error:
        log.error("a file waits to be verified: %s", error)  # noqa: TRY400  a sentence


def _save_keys(core: Core) -> None:
    """Until then an old key would be believed again after a restart."""
    try:
        core.believed.save()
    except LogError as error:
        log.error("new keys of nodes wait: %s", error)  # noqa: TRY400  a sentence


class OpsServer:
    """The operations page on its own thread. Start once, stop once."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        """Take the port. Raises BrokerError, which names it."""
        port = ports.claim(host, port)
        # Beyond its overflow an answer would lie on the disk in the clear.
        self._server: Any = create_server(
            app, host=host, port=port, threads=4, ident=None, outbuf_high_watermark=512 * 1024
        )
        self.address = f"http://{host}:{port}/"
        self._thread = threading.Thread(target=self._server.run, name="ops", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=STOP_TIMEOUT_S)
        self._thread.join(STOP_TIMEOUT_S)


def _ready_file(config: Config) -> Path:
    return config.data / "ready.json"


def _tell(path: Path, facts: dict[str, object]) -> None:
    """Whole or not at all: whoever waits for this file reads no half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(facts), "utf-8")
    draft.replace(path)
