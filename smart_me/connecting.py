"""Each call to smart-me stands between two doors, in no transaction. Every function may run again at any time."""

from datetime import timedelta

import structlog
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from kit import clock, settings
from kit.errors import NotFound
from smart_me import cloud, queries, use_cases
from smart_me.errors import BadSignature, NameTaken, SmartMeRefused, SmartMeSilent
from smart_me.models import SmartMeLink
from smart_me.values import LinkId, LinkState, Person, Tokens

log = structlog.get_logger()
RENEW_BEFORE = timedelta(minutes=15)


def sign_up(link_id: LinkId) -> None:
    """Make the account at smart-me that is wanted. Raises SmartMeSilent: the worker tries again."""
    wanted = queries.link(SYSTEM, link_id)
    if wanted.state is not LinkState.WANTED or not settings.current().smart_me_partner_key:
        return
    try:
        person = cloud.sign_up(email=wanted.email, request_key=f"account:{link_id}")
    except (NameTaken, SmartMeRefused):
        use_cases.link_refused(SYSTEM, link_id)
    else:
        use_cases.link_made(SYSTEM, link_id, person)


def connect(actor: Actor, account_id: AccountId, tokens: Tokens) -> SmartMeLink:
    """Somebody came back from smart-me's page: link the account with theirs."""
    return use_cases.connect_account(actor, account_id, cloud.person(tokens), tokens)


def renew(link_id: LinkId) -> None:
    """Keep the way into an account at smart-me open; or note that it is lost."""
    row = queries.link(SYSTEM, link_id)
    if row.tokens is None or row.tokens_expire_at is None:
        return
    old = Tokens(row.tokens["access"], row.tokens["refresh"], row.tokens_expire_at)
    try:
        use_cases.renewed(SYSTEM, link_id, cloud.renew(old))
    except SmartMeRefused:
        use_cases.lose(SYSTEM, link_id)


def renew_all() -> None:
    """All those that end soon. One that smart-me is silent about keeps no other waiting."""
    for link_id in queries.expiring_links(SYSTEM, clock.now() + RENEW_BEFORE):
        try:
            renew(link_id)
        except SmartMeSilent:
            log.warning("smart_me.silent", link=str(link_id))


def receive(body: bytes, headers: dict[str, str]) -> SmartMeLink:
    """smart-me tells of an account, signed as Standard Webhooks. Raises NotFound, BadSignature, Invalid."""
    secret = settings.current().smart_me_inbound_secret
    if secret is None:
        raise NotFound()
    try:
        told = Webhook(secret).verify(body, headers)
        data = told["data"]
        person = Person(str(data["id"])[:255], str(data["name"])[:120], str(data["email"]))
        language = str(data.get("language") or "de")
    except (WebhookVerificationError, ValueError) as error:
        raise BadSignature() from error
    except (KeyError, TypeError, AttributeError) as error:
        raise SmartMeRefused("incomplete") from error
    return use_cases.receive_account(SYSTEM, person, language=language)
