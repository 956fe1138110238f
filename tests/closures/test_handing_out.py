"""Documents of a closed account are handed out by staff: with a reason, for a week, and the log says so."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.use_cases import make_staff
from accounts.values import AccountId
from closures import jobs, links, queries, use_cases
from closures.documents import handed_out
from closures.errors import WithdrawnAlready
from closures.models import Closure, HandOut
from closures.values import ClosureId, HandOutId
from kit import clock
from kit.audit import AuditLine
from kit.errors import Invalid, NotFound
from kit.signing import LinkBroken, LinkExpired
from tests import make, scene
from tests.closures.test_closing import closed, paid_out, parties

pytestmark = pytest.mark.usefixtures("database")


def staff() -> Actor:
    """Somebody who runs the platform."""
    login = make.login()
    make_staff(SYSTEM, email=login.email)
    return replace(login.actor, staff=True)


def gone(*, receipts: int = 1) -> Closure:
    """A closed account that sold something."""
    shop, olga = parties()
    for _ in range(receipts):
        paid_out(shop)
    return closed(olga, AccountId(shop.account.id))


def kept(closure: Closure, by: Actor, search: str = "") -> dict[str, UUID]:
    """The documents by their numbers."""
    return {one.number: one.id for one in queries.kept_documents(by, ClosureId(closure.id), search=search)}


def token_of(row: HandOut) -> str:
    return links.hand_out_link(row).rsplit("/", 1)[1]


def test_staff_finds_what_is_kept_by_what_the_account_was_called() -> None:
    closure, by = gone(receipts=2), staff()
    assert [one.id for one in queries.closed_accounts(by, search="LINDEN")] == [closure.id]
    assert queries.closed_accounts(by, search="Elsewhere%") == []
    assert list(kept(closure, by)) == ["R-000002", "R-000001"]
    assert list(kept(closure, by, search="R-000001")) == ["R-000001"]
    assert list(kept(closure, by, search="2")) == ["R-000002"]
    assert kept(closure, by, search="x") == {}
    (newest,) = queries.kept_documents(by, ClosureId(closure.id), limit=1)
    (other,) = queries.kept_documents(by, ClosureId(closure.id), before=newest.id, limit=1)
    assert (newest.number, other.number) == ("R-000002", "R-000001")


def test_a_link_opens_what_was_handed_out_for_a_week_and_the_log_says_why() -> None:
    closure, by = gone(receipts=2), staff()
    documents = kept(closure, by)
    ids = list(documents.values())
    row = use_cases.hand_out(by, ClosureId(closure.id), document_ids=ids, reason=" Audit of 2026 ")
    file = handed_out(ANYONE, token_of(row))
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.namelist() == ["documents/R-000001.pdf", "documents/R-000002.pdf"]
        assert all(archive.read(name).startswith(b"%PDF") for name in archive.namelist())
    one = use_cases.hand_out(by, ClosureId(closure.id), document_ids=ids[:1], reason="A driver")
    single = handed_out(ANYONE, token_of(one))
    assert (single.name, single.kind, single.content[:4]) == ("R-000002.pdf", "application/pdf", b"%PDF")
    (line, _) = scene.rows(AuditLine, AuditLine.door.endswith(".hand_out"))
    assert (line.account_id, line.actor) == (closure.account_id, by.reference)
    assert "Audit of 2026" in str(line.arguments)
    assert str(ids[0]) in str(line.arguments)
    with clock.moved_to(clock.now() + timedelta(days=7, minutes=1)), pytest.raises(LinkExpired):
        handed_out(ANYONE, token_of(row))


def test_a_withdrawn_link_and_a_cut_one_open_nothing() -> None:
    closure, by = gone(), staff()
    row = use_cases.hand_out(by, ClosureId(closure.id), document_ids=kept(closure, by).values(), reason="x")
    token = token_of(row)
    with pytest.raises(LinkBroken):
        handed_out(ANYONE, token[:-2])
    use_cases.withdraw_hand_out(by, HandOutId(row.id))
    with pytest.raises(LinkExpired):
        handed_out(ANYONE, token)
    with pytest.raises(WithdrawnAlready):
        use_cases.withdraw_hand_out(by, HandOutId(row.id))


def test_only_documents_of_this_account_are_handed_out_and_only_with_a_reason() -> None:
    closure, by = gone(), staff()
    here, own = ClosureId(closure.id), list(kept(closure, by).values())
    for ids, reason, problems in (
        ([], "x", {"documents": "required"}),
        (own, "  ", {"reason": "required"}),
        (own, "x" * 501, {"reason": "too_long"}),
        ([*own, closure.id], "x", {"documents": "unknown"}),
        ([closure.id] * 30, "", {"documents": "unknown", "reason": "required"}),
    ):
        with pytest.raises(Invalid) as refused:
            use_cases.hand_out(by, here, document_ids=ids, reason=reason)
        assert refused.value.fields == problems
    assert scene.rows(HandOut) == []


def test_for_others_there_is_nothing_and_after_ten_years_for_staff_neither() -> None:
    closure, by = gone(), staff()
    here, ids = ClosureId(closure.id), list(kept(closure, by).values())
    row = use_cases.hand_out(by, here, document_ids=ids, reason="x")
    outsider = make.login().actor
    for who in (outsider, ANYONE, SYSTEM):
        with pytest.raises(NotFound):
            use_cases.hand_out(who, here, document_ids=ids, reason="x")
        with pytest.raises(NotFound):
            queries.closed_accounts(who)
    assert closure.kept_until is not None
    with clock.moved_to(closure.kept_until):
        jobs.erase_due()
        with pytest.raises(NotFound):
            queries.kept_documents(by, here)
        with pytest.raises(LinkExpired):
            handed_out(ANYONE, token_of(row))
    assert scene.rows(HandOut) == []
