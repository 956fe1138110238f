"""Tables of what stations have set, how they are asked for it, and what they turned out not to be able to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.encryption import EncryptedJson
from kit.ids import new_id
from kit.masking import mask_text
from stations.told_settings import same_value
from stations.values import CommandId, ReadingProblem, ReadingState, SettingId, StationId, WishState

MOST_WRITES = 2


class StationSetting(db.WithId, db.Base):
    """One setting of a station: what it said of it, and what somebody wishes it to be.

    `key` is the name as the station writes it, `folded_key` blind to case. `value` is the text as it came; None where
    it told none, and for secrets. `unknown`: the station says that it has no such setting. `wish` holds the wished text
    (`{"value": ...}`), since that may open something; `wished_by` whoever wished it, `PLATFORM` for ourselves.
    `written_at` is when the wish was last sent, `writes` how often in vain.
    """

    __tablename__ = "station_settings"
    __table_args__ = (UniqueConstraint("station_id", "folded_key"),)

    id: Mapped[SettingId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    key: Mapped[str]
    folded_key: Mapped[str]
    value: Mapped[str | None]
    read_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    unknown: Mapped[bool] = mapped_column(default=False, server_default=false())
    read_at: Mapped[datetime | None]
    wish: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    wish_state: Mapped[WishState | None] = mapped_column(db.words(WishState))
    wished_by: Mapped[str | None]
    wished_at: Mapped[datetime | None]
    written_at: Mapped[datetime | None]
    writes: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def wished(self) -> str | None:
        """The value that it should have; None where nobody wishes any."""
        return None if self.wish is None else str(self.wish["value"])

    @property
    def as_wished(self) -> bool:
        """Whether what was read is what was wished, however it is written."""
        return self.wished is not None and self.value is not None and same_value(self.value, mask_text(self.wished))

    def wish_for(self, value: str, by: str, at: datetime) -> None:
        """From now on it should have this value."""
        self.wish, self.wished_by, self.wished_at = {"value": value}, by, at
        self.written_at, self.writes = None, 0
        self.wish_state = WishState.AS_WISHED if self.as_wished else WishState.OPEN

    def forget_wish(self) -> None:
        """It may be what it is."""
        self.wish = self.wished_by = self.wished_at = self.wish_state = self.written_at = None
        self.writes = 0

    def read(self, value: str | None, *, read_only: bool, at: datetime, boot_at: datetime | None) -> None:
        """The station told it: compare it with the wish."""
        self.value, self.read_only, self.unknown, self.read_at = value, read_only, False, at
        if self.wish is None or value is None:
            return
        restarted = self.written_at is None or (boot_at is not None and boot_at > self.written_at)
        if self.as_wished:
            self.wish_state = WishState.AS_WISHED
            self.writes = 0 if restarted else self.writes  # what is undone by each restart is not set for ever
        elif self.wish_state is WishState.TAKEN or (self.wish_state is WishState.NEEDS_RESTART and restarted):
            self.wish_state = WishState.NOT_KEPT
        elif self.wish_state is WishState.AS_WISHED:
            self.wish_state = WishState.OPEN

    def due(self, boot_at: datetime | None) -> bool:
        """Whether the wish is to be sent now: it is not fulfilled, and it was not sent since the station started."""
        return (
            self.wish_state in (WishState.OPEN, WishState.NOT_KEPT, WishState.UNANSWERED)
            and not self.read_only
            and self.writes < MOST_WRITES
            and (self.written_at is None or (boot_at is not None and self.written_at < boot_at))
        )


class SettingsReading(db.WithId, db.Base):
    """How a station is asked for its settings: the last time, or just now. One per station.

    It is asked for all at once (`whole`); where it does not answer that (`answers_whole` is False), for those in
    `keys_left`, `keys_at_once` at a time: both are remembered until its firmware changes. `keys_wanted` is how many
    there were in all. `fruitless` counts answers in a row that told nothing, `losses` connections that went with the
    question. `raw` is an answer that was not in order, as it came.
    """

    __tablename__ = "settings_readings"

    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), unique=True)
    state: Mapped[ReadingState] = mapped_column(db.words(ReadingState))
    problem: Mapped[ReadingProblem | None] = mapped_column(db.words(ReadingProblem))
    raw: Mapped[str | None]
    requested_by: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    firmware: Mapped[str]
    command_id: Mapped[CommandId | None]
    whole: Mapped[bool]
    answers_whole: Mapped[bool] = mapped_column(default=True)
    keys_left: Mapped[list[Any]]
    keys_wanted: Mapped[int] = mapped_column(default=0)
    keys_at_once: Mapped[int]
    fruitless: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)


class StationAbility(db.WithId, db.Base):
    """What a station turned out to be able to or not, whatever its list of features says.

    `name` is a message, or a message and what it asks for (`TriggerMessage MeterValues`). It counts for `firmware`.
    """

    __tablename__ = "station_abilities"
    __table_args__ = (UniqueConstraint("station_id", "name"),)

    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    name: Mapped[str]
    able: Mapped[bool]
    firmware: Mapped[str]
    found_at: Mapped[datetime]
