"""The host's reading: disk, memory, processor, temperature and uptime, from psutil and /proc."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import psutil

from hardware.errors import DeviceUnintelligibleError, DeviceUnreachableError
from hardware.readings import HostReading

T = TypeVar("T")

SOURCE = "psutil"
UPTIME = Path("/proc/uptime")
_PROCESSOR_SENSORS = ("coretemp", "k10temp", "cpu_thermal", "soc_thermal", "zenpower")
# A sensor with nothing behind it says 0, -273 or 127; no machine that runs is outside these.
_COLDEST_C, _HOTTEST_C = -40.0, 125.0


class Sensor(Protocol):
    """One line of psutil's temperatures."""

    @property
    def current(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of all cores together since the machine started."""

    busy_s: float
    total_s: float


class Host:
    """Asks the machine. Remembers the processor's times, to tell the share between readings."""

    def __init__(self, disk: Path) -> None:
        """``disk``: any path on the disk that matters."""
        self._disk = disk
        self._before: CpuTimes | None = None

    def read(self) -> HostReading:
        """Take one reading; a part that the machine does not tell is None.

        Raises:
            DeviceUnreachableError: not even the disk could be asked.
        """
        try:
            disk = psutil.disk_usage(str(self._disk))
        except OSError as error:
            raise DeviceUnreachableError(f"the data disk: {error.strerror}") from error
        memory = _told(psutil.virtual_memory)
        before, self._before = self._before, _told(_cpu_times)
        return HostReading(
            source=SOURCE,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            memory_used_bytes=memory and memory.total - memory.available,
            memory_total_bytes=memory and memory.total,
            cpu_percent=busy_percent(before, self._before),
            temperature_c=hottest_c(_told(psutil.sensors_temperatures) or {}),
            up_s=_told(_up_s),
        )


def busy_percent(before: CpuTimes | None, after: CpuTimes | None) -> int | None:
    """None without two readings, or when the counters stood still or went back."""
    if before is None or after is None or after.total_s <= before.total_s:
        return None
    share = (after.busy_s - before.busy_s) / (after.total_s - before.total_s)
    return round(100 * min(max(share, 0.0), 1.0))


def hottest_c(sensors: Mapping[str, Iterable[Sensor]]) -> int | None:
    """The processor's hottest sensor; where none is known to be its own, the hottest of all."""
    own = [sensor for chip in _PROCESSOR_SENSORS for sensor in sensors.get(chip, ())]
    everything = [sensor for chip in sensors.values() for sensor in chip]
    for group in (own, everything):
        told = [s.current for s in group if s.current is not None and _is_plausible(s.current)]
        if told:
            return round(max(told))
    return None


def parse_uptime(text: str) -> int:
    """Whole seconds from proc_uptime(5). Raises DeviceUnintelligibleError."""
    whole = text.partition(".")[0]
    if not (whole.isascii() and whole.isdigit()):
        raise DeviceUnintelligibleError("no uptime")
    return int(whole)


def _is_plausible(celsius: float) -> bool:
    return celsius != 0 and _COLDEST_C <= celsius <= _HOTTEST_C


def _cpu_times() -> CpuTimes:
    times = psutil.cpu_times()
    # The kernel counts a guest's time in user and nice as well.
    total = sum(times) - times.guest - times.guest_nice
    return CpuTimes(total - times.idle - times.iowait, total)


def _up_s() -> int:
    # Not psutil's boot_time: that is wall time, and the wall clock may jump by years.
    return parse_uptime(UPTIME.read_text(encoding="ascii"))


def _told(ask: Callable[[], T]) -> T | None:
    """None where this machine has no such thing, or a sandbox hides it."""
    try:
        return ask()
    except (OSError, AttributeError, psutil.Error, DeviceUnintelligibleError):
        return None
