"""Somebody of another tenant, what they know of this one - ids of every kind, cursors of its real pages - and the same
for things that nobody has. Whatever is asked with the one has to look like what is asked with the other.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from graphql import get_named_type
from sqlalchemy import update

from accounts.models import Account, User
from charging.models import ChargingSession
from charging.use_cases import add_tag
from graphql_api.context import Context
from graphql_api.errors import as_json
from graphql_api.execution import run
from kit import db
from partners.models import Partner
from stations.values import ConnectorStatus
from tests import make, scene
from tests.house import openings
from tests.house.cast import Cast, Somebody, cast
from tests.portal.everything import STRETCHED

SECRET = "Geheimhausen"
# her energy as a number of its own; four digits of an id or of an instant may look like it
COUNTED = re.compile(r"(?<![\w.-])7777(?!\w)")
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PUBLIC = {"announcement", "code", "partner", "provider"}  # everybody may know these
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*|\b\d\d:\d\d(:\d\d)?\b")


@dataclass(frozen=True)
class Foreign:
    """The place, its owner, and somebody of another one who is curious."""

    here: Cast
    owner: Somebody
    curious: Somebody
    own: Mapping[str, UUID]

    @property
    def hers(self) -> dict[str, str]:
        """What stands in the place, by its noun."""
        return {noun: str(one) for noun, one in self.here.ids.items() if noun not in PUBLIC}

    def nobodys(self, text: str) -> str:
        """The same text with ids that nobody has, right beside the real ones, within cursors, too."""
        known = {str(self.here.ids[noun]) for noun in PUBLIC} | set(map(str, self.own.values()))
        replaced = UUIDS.sub(lambda one: one.group() if one.group() in known else _beside(one), text)
        return re.sub(r"[\w-]{12,}={0,2}", _beside_in_cursor, replaced)

    def answer(self, query: str, who: Somebody | None = None) -> Any:
        """What GraphQL tells; nothing of it lasts."""
        actor = (who or self.curious).actor
        assert actor is not None, "signed in"
        with openings.undone():
            return as_json(run(query, Context(actor, self.here.app.config["SETTINGS"])).result)

    def cursors(self) -> Iterator[str]:
        """Those of all real pages of the owner."""
        for door, field in openings.fields().items():
            if "pageInfo" in getattr(get_named_type(field.type), "fields", ()):
                text, _ids = openings.operation(door, self.here.ids)
                told = self.answer(text.replace("{ __typename }", "{ edges { cursor } }"), self.owner).get("data") or {}
                for page in filter(None, told.values()):
                    yield from (edge["cursor"] for edge in page["edges"])


def foreign(folder: Path) -> Foreign:
    """Set the scene in a database of its own."""
    here = cast(folder, f"sqlite:///{folder / 'platform.db'}")
    by_name = {who.name: who for who in here.everybody}
    curious = by_name["foreign owner"]
    assert curious.actor is not None, "signed in"
    (own_account,) = curious.actor.grants
    _hide(UUID(str(here.ids["account"])))
    made = make.station(property=make.row(Account, own_account), owner=curious.actor, name="Eigene")
    scene.says(made.station, ConnectorStatus.AVAILABLE)
    session = scene.session(connector=made.connector, energy_wh=1_000, ended=True)
    tag = add_tag(curious.actor, made.station.account_id, "04CC", name="Eigen")
    own = {"account": own_account, "station": made.id, "connector": made.connector.id, "session": session.id}
    return Foreign(here, by_name["owner"], curious, own | {"tag": tag.id})


def _hide(account_id: UUID) -> None:
    """Everything of the account is called by the same word, and every kilowatt hour has its mark."""
    with db.transaction(writing=True) as unit:
        for model, names in STRETCHED.items():
            if model in (Partner, User):
                continue
            mine = model.id == account_id if model is Account else model.account_id == account_id
            unit.session.execute(update(model).where(mine).values(dict.fromkeys(names, SECRET)))
        ended = ChargingSession.account_id == account_id, ChargingSession.energy_wh.is_not(None)
        unit.session.execute(update(ChargingSession).where(*ended).values(energy_wh=7_777))


def _beside(found: re.Match[str]) -> str:
    return str(UUID(int=UUID(found.group()).int ^ 1))


def _beside_in_cursor(found: re.Match[str]) -> str:
    try:
        said = base64.urlsafe_b64decode(found.group()).decode()
    except ValueError:
        return found.group()
    inside = UUIDS.sub(_beside, said)
    return found.group() if inside == said else base64.urlsafe_b64encode(inside.encode()).decode()


def tampered(cursor: str) -> Iterator[str]:
    """What somebody may try with a cursor: more in it, less, other types, no code at all."""
    said = base64.urlsafe_b64decode(cursor).decode()
    told = said.removeprefix("v1:")
    for other in (f"v2:{told}", f"v1:{told}' OR 1=1 --", "v1:", "v1:-1", f"v1:{10**30}", f"v1:{told[:-1]}"):
        yield base64.urlsafe_b64encode(other.encode()).decode()
    yield from (cursor[1:], cursor[:-3], told, "%%%")


def plain(text: str) -> str:
    """An answer without what differs each time: ids and instants."""
    return INSTANT.sub("AT", UUIDS.sub("ID", text))


def leaks(asked: str, answer: str, world: Foreign) -> list[str]:
    """What of the place stands in an answer and was not in the question."""
    known = [SECRET, *(one for one in world.hers.values() if UUIDS.fullmatch(one))]
    found = [one for one in known if one in answer and one not in asked]
    return found + COUNTED.findall(answer)
