"""How much room the node's disk has left."""

import os

from edge.config import Config


def free_bytes(config: Config) -> int:
    disk = os.statvfs(config.data)
    return disk.f_bavail * disk.f_frsize


def left(config: Config) -> int:
    """Bytes above the low-water mark, below which nothing more is accepted; negative: below it."""
    return free_bytes(config) - config.free_mb_min * 1024**2
