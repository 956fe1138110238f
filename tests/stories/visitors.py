"""How people and programs come in: by the page to sign in, by the link in a letter, by a key."""

import re
from typing import Any
from uuid import UUID

import requests
from playwright.sync_api import Page

from accounts.access import Actor
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import mail
from tests.make import PASSWORD
from tests.wire import until


def sign_in(page: Page, url: str, email: str) -> None:
    """As people do."""
    page.goto(f"{url}/login?lang=en")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/(dashboard|accounts|stations)?$"))


def mailed_link(email: str, about: str) -> str:
    """The link in the letter to this person, whose subject says what it is about."""
    written = until(lambda: [one for one in mail.letters() if one.to == email and about in one.subject])
    found = re.search(r"https?://\S+", written[0].text)
    assert found, written[0].text
    return found.group()


def ask(url: str, owner: Actor, account_id: UUID, query: str) -> Any:
    """What a program with a key of the account is answered."""
    return ask_with(
        url, create_api_token(owner, AccountId(account_id), name="story", role=Role.API_CLIENT).secret, query
    )


def ask_with(url: str, key: str, query: str) -> Any:
    """What a program with this key is answered."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.post(f"{url}/graphql", json={"query": query}, headers=headers, timeout=20).json()
    assert "errors" not in answer, answer
    return answer["data"]


def status(page: Page, url: str) -> int:
    """How the person in this window is answered."""
    return page.request.get(url).status
