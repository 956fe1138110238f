"""Tables of what is switched on step by step (`accounts.flags`)."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit import db


class FlagShare(db.Base):
    """For so many of a hundred accounts a flag is on. Flags are named by their words: the code may forget one."""

    __tablename__ = "flag_shares"

    flag: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int]


class FlagAccount(db.Base):
    """An account for which a flag is on in any case, with all below it."""

    __tablename__ = "flag_accounts"

    flag: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
