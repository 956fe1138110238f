"""What belongs on a station's local list, and how it differs from what the station knows. For rooms, in their door."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts.models import AccountLineage
from charging.models import LocalList, Tag
from charging.payloads import LONGEST_TAG, id_tag_info
from charging.tag_rules import info_of_tags
from charging.values import TagState, TagVerdict
from kit import clock, db
from stations.queries.settings import known_number

Entries = dict[str, Any]


def composed(station_id: UUID, account_id: UUID) -> Entries:
    """The tags of the account and of those above it by number, as far as they fit; what may charge comes first."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    found: dict[str, list[tuple[TagState, datetime | None, str]]] = defaultdict(list)
    rows = select(Tag.id_tag, Tag.state, Tag.expires_at, Tag.parent_id_tag).where(Tag.account_id.in_(above))
    for id_tag, state, expires_at, group in db.session().execute(rows.order_by(Tag.id_tag)):
        if len(id_tag) <= LONGEST_TAG:  # longer ones can't be sent; their stations ask for them
            found[id_tag].append((state, expires_at, group))
    now = clock.now()
    infos = {id_tag: info_of_tags(tags, now) for id_tag, tags in found.items()}
    order = sorted(infos, key=lambda id_tag: infos[id_tag].verdict is not TagVerdict.ACCEPTED)
    most = known_number(station_id, "LocalAuthListMaxLength")
    return {id_tag: id_tag_info(infos[id_tag]) for id_tag in order[:most]}


def differences(known: LocalList, wanted: Entries) -> list[dict[str, Any]]:
    """What a differential update has to say: new and changed tags, and without idTagInfo those to forget."""
    entries = known.entries or {}
    gone = [{"idTag": id_tag} for id_tag in entries if id_tag not in wanted]
    return gone + written({id_tag: info for id_tag, info in wanted.items() if entries.get(id_tag) != info})


def written(entries: Entries) -> list[dict[str, Any]]:
    """Entries as SendLocalList carries them."""
    return [{"idTag": id_tag, "idTagInfo": info} for id_tag, info in entries.items()]


def merged(entries: Entries, told: list[dict[str, Any]]) -> Entries:
    """What a station knows after a differential update."""
    known = dict(entries)
    for entry in told:
        if "idTagInfo" in entry:
            known[entry["idTag"]] = entry["idTagInfo"]
        else:
            known.pop(entry["idTag"], None)
    return known
