"""Tables of the link with smart-me."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson
from kit.ids import new_id
from smart_me.values import LinkId, LinkState, Tokens


class SmartMeLink(db.WithId, Audited, db.Base):
    """An account and its namesake at smart-me. One of the two may still be missing: see `values.LinkState`.

    `subject` is what smart-me calls the person, `name` and `email` how they sign in there. `zev`: the operator bills
    the power of a ZEV there. `tokens` open the account at smart-me, until `tokens_expire_at`. `user_id` is whose login
    an undecided link is about.
    """

    __tablename__ = "smart_me_links"

    id: Mapped[LinkId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    subject: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    state: Mapped[LinkState] = mapped_column(db.words(LinkState))
    zev: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    tokens: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    tokens_expire_at: Mapped[datetime | None] = mapped_column(index=True)
    begun_at: Mapped[datetime]
    linked_at: Mapped[datetime | None]

    @property
    def linked(self) -> bool:
        """Whether the account is one of smart-me: also where we lost the way in."""
        return self.state in (LinkState.LINKED, LinkState.LOST)

    def keep(self, tokens: Tokens) -> None:
        """From now on these open the account."""
        self.tokens = {"access": tokens.access, "refresh": tokens.refresh}
        self.tokens_expire_at = tokens.expires_at
