"""Applications for a service of the state: a filled form, as it was filed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from sync.wire.lanes import Lane

SUBMISSION_BYTES_MAX = 60 * 1024  # as a record holds; its photos travel as media


@dataclass(frozen=True, slots=True)
class ApplicationFiled:
    """Somebody asked for something; its public id is the number they are given.

    Attachments are media files about this record, named as the submission names them.
    """

    kind: ClassVar[str] = "application.filed"
    lane: ClassVar[Lane] = Lane.PEOPLE
    retention_hours: ClassVar[int] = 30 * 24

    service: str  # the manifest's id
    form: bytes  # SHA-256 of the XForm that was filled
    instance: str  # OpenRosa's instanceID: the same again is the same application
    submission: bytes  # the instance as XML, or its sealed form where the form is encrypted
    filed_by: str  # the member of staff, or the device
    checks: tuple[str, ...] = ()  # public ids of the document checks that the service asks for
    household: str | None = None  # public id


@dataclass(frozen=True, slots=True)
class ApplicationFiledUrgently(ApplicationFiled):
    """Of a service whose manifest names the urgent lane."""

    kind: ClassVar[str] = "application.filed.urgent"
    lane: ClassVar[Lane] = Lane.URGENT


@dataclass(frozen=True, slots=True)
class ApplicationFiledAsWork(ApplicationFiled):
    """Of a service that can wait."""

    kind: ClassVar[str] = "application.filed.work"
    lane: ClassVar[Lane] = Lane.WORK


OF_LANE: Mapping[Lane, type[ApplicationFiled]] = MappingProxyType(
    {one.lane: one for one in (ApplicationFiled, ApplicationFiledUrgently, ApplicationFiledAsWork)}
)
