"""The lanes of the wire, in the strict order in which they are served."""

from enum import IntEnum


class Lane(IntEnum):
    """Lower is served first. Each durable lane counts its own sequence within an epoch."""

    URGENT = 0  # explosive hazards, safety alerts, duress
    PEOPLE = 1  # households, applications, certificates, edits
    WORK = 2  # reports, document checks, audit
    MEDIA = 3  # photos and video, as content-addressed chunks
    HEALTH = 4  # telemetry: only the latest matters, nothing is kept or acked


DURABLE = (Lane.URGENT, Lane.PEOPLE, Lane.WORK, Lane.MEDIA)
