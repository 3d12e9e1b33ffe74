"""Who is on the local network: a relay makes itself known, and a field laptop looks for one (mDNS).

What is found is a place to try, and no more: a relay can't read what it carries, and only central's
signature confirms.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

import ifaddr
from zeroconf import (
    Error,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

log = logging.getLogger(__name__)

SERVICE = "_nezlam._tcp.local."
FOUND_MAX = 16
_ASK_MS = 3_000


class Lan(ServiceListener):
    """Start once, look now and then, stop once. ``found`` may be asked by any thread."""

    def __init__(self, node_id: str, places: Callable[[], list[str]] | None = None) -> None:
        """``places`` gives our own addresses of the moment; None: whatever the machine has."""
        self._node_id = node_id
        self._places = places or _addresses
        self._lock = threading.Lock()
        self._found: dict[str, str] = {}
        self._port: int | None = None
        self._finds = False
        self._zeroconf: Zeroconf | None = None
        self._spoken_from: list[str] = []

    def start(self, *, port: int | None, finds: bool) -> None:
        """Make our relay known at ``port``; None: there is none. Look for others if ``finds``.

        Without a network it does nothing: a relay can still be named in the settings.
        """
        self._port, self._finds = port, finds
        self.look()

    def look(self) -> None:
        """Begin anew if we stand in another network than before: a laptop travels."""
        places = self._places()
        if places == self._spoken_from:
            return
        self.stop()
        self._spoken_from = places
        if not places:
            return
        try:
            self._zeroconf = Zeroconf(places, ip_version=IPVersion.V4Only)
            if self._port is not None:
                info = self._info(self._port, places)
                self._zeroconf.register_service(info, allow_name_change=True)
            if self._finds:
                ServiceBrowser(self._zeroconf, SERVICE, self)
        except (OSError, Error) as error:
            log.warning("the local network cannot be searched: %s", error)

    def stop(self) -> None:
        if self._zeroconf is not None:
            with suppress(OSError, Error):
                self._zeroconf.close()
            self._zeroconf = None
        with self._lock:
            self._found.clear()

    @property
    def found(self) -> list[str]:
        """Addresses of relays, such as ``http://10.0.0.5:8300``."""
        with self._lock:
            return list(self._found.values())

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name, _ASK_MS)
        if info is None or info.port is None or (info.properties or {}).get(b"node") == self._own:
            return
        places = info.parsed_addresses(IPVersion.V4Only)
        with self._lock:
            if places and len(self._found) < FOUND_MAX:
                self._found[name] = f"http://{places[0]}:{info.port}"

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002
        with self._lock:
            self._found.pop(name, None)

    @property
    def _own(self) -> bytes:
        return self._node_id.encode()

    def _info(self, port: int, places: list[str]) -> ServiceInfo:
        return ServiceInfo(
            SERVICE,
            f"{self._node_id}.{SERVICE}",
            port=port,
            properties={"node": self._node_id},
            parsed_addresses=places,
            server=f"{self._node_id}.local.",
        )


def _addresses() -> list[str]:
    """Of IPv4, on every network but the machine's own."""
    found = [
        ip_address(place.ip)
        for adapter in ifaddr.get_adapters()
        for place in adapter.ips
        if isinstance(place.ip, str)
    ]
    return sorted(str(place) for place in found if not place.is_loopback)
