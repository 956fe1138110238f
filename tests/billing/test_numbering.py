"""Document numbers under pressure."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import select

from billing.models import Document
from billing.numbering import next_number, reference
from billing.values import DocumentKind
from kit import clock, db
from kit.ids import new_id
from tests.billing.rows import add_account

THREADS, DOCUMENTS = 8, 1_000


class Change(Exception):
    """The deed around a document fails after its number was taken."""


def issue(account_id: UUID, kind: DocumentKind, *, fail: bool = False) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.add(
            Document(
                id=new_id(),
                account_id=account_id,
                series_account_id=account_id,
                seller_name="",
                kind=kind,
                number=next_number(account_id, kind),
                business_key="",
                language="de",
                currency="CHF",
                gross_minor=0,
                snapshot={},
                issued_at=clock.now(),
            )
        )
        if fail:
            raise Change()


def in_threads(deed: Callable[[int], None]) -> None:
    """1,000 deeds by eight threads that start together."""
    numbers = count()
    together = threading.Barrier(THREADS)

    def work() -> None:
        together.wait()
        for each in iter(lambda: next(numbers), None):
            if each >= DOCUMENTS:
                return
            deed(each)

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work) for _ in range(THREADS)]:
            future.result()


def numbers_of(account_id: UUID, kind: DocumentKind) -> list[int]:
    wanted = select(Document.number).where(Document.account_id == account_id, Document.kind == kind)
    with db.transaction(writing=False) as unit:
        return sorted(unit.session.scalars(wanted))


@pytest.mark.usefixtures("database")
def test_eight_threads_issue_a_thousand_documents_without_a_gap_or_a_double() -> None:
    account_id = add_account()
    in_threads(lambda _: issue(account_id, DocumentKind.RECEIPT))
    assert numbers_of(account_id, DocumentKind.RECEIPT) == list(range(1, DOCUMENTS + 1))


@pytest.mark.usefixtures("database")
def test_a_deed_that_fails_gives_its_number_back() -> None:
    account_id = add_account()

    def sometimes(number: int) -> None:
        if number % 10 == 3:
            with pytest.raises(Change):
                issue(account_id, DocumentKind.RECEIPT, fail=True)
        else:
            issue(account_id, DocumentKind.RECEIPT)

    in_threads(sometimes)
    assert numbers_of(account_id, DocumentKind.RECEIPT) == list(range(1, DOCUMENTS * 9 // 10 + 1))


@pytest.mark.usefixtures("database")
def test_every_operator_and_every_kind_counts_for_itself() -> None:
    first, second = add_account(), add_account()
    for account_id, kind in [(first, DocumentKind.RECEIPT), (second, DocumentKind.RECEIPT)] * 2:
        issue(account_id, kind)
    issue(first, DocumentKind.CREDIT_NOTE)
    assert numbers_of(first, DocumentKind.RECEIPT) == [1, 2]
    assert numbers_of(second, DocumentKind.RECEIPT) == [1, 2]
    assert numbers_of(first, DocumentKind.CREDIT_NOTE) == [1]


def test_people_see_a_reference() -> None:
    assert reference(DocumentKind.RECEIPT, 123) == "R-000123"
    assert reference(DocumentKind.CREDIT_NOTE, 1_000_001) == "C-1000001"
