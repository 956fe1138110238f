"""What chargers make of the address that was typed into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_ws import addresses
from ocpp_ws.addresses import Asked

CODE = "K7QM2ZRW9XBTDE4H"


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ("/ocpp/CP1", "CP1"),
        ("/ocpp/a%20b%7Cc/?token=1", "a b|c"),
        ("/ocpp/%2541", "%41"),  # decoded once
        ("/ocpp/a%2Fb", "a/b"),
        ("/ocpp/CP1/CP1", "CP1"),
        ("/ocpp/", ""),
        ("/api/Ocpp16/", ""),
    ],
)
def test_without_a_code_the_last_part_of_the_path_is_the_identity(address: str, identity: str) -> None:
    assert addresses.read(address) == Asked(None, identity)


@pytest.mark.parametrize(
    "address",
    [
        f"/ocpp/{CODE}/CP1",
        f"/OCPP/{CODE.lower()}/CP1/",
        f"//ocpp//{CODE}//CP1//",
        f"/api/Ocpp16/{CODE}/CP1",
        f"/API/ocpp16/{CODE}/CP1/",
        f"/api//OCPP16/{CODE}//CP1?x=1",
        f"/ocpp/{CODE}/ocpp/{CODE}/CP1",  # the path twice
        f"/ocpp/{CODE}/CP1/CP1",
        f"/ocpp/{CODE}/wss://host/ocpp/{CODE}/CP1",  # the whole address as identity
        f"/ocpp/wss%3A%2F%2Fhost%2Focpp%2F{CODE}%2FCP1",
        f"/ocpp/{CODE}/wss%3A%2F%2Fhost%2Focpp%2FCP1%2F",
    ],
)
def test_q7_the_account_code_is_found_wherever_it_stands_before_the_identity(address: str) -> None:
    assert addresses.is_of_chargers(address)
    assert addresses.read(address) == Asked(CODE, "CP1")


@pytest.mark.parametrize("path", ["/", "/stations/ocpp", "/api/graphql", "/api", "/ocppx/a", "/api/ocpp201/x/y"])
def test_other_paths_are_not_of_chargers(path: str) -> None:
    assert not addresses.is_of_chargers(path)


@given(st.text(max_size=200))
def test_whatever_is_asked_is_read(text: str) -> None:
    asked = addresses.read(f"/ocpp/{text}")
    assert asked.code is None or len(asked.code) == 16
