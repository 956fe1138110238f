"""What a copy of an account contains: its tables, by the names and columns under which they are written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, select, tuple_

from accounts.access import SYSTEM, Actor, system
from accounts.models import Account, ApiClient, ApiToken, Grant, OwnRole, StationGroup, User
from billing.models import (
    Charge,
    Document,
    LedgerEntry,
    LedgerPosting,
    Payment,
    PersonPrice,
    Refund,
    Tariff,
    TariffAssignment,
)
from charging.models import ChargingSession, MeterValue, Reservation, Tag
from imports.models import Import, ImportedSession, ImportRow
from kit import db
from kit.use_case import query
from licensing.models import Invoice, Place, Subscription
from partners.models import CommissioningReport
from stations.models import Connector, Station, StationMove
from webhooks.models import WebhookEndpoint

STRETCH = 1000


@dataclass(frozen=True)
class Table:
    """Rows of an account, oldest first. Secrets are in none of the columns.

    `sort`: the columns by which they are read, where an index knows them better than by their ids. `within`: what
    narrows them down to the account, where they don't say whose they are or no index knows it.
    """

    name: str
    model: Any
    columns: str
    sort: tuple[str, ...] = ("id",)
    within: Callable[[UUID], ColumnElement[bool]] | None = None

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns."""
        return ("id", *self.columns.split())

    def rows(self, account_id: UUID) -> Iterator[list[dict[str, Any]]]:
        """All of them, a stretch at a time, each in a transaction of its own."""
        after: dict[str, Any] | None = None
        while some := stretch(SYSTEM, self, account_id, after):
            yield some
            after = some[-1]

    def statement(self, account_id: UUID, after: Mapping[str, Any] | None) -> Select[Any]:
        """Where the rows come from; those that follow `after`."""
        wanted = select(*self._columns(self.head)).where(self._belongs(account_id))
        order = self._columns(self.sort)
        if after is not None:
            last = (literal(after[name], column.type) for name, column in zip(self.sort, order, strict=True))
            wanted = wanted.where(tuple_(*order) > tuple_(*last))
        return wanted.order_by(*order)

    def _columns(self, names: Iterable[str]) -> list[Any]:
        return [getattr(self.model, name) for name in names]

    def _belongs(self, account_id: UUID) -> ColumnElement[bool]:
        if self.within is not None:
            return self.within(account_id)
        owner = self.model.id if self.model is Account else self.model.account_id
        found: ColumnElement[bool] = owner == account_id
        return found


@query
def stretch(actor: Actor, table: Table, account_id: UUID, after: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The next rows of a table, after this one."""
    system(actor)
    wanted = table.statement(account_id, after).limit(STRETCH)
    return [dict(row) for row in db.session().execute(wanted).mappings()]


@query
def people(actor: Actor, account_id: UUID) -> list[dict[str, Any]]:
    """Everybody who has or had a role, with name and address."""
    system(actor)
    wanted = (
        select(Grant.id, User.name, User.email, Grant.role, Grant.granted_at, Grant.ends_at, Grant.revoked_at)
        .join(User, User.id == Grant.user_id)
        .where(Grant.account_id == account_id)
        .order_by(Grant.id)
    )
    return [dict(row) for row in db.session().execute(wanted).mappings()]


@query
def documents(actor: Actor, model: Any, account_id: UUID) -> list[UUID]:
    """The ids of everything of which there is a PDF: receipts and credit notes, or invoices for licences."""
    system(actor)
    return list(db.session().scalars(select(model.id).where(model.account_id == account_id).order_by(model.id)))


def _measured(account_id: UUID) -> ColumnElement[bool]:
    """Meter values are found by their connectors: those of stations that stand in the account, or stood there."""
    here = select(Station.id).where(Station.account_id == account_id)
    gone = select(StationMove.station_id).where(StationMove.account_id == account_id)
    connectors = select(Connector.id).where(Connector.station_id.in_(here.union(gone)))
    return and_(MeterValue.connector_id.in_(connectors), MeterValue.account_id == account_id)


def _imported(account_id: UUID) -> ColumnElement[bool]:
    return ImportRow.import_id.in_(select(Import.id).where(Import.account_id == account_id))


TABLES = (
    Table(
        "account",
        Account,
        "name kind legal_name street postcode city country uid vat_registered contact_email contact_phone currency"
        " created_at",
    ),
    Table(
        "stations",
        Station,
        "identity name description street postcode city country latitude_e6 longitude_e6 kind vendor model firmware"
        " serial created_at last_seen_at",
    ),
    Table("connectors", Connector, "station_id number code name plug max_power_w"),
    Table("station_groups", StationGroup, "name created_at removed_at"),
    Table("own_roles", OwnRole, "name created_at removed_at"),
    Table("tags", Tag, "id_tag name state expires_at parent_id_tag created_at"),
    Table(
        "sessions",
        ChargingSession,
        "station_id connector_id transaction_id kind state id_tag started_at ended_at meter_start_wh meter_stop_wh"
        " energy_wh stop_reason offline estimated",
    ),
    Table(
        "meter_values",
        MeterValue,
        "session_id station_id connector_id at energy_wh power_w samples",
        sort=("connector_id", "at", "id"),
        within=_measured,
    ),
    Table("reservations", Reservation, "station_id connector_number id_tag state created_at ended_at"),
    Table(
        "person_prices",
        PersonPrice,
        "connector_id station_id group_id name email id_tag tag_group created_at removed_at",
    ),
    Table("tariffs", Tariff, "person_price_id currency energy_price time_price session_fee vat_percent created_at"),
    Table("tariff_assignments", TariffAssignment, "connector_id tariff_id valid_from"),
    Table(
        "charges",
        Charge,
        "session_id payment_id currency net_minor vat_minor gross_minor vat_percent lines priced_at",
    ),
    Table(
        "payments",
        Payment,
        "session_id state currency hold_minor captured_minor fee_minor refunded_minor email created_at settled_at"
        " available_at",
    ),
    Table("refunds", Refund, "payment_id state amount_minor requested_at done_at"),
    Table("documents", Document, "kind number seller_name session_id payment_id currency gross_minor issued_at sha256"),
    Table("ledger_entries", LedgerEntry, "business_key currency booked_at payment_id"),
    Table("ledger_postings", LedgerPosting, "entry_id ledger_account currency amount_minor"),
    Table("licences", Subscription, "plan state interval currency price_minor begun_at ended_at"),
    Table("licensed_stations", Place, "subscription_id station_id added_at ended_at"),
    Table("invoices", Invoice, "kind reference currency gross_minor issued_at due_at paid_at"),
    Table("api_keys", ApiToken, "name created_by created_at last_used_at revoked_at expires_at"),
    Table("api_clients", ApiClient, "name created_by created_at last_used_at revoked_at"),
    Table("webhooks", WebhookEndpoint, "name url event_types created_at removed_at"),
    Table("imports", Import, "what source file_name state brought_at started_at ended_at undone_at"),
    Table(
        "import_rows",
        ImportRow,
        "import_id number what facts outcome field code external_id thing_id",
        sort=("import_id", "outcome", "number", "id"),
        within=_imported,
    ),
    Table("imported_sessions", ImportedSession, "session_id driver costs_minor currency"),
    Table("commissioning_reports", CommissioningReport, "station_id signed_by signed_at snapshot sha256"),
)
