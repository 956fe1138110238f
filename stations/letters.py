"""What this room writes to people."""

from accounts import links
from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import mail, settings
from kit.i18n import _, speaking, when
from kit.i18n import lazy_ as word
from stations.events import StationsInTrouble
from stations.queries import TroubleRow, trouble_letter
from stations.troubles import Trouble

_SENTENCES = {
    Trouble.FLAPPING: word("It connects again and again."),
    Trouble.HALF_DEAD: word("It is connected, but does not answer."),
    Trouble.GONE: word("It was not heard of for a day."),
}


def tell_of_troubles(event: StationsInTrouble) -> None:
    """Tell those who look after the stations what ails them: one letter each, and no more until they are well again."""
    letter = trouble_letter(SYSTEM, AccountId(event.account_id), event.began_at)
    brand = settings.current().brand_name
    with speaking(letter.account.language):
        for (user_id, email), rows in letter.told.items():
            if len(rows) == 1:
                subject = _("%(station)s is in trouble", station=rows[0].station_name)
            else:
                subject = _("%(count)s stations are in trouble", count=len(rows))
            intro = _("You hear of it again only if it is over and comes back.")
            body = "\n\n".join([*(_paragraph(row) for row in rows), intro, brand])
            key = f"trouble:{rows[0].trouble.id}:{user_id}"
            mail.send(email, f"{subject} – {letter.account.name} – {brand}", f"{body}\n", key=key)


def _paragraph(row: TroubleRow) -> str:
    seen = _("Seen %(when)s.", when=when(row.trouble.began_at, row.time_zone))
    where = links.page(f"stations/{row.trouble.station_id}")
    return f"{row.station_name}: {_(_SENTENCES[row.trouble.trouble])} {seen}\n{where}"
