"""How long this node's TLS certificate still serves. It opens MQTT alone; HTTPS needs none."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

SOON_MS = 30 * 24 * 3_600_000  # time enough to bring a stick to any node

ENDED, ENDS = "certificate_ended", "certificate_ends"


@dataclass(frozen=True, slots=True)
class Certificate:
    """``until_ms`` is Unix time."""

    until_ms: int

    def trouble_at(self, now_ms: int) -> str | None:
        """A code for the page; None: all is well."""
        if now_ms > self.until_ms:
            return ENDED
        return ENDS if now_ms > self.until_ms - SOON_MS else None

    @property
    def day(self) -> str:
        """The last day, ISO 8601, UTC."""
        return datetime.fromtimestamp(self.until_ms / 1000, UTC).date().isoformat()


def read(keys: Path) -> Certificate | None:
    """Read anew each time, for a technician may have brought another; None: unreadable."""
    try:
        found = x509.load_pem_x509_certificate((keys / "node.crt").read_bytes())
    except (OSError, ValueError):
        return None  # the MQTT road says so, as the trouble "files"
    return Certificate(int(found.not_valid_after_utc.timestamp() * 1000))


def sentence(certificate: Certificate, now_ms: int) -> str | None:
    """For a technician at a terminal; None: there is nothing to say."""
    trouble = certificate.trouble_at(now_ms)
    if trouble is None:
        return None
    if trouble == ENDED:
        said = f"The node's certificate ended on {certificate.day}: MQTT is closed to it"
    else:
        said = f"The node's certificate ends on {certificate.day}, and MQTT with it"
    return f"{said}, HTTPS is not. Take its node.crt to the authority: nezlam provision renew."
