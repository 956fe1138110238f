"""What partners announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class PartnerTrained(Event):
    """The platform confirmed the training of a partner; it is listed from now on."""

    partner_id: UUID


@dataclass(frozen=True)
class InstallerProposed(Event):
    """An operator would like a company to become a partner; it is asked by mail."""

    proposal_id: UUID


@dataclass(frozen=True)
class ReportSigned(Event):
    """A partner signed what it put into service; the operator is told."""

    report_id: UUID
