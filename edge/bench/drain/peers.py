"""Both ends of the ways that a drain is compared with, each a process: a POST a record, and MQTT.

Each says "ready" on its output when it is; who sends then waits for a line on its input.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import requests
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge import clock

TOPIC = "records"
LOOK_EVERY_S = 0.05
POST_TIMEOUT_S = 300  # a link may be away for a minute, and TCP comes back to it late


@click.group()
def peers() -> None:
    """Play one end."""


@peers.command()
@click.argument("address")
@click.argument("port", type=int)
def collect(address: str, port: int) -> None:
    """Take submissions, and answer each as an OpenRosa server does (201)."""
    server = ThreadingHTTPServer((address, port), _Collector)
    click.echo("ready")
    server.serve_forever()


class _Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection stays open

    def do_POST(self) -> None:
        """Read it all, keep nothing."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@peers.command()
@click.argument("url")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("limit_ms", type=int)
def post(url: str, file: Path, limit_ms: int) -> None:
    """POST a form with one record at a time over one connection, as ODK Collect does."""
    lines = file.read_bytes().splitlines()
    began_ms = _begin()
    done = 0
    with requests.Session() as session:
        for line in lines:
            part = {"xml_submission_file": ("submission.xml", line, "text/xml")}
            session.post(url, files=part, timeout=POST_TIMEOUT_S).raise_for_status()
            done += 1
            if clock.monotonic_ms() - began_ms > limit_ms:
                break
    _tell(done, began_ms)


@peers.command()
@click.argument("port", type=int)
@click.argument("file", type=click.Path(path_type=Path))
def publish(port: int, file: Path) -> None:
    """Hand all records to the broker beside us, which bridges them on."""
    lines = file.read_bytes().splitlines()
    client = _client()
    client.max_inflight_messages_set(1_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    began_ms = _begin()
    for handed in [client.publish(TOPIC, line, qos=1) for line in lines]:
        handed.wait_for_publish()
    _tell(len(lines), began_ms)
    client.disconnect()


@peers.command()
@click.argument("address")
@click.argument("port", type=int)
@click.argument("count", type=int)
@click.argument("limit_ms", type=int)
def hear(address: str, port: int, count: int, limit_ms: int) -> None:
    """Count what arrives until it is all there, or the time is up; from the line on."""
    arrived: set[bytes] = set()
    last_ms = [0]
    enough, subscribed = threading.Event(), threading.Event()

    def take(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        arrived.add(bytes(message.payload))
        last_ms[0] = clock.monotonic_ms()
        if len(arrived) >= count:
            enough.set()

    client = _client()
    client.on_message = take
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(address, port)
    client.subscribe(TOPIC, qos=1)
    client.loop_start()
    subscribed.wait()
    began_ms = _begin()
    enough.wait(limit_ms / 1000)
    client.disconnect()
    _tell(len(arrived), began_ms, last_ms[0])


def _client() -> paho.Client:
    return paho.Client(CallbackAPIVersion.VERSION2)


def _begin() -> int:
    click.echo("ready")
    sys.stdin.readline()
    return clock.monotonic_ms()


def _tell(records: int, began_ms: int, ended_ms: int | None = None) -> None:
    ended_ms = ended_ms or clock.monotonic_ms()
    click.echo(json.dumps({"records": records, "ms": ended_ms - began_ms}))


if __name__ == "__main__":
    peers()
