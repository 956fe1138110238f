"""A company becomes a partner, is trained, and is found while that counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.values import AccountId
from kit import clock
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from partners import queries, use_cases
from partners.errors import PartnerAlready
from partners.values import PartnerId, Profile, ProposalId, Region, TrainingState
from tests import make
from tests.partners.conftest import letters
from tests.people import People

STAFF = replace(ANYONE, staff=True)
SAID = Profile(
    name="Muster Elektro AG",
    email="Hallo@Muster-Elektro.example",
    city="Altdorf",
    regions=frozenset({Region.CH_UR, Region.CH_SZ}),
    languages=frozenset({"de", "it"}),
)


def found(**narrowed: object) -> list[str]:
    """The names that the directory shows to everybody."""
    return [one.partner.name for one in queries.directory(ANYONE, **narrowed).items]  # type: ignore[arg-type]


def registered(company: Actor, account_id: AccountId, profile: Profile = SAID) -> PartnerId:
    """A company that has registered."""
    return PartnerId(use_cases.register_partner(company, account_id, profile=profile).id)


def test_a_company_is_found_while_its_training_counts(everybody: People) -> None:
    owner = make.account(name="Muster Elektro AG", language="en")
    partner_id = registered(owner.owner, owner.id)
    assert found() == []
    with pytest.raises(NotFound):
        queries.listed_partner(ANYONE, partner_id)
    until = clock.now().date() + timedelta(days=365)
    use_cases.confirm_training(STAFF, partner_id, trained_until=until, note="course 7")
    assert found() == ["Muster Elektro AG"]
    (letter,) = letters("hallo@muster-elektro.example")
    assert "You are a trained partner" in letter.subject
    assert f"/partners/{partner_id}" in letter.text
    listed = queries.listed_partner(ANYONE, partner_id)
    assert (listed.regions, listed.languages) == ((Region.CH_SZ, Region.CH_UR), ("de", "it"))
    with clock.moved_to(clock.now() + timedelta(days=366)):
        assert found() == []
        own = queries.partner_of_account(owner.owner, owner.id)
        assert own is not None
        assert own.partner.training is TrainingState.LAPSED


def test_the_directory_is_narrowed_by_words_region_and_language(everybody: People) -> None:
    for name, region, language in (("Alpha", Region.CH_ZH, "de"), ("Beta", Region.CH_TI, "it")):
        owner = make.account(name=name)
        said = replace(SAID, name=name, city=f"{name}wil", regions=frozenset({region}), languages=frozenset({language}))
        partner_id = registered(owner.owner, owner.id, said)
        use_cases.confirm_training(STAFF, partner_id, trained_until=clock.now().date())
    assert found() == ["Alpha", "Beta"]
    assert found(search="betaw") == found(region=Region.CH_TI) == found(language="it") == ["Beta"]
    assert found(search="%") == ["Alpha", "Beta"], "a blank wish"
    assert queries.region_counts(ANYONE) == {Region.CH_ZH: 1, Region.CH_TI: 1}
    second = queries.directory(ANYONE, number=2, size=1)
    assert ([one.partner.name for one in second.items], second.total) == (["Beta"], 2)


def test_a_partner_may_hide_and_staff_may_end_its_training(everybody: People) -> None:
    owner = make.account(name="Muster Elektro AG")
    partner_id = registered(owner.owner, owner.id)
    use_cases.confirm_training(STAFF, partner_id, trained_until=clock.now().date())
    use_cases.update_partner(owner.owner, partner_id, profile=SAID, listed=False)
    assert found() == []
    use_cases.update_partner(owner.owner, partner_id, profile=SAID)
    assert found() == ["Muster Elektro AG"]
    for _twice in range(2):
        assert use_cases.end_training(STAFF, partner_id).training is TrainingState.LAPSED
    assert found() == []
    assert [one.partner.name for one in queries.partners_for_staff(STAFF, search="altdorf").items] == [SAID.name]


def test_a_profile_is_judged(everybody: People) -> None:
    owner = make.account(name="Muster Elektro AG")
    wrong = Profile(name=" ", email="x@example.org", website="javascript:alert(1)", languages=frozenset({"xx"}))
    with pytest.raises(Invalid) as refused:
        registered(owner.owner, owner.id, wrong)
    assert refused.value.fields == {
        "name": "required",
        "website": "not_an_address",
        "regions": "required",
        "languages": "unknown",
    }
    partner_id = registered(owner.owner, owner.id)
    with pytest.raises(PartnerAlready):
        registered(owner.owner, owner.id)
    for day, code in ((-1, "in_the_past"), (9_999, "out_of_range")):
        with pytest.raises(Invalid) as refused:
            use_cases.confirm_training(STAFF, partner_id, trained_until=clock.now().date() + timedelta(days=day))
        assert refused.value.fields == {"trained_until": code}


def test_nobody_else_speaks_for_a_partner(everybody: People) -> None:
    owner = make.account(name="Muster Elektro AG")
    partner_id = registered(owner.owner, owner.id)
    with pytest.raises(NotFound):
        use_cases.update_partner(everybody.alice, partner_id, profile=SAID)
    with pytest.raises(Forbidden):
        registered(everybody.bob, AccountId(everybody.home.id))
    for actor in (owner.owner, everybody.alice, ANYONE):
        with pytest.raises(NotFound):
            use_cases.confirm_training(actor, partner_id, trained_until=clock.now().date())


def test_an_operator_proposes_an_installer(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    made = use_cases.propose_installer(
        everybody.alice, home, name="Neu GmbH", email="Neu@example.org", note="know them well"
    )
    with pytest.raises(Conflict, match="proposed_already"):
        use_cases.propose_installer(everybody.alice, home, name="Neu GmbH", email="neu@example.org")
    (letter,) = letters("neu@example.org")
    assert "/partner/profile" in letter.text
    (waiting,) = queries.open_proposals(STAFF)
    assert (waiting.proposal.name, waiting.account) == ("Neu GmbH", everybody.home.name)
    for _twice in range(2):
        use_cases.settle_proposal(STAFF, ProposalId(made.id))
    assert queries.open_proposals(STAFF) == []
    with pytest.raises(Forbidden):
        use_cases.propose_installer(everybody.bob, home, name="Neu GmbH", email="neu@example.org")
    with pytest.raises(NotFound):
        queries.proposal_letter(SYSTEM, home)
