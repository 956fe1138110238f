"""Tables of mass changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from mass_changes.values import RowState, Subject


class MassChange(db.WithId, db.Base):
    """One wish for many connectors. `at_work`: rows of it wait, to be changed or changed back. `undone_by` asked for
    everything to be as it was before.

    `unplaced`: about so many connectors still get their row. `closed`: accounts that the login of whoever asked was not
    let into; they get none.
    """

    __tablename__ = "mass_changes"
    __table_args__ = (UniqueConstraint("requested_by", "request_key"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    subject: Mapped[Subject] = mapped_column(db.words(Subject))
    wish: Mapped[dict[str, Any]]
    scope: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
    request_key: Mapped[str | None]
    requested_at: Mapped[datetime]
    at_work: Mapped[bool] = mapped_column(index=True)
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    unplaced: Mapped[int] = mapped_column(default=0, server_default="0")
    closed: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class MassChangeRow(db.Base):
    """What became of it at one connector: what was there before, what came of it, or why it did not. `field` is what
    `problem` is about, where that is one field. People see the state that `mass_changes.states` makes of `state`.
    """

    __tablename__ = "mass_change_rows"
    __table_args__ = (Index("ix_mass_change_rows_state", "mass_change_id", "state", "connector_id"),)

    mass_change_id: Mapped[UUID] = mapped_column(ForeignKey("mass_changes.id"), primary_key=True)
    connector_id: Mapped[UUID] = mapped_column(ForeignKey("connectors.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    state: Mapped[RowState] = mapped_column(db.words(RowState))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None]
    field: Mapped[str | None]
    done_at: Mapped[datetime | None]
