"""Document numbers: 1, 2, 3 … per operator and kind, without a gap or a double.

The number is taken in the transaction that writes the document. Its row stays locked until then, so a rolled back
document gives its number back and nobody ever sees it.
"""

from uuid import UUID

from sqlalchemy import case, select

from accounts.models import AccountLineage
from billing.models import Document, NumberSeries
from billing.values import DocumentKind
from kit import db
from kit.upsert import insert

PREFIXES = {DocumentKind.RECEIPT: "R", DocumentKind.CREDIT_NOTE: "C"}


def next_of_seller(series_account_id: UUID, seller_name: str, kind: DocumentKind) -> int:
    """The next number of a seller, in the running transaction.

    His series may have moved to another account, because legal names changed: it goes on behind his last number.
    """
    return next_number(series_account_id, kind, above=_last_of(series_account_id, seller_name, kind))


def next_number(series_account_id: UUID, kind: DocumentKind, *, above: int = 0) -> int:
    """The next number of a series, higher than `above`, in the running transaction."""
    first = insert(NumberSeries).values(account_id=series_account_id, kind=kind, last=above + 1)
    last = case((NumberSeries.last > above, NumberSeries.last), else_=above)
    statement = first.on_conflict_do_update(
        index_elements=[NumberSeries.account_id, NumberSeries.kind], set_={"last": last + 1}
    ).returning(NumberSeries.last)
    return db.session().execute(statement).scalar_one()


def reference(kind: DocumentKind, number: int) -> str:
    """What people see: `R-000123`."""
    return f"{PREFIXES[kind]}-{number:06d}"


def _last_of(series_account_id: UUID, seller_name: str, kind: DocumentKind) -> int:
    """The highest number under this name among the accounts that belong together."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == series_account_id)
    together = select(AccountLineage.account_id).where(AccountLineage.ancestor_id.in_(above))
    highest = (
        select(Document.number)
        .where(Document.seller_name == seller_name, Document.kind == kind, Document.series_account_id.in_(together))
        .order_by(Document.number.desc())
        .limit(1)
    )
    return db.session().scalar(highest) or 0
