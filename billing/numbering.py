"""Document numbers: 1, 2, 3 … per operator and kind, without a gap or a double.

The number is taken in the transaction that writes the document. Its row stays locked until then, so a rolled back
document gives its number back and nobody ever sees it.
"""

from uuid import UUID

from billing.models import NumberSeries
from billing.values import DocumentKind
from kit import db
from kit.upsert import insert

PREFIXES = {DocumentKind.RECEIPT: "R", DocumentKind.CREDIT_NOTE: "C"}


def next_number(account_id: UUID, kind: DocumentKind) -> int:
    """The next number of the operator's series, in the running transaction."""
    first = insert(NumberSeries).values(account_id=account_id, kind=kind, last=1)
    statement = first.on_conflict_do_update(
        index_elements=[NumberSeries.account_id, NumberSeries.kind], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    return db.session().execute(statement).scalar_one()


def reference(kind: DocumentKind, number: int) -> str:
    """What people see: `R-000123`."""
    return f"{PREFIXES[kind]}-{number:06d}"
