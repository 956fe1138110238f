"""Mass changes that were asked for: how far they are, and what became of each connector."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from accounts.access import Actor, allowed, system, visible, within
from accounts.models import Account
from accounts.queries import names_of
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.states import shown, stored_as
from mass_changes.values import MassChangeId, RowState, Wish
from stations.models import Connector, Station


@dataclass(frozen=True)
class MassChangeRun:
    """A change, who asked for it (None: a program) where, and how many connectors stand where."""

    change: MassChange
    account_name: str
    time_zone: str
    asked_by: str | None
    counts: Mapping[RowState, int]

    @property
    def wish(self) -> Wish:
        """What was wished."""
        return Wish.from_plain(self.change.subject, self.change.wish)

    @property
    def connectors(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """How many are still to come, there or back."""
        return self.counts.get(RowState.WAITING, 0) + self.counts.get(RowState.UNDOING, 0)

    @property
    def done(self) -> int:
        """How many were changed and could be changed back."""
        return self.counts.get(RowState.DONE, 0)


@dataclass(frozen=True)
class ChangedConnector:
    """One connector of a change, and where it stands."""

    row: MassChangeRow
    state: RowState
    account_name: str
    station_name: str
    number: int
    name: str


@query
def mass_changes(
    actor: Actor, account_id: AccountId, *, before: MassChangeId | None = None, limit: int = 25
) -> list[MassChangeRun]:
    """The newest changes of an account and those below it that the actor sees. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_ACCOUNT, Account, account_id)
    wanted = select(MassChange, Account).join(Account, Account.id == MassChange.account_id)
    wanted = visible(actor, Right.VIEW_STATIONS, wanted, MassChange).where(within(MassChange, account_id))
    if before is not None:
        wanted = wanted.where(MassChange.id < before)
    rows = db.session().execute(wanted.order_by(MassChange.id.desc()).limit(limit)).all()
    return _runs(actor, [(change, account) for change, account in rows])


@query
def mass_change(actor: Actor, mass_change_id: MassChangeId) -> MassChangeRun:
    """One change; its rows are asked for by `mass_change_rows`. Raises NotFound, Forbidden."""
    found = allowed(actor, Right.VIEW_STATIONS, MassChange, mass_change_id)
    [run] = _runs(actor, [(found, db.session().get_one(Account, found.account_id))])
    return run


@query
def mass_change_rows(
    actor: Actor,
    mass_change_id: MassChangeId,
    states: Collection[RowState] = (),
    *,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ChangedConnector]:
    """What became of connectors; those that follow `after`, the id of one. Only of properties that the actor sees."""
    change = allowed(actor, Right.VIEW_STATIONS, MassChange, mass_change_id)
    wanted = (
        select(MassChangeRow, Account.name, Station.name, Connector.number, Connector.name)
        .join(Connector, Connector.id == MassChangeRow.connector_id)
        .join(Station, Station.id == MassChangeRow.station_id)
        .join(Account, Account.id == MassChangeRow.account_id)
        .where(MassChangeRow.mass_change_id == mass_change_id)
    )
    wanted = visible(actor, Right.VIEW_STATIONS, wanted, MassChangeRow)
    if states:
        wanted = wanted.where(MassChangeRow.state.in_(stored_as(change, states)))
    if after is not None:
        wanted = wanted.where(MassChangeRow.connector_id > after)
    rows = db.session().execute(wanted.order_by(MassChangeRow.connector_id).limit(limit))
    return [ChangedConnector(row[0], shown(change, row[0].state), *row[1:]) for row in rows]


@query
def mass_changes_at_work(actor: Actor) -> list[MassChangeId]:
    """Those with connectors that wait, be it for their row only."""
    system(actor)
    busy = or_(MassChange.at_work.is_(True), MassChange.unplaced > 0)
    waiting = select(MassChange.id).where(busy).order_by(MassChange.id)
    return [MassChangeId(one) for one in db.session().scalars(waiting)]


def _runs(actor: Actor, found: Sequence[tuple[MassChange, Account]]) -> list[MassChangeRun]:
    """With their counts and names: two statements for all. Counts are those of the whole change."""
    ids = [change.id for change, _ in found]
    counted = select(MassChangeRow.mass_change_id, MassChangeRow.state, func.count()).where(
        MassChangeRow.mass_change_id.in_(ids)
    )
    by_id = {change.id: change for change, _ in found}
    counts: dict[UUID, Counter[RowState]] = {
        one.id: Counter({shown(one, RowState.WAITING): one.unplaced} if one.unplaced else {}) for one in by_id.values()
    }
    for change_id, state, count in db.session().execute(
        counted.group_by(MassChangeRow.mass_change_id, MassChangeRow.state)
    ):
        counts[change_id][shown(by_id[change_id], state)] += count
    names = names_of(actor, {change.requested_by for change, _ in found})
    return [
        MassChangeRun(change, account.name, account.time_zone, names.get(change.requested_by), counts[change.id])
        for change, account in found
    ]
