"""The vocabulary of partners."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType
from uuid import UUID

PartnerId = NewType("PartnerId", UUID)
ProposalId = NewType("ProposalId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
ReportId = NewType("ReportId", UUID)


class TrainingState(Enum):
    """Whether the platform trained a partner, and that still counts."""

    WAITING = "waiting"
    TRAINED = "trained"
    LAPSED = "lapsed"


class Region(Enum):
    """Where a partner works: a canton, or a country around Switzerland, by ISO 3166."""

    CH_AG = "CH-AG"
    CH_AI = "CH-AI"
    CH_AR = "CH-AR"
    CH_BE = "CH-BE"
    CH_BL = "CH-BL"
    CH_BS = "CH-BS"
    CH_FR = "CH-FR"
    CH_GE = "CH-GE"
    CH_GL = "CH-GL"
    CH_GR = "CH-GR"
    CH_JU = "CH-JU"
    CH_LU = "CH-LU"
    CH_NE = "CH-NE"
    CH_NW = "CH-NW"
    CH_OW = "CH-OW"
    CH_SG = "CH-SG"
    CH_SH = "CH-SH"
    CH_SO = "CH-SO"
    CH_SZ = "CH-SZ"
    CH_TG = "CH-TG"
    CH_TI = "CH-TI"
    CH_UR = "CH-UR"
    CH_VD = "CH-VD"
    CH_VS = "CH-VS"
    CH_ZG = "CH-ZG"
    CH_ZH = "CH-ZH"
    AT = "AT"
    DE = "DE"
    FR = "FR"
    IT = "IT"
    LI = "LI"

    @property
    def short(self) -> str:
        """What stands on number plates."""
        return self.value.removeprefix("CH-")


class AssignmentState(Enum):
    """How far the access of a partner to some stations is."""

    INVITED = "invited"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class Check(Enum):
    """What has to be seen before a station counts as put into service."""

    ADDRESS = "address"
    CONTACT = "contact"
    BOOT = "boot"
    STATUS = "status"
    TEST_CHARGE = "test_charge"
    METER = "meter"


class CheckState(Enum):
    """How a check stands: nothing heard yet, as it should be, or not."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Profile:
    """What a partner says of itself, for everybody to read."""

    name: str
    email: str
    description: str = ""
    phone: str = ""
    website: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    regions: frozenset[Region] = frozenset()
    languages: frozenset[str] = frozenset()
