"""The link by which somebody shows who he is, so that he sees and pays the price that is his own."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.access import SYSTEM
from accounts.links import page
from accounts.models import Account
from billing import queries
from billing.queries import PersonPriceRow
from billing.values import Driver, PersonPriceId
from kit import mail, settings, signing
from kit.i18n import _, speaking

PURPOSE, VALID = "own-price", timedelta(days=365)


def send(person_price_id: PersonPriceId, wanted_at: datetime) -> None:
    """Mail the link, in the operator's language. Nothing where the price was removed meanwhile."""
    letter = queries.price_letter(SYSTEM, person_price_id)
    if letter is None:
        return
    row, account = letter
    with speaking(account.language, account.time_zone):
        mail.send(
            row.own.email,
            _("Your own price for charging at %(place)s", place=place_words(row)),
            _text(row, account),
            key=f"price-{person_price_id.hex}-{wanted_at.timestamp():.0f}",
        )


def link_of(email: str, person_price_id: UUID) -> str:
    """The address of the page on which whoever reads this mailbox is known from then on."""
    return page(f"own-price/{signing.sign(PURPOSE, {'email': email, 'price': str(person_price_id)})}")


def driver_of(link_token: str) -> tuple[Driver, PersonPriceId]:
    """Who opens a link, and the price that it was sent for. Raises LinkExpired, LinkBroken."""
    told = signing.read(PURPOSE, link_token, valid_for=VALID)
    return Driver(email=told["email"]), PersonPriceId(UUID(told["price"]))


def place_words(row: PersonPriceRow) -> str:
    """Where the price counts."""
    if row.connector_number is None:
        return row.station_name or row.group_name
    return _("%(station)s, connector %(number)s", station=row.station_name, number=row.connector_number)


def _text(row: PersonPriceRow, account: Account) -> str:
    greeting = _("Hello %(name)s", name=row.own.name) if row.own.name else _("Hello")
    text = _(
        "%(operator)s has given you a price of your own for charging. Please open this link on the phone with which you"
        " charge. From then on the page behind the QR code shows your price, and you pay it. The link is for you alone:"
        " whoever opens it charges at your price.",
        operator=account.legal_name or account.name,
    )
    brand = settings.current().brand_name
    return f"{greeting}\n\n{text}\n\n{link_of(row.own.email, row.own.id)}\n\n{brand}\n"
