"""Codes stay inside: every enum that pages can show has words, and every problem of a field too."""

import ast
import inspect
from enum import Enum

import pytest

import accounts.values
import billing.values
import charging.values
import licensing.values
import partners.values
import stations.values
from accounts.rights import Role
from accounts.values import CredentialChange, EmailSide
from billing.values import HoldState, PaymentStage, PriceWhere
from charging.values import StopReason, TagVerdict
from licensing.values import CardState, StoredCardState
from portal.labels import COLOURS, LABELS, colour, field_words, label
from portal.labels.fields import FIELD_PROBLEMS
from stations.values import HashAlgorithm, ShownState
from tests.house.walk import ROOMS, functions, source_files

# between rooms, providers and chargers only; the driver's page has sentences of its own for the stages of a payment, a
# session's page for why it ended
NEVER_SHOWN = {
    CardState,
    StoredCardState,
    CredentialChange,
    EmailSide,
    StopReason,
    TagVerdict,
    HoldState,
    PaymentStage,
    PriceWhere,
    HashAlgorithm,
}
SHOWN = [
    Role,
    *(
        member
        for module in (
            accounts.values,
            stations.values,
            charging.values,
            billing.values,
            licensing.values,
            partners.values,
        )
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Enum) and member.__module__ == module.__name__ and member not in NEVER_SHOWN
    ),
]


@pytest.mark.parametrize("enum", SHOWN, ids=lambda enum: enum.__name__)
def test_every_member_has_words(enum: type[Enum]) -> None:
    missing = [member.name for member in enum if member not in LABELS]
    assert missing == [], f"{enum.__name__}: add these to portal/labels.py"


def test_colours_belong_to_members_with_words() -> None:
    assert set(COLOURS) <= set(LABELS)


def test_words_and_colours_of_a_state() -> None:
    assert (label(ShownState.OCCUPIED), colour(ShownState.OCCUPIED)) == ("Occupied", "red")
    assert (label(None), colour(None)) == ("", "secondary")
    assert field_words("nobody wrote this") == "Please check this."


def _field_codes() -> set[str]:
    """Every literal code in `Invalid(field="code")` that a page may show."""
    return {
        keyword.value.value
        for path in source_files("kit", "portal", *ROOMS)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Invalid"
        for keyword in node.keywords
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }


def test_every_problem_of_a_field_has_words() -> None:
    assert _field_codes() - set(FIELD_PROBLEMS) == set()
