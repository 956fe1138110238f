"""Accounts of which somebody said that their stations belong together, wherever they stand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.audit import Audited


class AcceptedMixture(Audited, db.Base):
    """Nobody is warned that this account mixes properties, as long as its stations stand at these places (`keys`)."""

    __tablename__ = "accepted_mixtures"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    keys: Mapped[list[Any]]
    accepted_by: Mapped[str]
    accepted_at: Mapped[datetime]
