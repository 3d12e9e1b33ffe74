"""Mosquitto (2.0 or later) with the same rules: by its own service, or as central's child."""

import pwd
from os import geteuid
from pathlib import Path

from central.broker import BrokerSettings, Members, Recipe
from central.errors import BrokerError
from sync.wire import topics
from sync.wire.limits import MESSAGE_BYTES_MAX

_PACKET_BYTES_MAX = MESSAGE_BYTES_MAX + 64 * 1024
_QUEUE_BYTES_MAX = 64 * 1024 * 1024  # per reader that cannot keep up; then messages are dropped


def write(settings: BrokerSettings, port: int, members: Members) -> dict[str, str]:
    """``mosquitto.conf``, and the allowlist, which alone changes at a reload.

    Raises:
        BrokerError: a path that the configuration has no way to hold.
    """
    files = settings.files
    config = f"""\
# Written by nezlam at each start; changes made here are lost.
user {pwd.getpwuid(geteuid()).pw_name}
per_listener_settings false
listener {port} {settings.host}
max_connections {settings.connections_max}
cafile {_plain(files.authority)}
certfile {_plain(files.certificate)}
keyfile {_plain(files.key)}
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {_plain(settings.folder / "members.acl")}
# Nothing is kept: the ends hold all that lasts, and after a kill it forgot all the same.
persistence false
retain_available false
max_packet_size {_PACKET_BYTES_MAX}
max_queued_bytes {_QUEUE_BYTES_MAX}
set_tcp_nodelay true
connection_messages false
log_dest stderr
log_type error
log_type warning
"""
    return {"mosquitto.conf": config, "members.acl": _members(members)}


MOSQUITTO = Recipe(
    program="mosquitto",
    advice="run apt install mosquitto",
    arguments=("-c", "mosquitto.conf"),
    write=write,
)


def _members(members: Members) -> str:
    """A block for each member rather than one pattern for all: whoever has none may do nothing."""
    blocks = [
        f"user {worker}.c.nezlam\n"
        f"topic read {topics.UP_ALL}\n"
        f"topic read {topics.STATE_ALL}\n"
        f"topic write {topics.down('+')}\n"
        for worker in sorted(members.workers)
    ]
    blocks += [
        f"user {node_id}\n"
        f"topic write {topics.up(node_id)}\n"
        f"topic write {topics.state(node_id)}\n"
        f"topic read {topics.down(node_id)}\n"
        for node_id in sorted(members.nodes)
    ]
    return "\n".join(blocks)


def _plain(path: Path) -> str:
    text = str(path.resolve())
    if "\n" in text:
        raise BrokerError("Mosquitto cannot read a path with a line break in it: choose another.")
    return text
