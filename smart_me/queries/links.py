"""How an account stands with smart-me, and what adding a station would mean."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from accounts.access import Actor, ActorKind, allowed, allowed_in, oneself, system
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId, UserId
from billing.payees import payee_above, payee_of
from kit import db
from kit.errors import NotFound
from kit.use_case import query
from smart_me import rules
from smart_me.models import SmartMeLink
from smart_me.values import Forecast, LinkId, LinkState
from stations.kinds import StationKind
from stations.models import Connector, Station


@dataclass(frozen=True)
class LinkPage:
    """An account and smart-me. `link` is None where they have nothing to do with each other. `ocpp`: the stations that
    would leave; `licences`: what smart-me asks for them now. `pays_itself`: the payout is set up at this account and
    has to be set up again at a separate one.
    """

    account: Account
    link: SmartMeLink | None
    ocpp: tuple[Station, ...]
    picos: int
    licences: int
    must_separate: bool
    pays_itself: bool


@query
def link_page(actor: Actor, account_id: AccountId) -> LinkPage:
    """How the account stands with smart-me. Raises NotFound, Forbidden."""
    account = allowed(actor, Right.VIEW_STATIONS, Account, account_id)
    found = link_of(account_id)
    linked = found is not None and found.linked
    stations = db.session().scalars(select(Station).where(Station.account_id == account_id).order_by(Station.name))
    rows = stations.all()
    ocpp = tuple(row for row in rows if row.kind is StationKind.OCPP)
    return LinkPage(
        account=account,
        link=found,
        ocpp=ocpp,
        picos=len(rows) - len(ocpp),
        licences=rules.licences(ocpp_connectors(account_id), linked=linked),
        must_separate=rules.must_separate(len(ocpp), linked=linked, zev=found is not None and found.zev),
        pays_itself=bool(account.parent_id and payee_of(account_id) and not payee_above(account_id)),
    )


@query
def station_forecast(actor: Actor, account_id: AccountId, *, kind: StationKind, connectors: int) -> Forecast:
    """What it would mean at smart-me to add such a station; nothing is added. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    found = link_of(account_id)
    return rules.forecast(
        kind,
        connectors,
        linked=found is not None and found.linked,
        zev=found is not None and found.zev,
        ocpp_connectors=ocpp_connectors(account_id),
    )


@query
def undecided_links(actor: Actor, user_id: UserId) -> list[SmartMeLink]:
    """Accounts at smart-me of which this person has to say which account here they are."""
    oneself(actor, ActorKind.USER, user_id)
    mine = select(SmartMeLink).where(SmartMeLink.user_id == user_id, SmartMeLink.state == LinkState.UNDECIDED)
    return list(db.session().scalars(mine.order_by(SmartMeLink.begun_at)))


@query
def link(actor: Actor, link_id: LinkId) -> SmartMeLink:
    """One link. Raises NotFound."""
    system(actor)
    found = db.session().get(SmartMeLink, link_id)
    if found is None:
        raise NotFound()
    return found


@query
def expiring_links(actor: Actor, before: datetime) -> list[LinkId]:
    """Those whose tokens end before then."""
    system(actor)
    ending = select(SmartMeLink.id).where(SmartMeLink.state == LinkState.LINKED, SmartMeLink.tokens_expire_at < before)
    return [LinkId(one) for one in db.session().scalars(ending)]


def link_of(account_id: UUID) -> SmartMeLink | None:
    """The link of an account. For the room, within its doors."""
    return db.session().scalar(select(SmartMeLink).where(SmartMeLink.account_id == account_id))


def ocpp_connectors(account_id: UUID) -> int:
    """How many connectors the OCPP stations of this account have. For the room, within its doors."""
    foreign = exists().where(Station.id == Connector.station_id, Station.kind == StationKind.OCPP)
    counted = select(func.count()).where(Connector.account_id == account_id, Connector.number > 0, foreign)
    return db.session().scalar(counted) or 0
