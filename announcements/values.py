"""The vocabulary of announcements."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NewType
from uuid import UUID

AnnouncementId = NewType("AnnouncementId", UUID)
LONGEST_TEXT, LONGEST_LINK, MOST_ACCOUNTS = 600, 500, 500


class Severity(Enum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    DISRUPTION = "disruption"


class Audience(Enum):
    """Whom it is for: every account, those on a plan, or chosen ones with all below them."""

    ALL = "all"
    PLAN = "plan"
    ACCOUNTS = "accounts"


@dataclass(frozen=True)
class Draft:
    """An announcement as it is written. `texts` are plain words by language; `link` is one of ours or of the web."""

    texts: dict[str, str]
    begins_at: datetime
    ends_at: datetime
    severity: Severity = Severity.INFO
    audience: Audience = Audience.ALL
    plan: str = ""
    account_ids: list[UUID] = field(default_factory=list)
    link: str = ""
