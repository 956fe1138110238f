"""All properties of a master side by side: the list, its sums, and the way down into each."""

from uuid import UUID

from flask import Blueprint, Response, request

from accounts.queries import AccountNode
from accounts.rights import Right
from billing import queries
from billing.values import Attention, PropertyPlace, PropertySort
from portal.actor import current_account_id, current_actor, known_account
from portal.render import page
from stations.values import ShownState

blueprint = Blueprint("properties", __name__)
PAGE_SIZE = 25


@blueprint.get("/properties")
def overview() -> Response:
    """The properties below the chosen account, narrowed and in an order; the ticked ones alone to compare them."""
    actor, here = current_actor(), current_account_id()
    sort = next((one for one in PropertySort if one.value == request.args.get("sort")), PropertySort.NAME)
    attention = next((one for one in Attention if one.value == request.args.get("attention")), None)
    chosen = request.args.getlist("chosen", type=UUID)[:PAGE_SIZE]
    text = request.args.get("text", "").strip()
    rows = queries.properties(
        actor,
        here,
        text=text,
        attention=attention,
        chosen=chosen,
        sort=sort,
        after=_place(request.args.get("after")),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "properties/page.html",
        fragment="properties/_list.html",
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        asked={"text": text, "attention": attention, "sort": sort, "chosen": chosen},
        address={
            "text": text or None,
            "attention": attention.value if attention else None,
            "sort": sort.value if sort is not PropertySort.NAME else None,
            "chosen": chosen or None,
        },
        branches={row.parent_id: node.name for row in rows if (node := _branch(row, here)) is not None},
        attentions=list(Attention),
        sorts=list(PropertySort),
        states=list(ShownState),
        Right=Right,
    )


@blueprint.get("/properties/totals")
def totals() -> Response:
    """The sums of all properties below the chosen account; the list does not wait for them."""
    sums = queries.property_totals(current_actor(), current_account_id())
    return page("properties/totals.html", fragment="properties/_totals.html", sums=sums)


def _branch(row: queries.PropertyRow, here: UUID) -> AccountNode | None:
    """The account above it, where that is another one than the chosen one."""
    return None if row.parent_id is None or row.parent_id == here else known_account(row.parent_id)


def _place(text: str | None) -> PropertyPlace | None:
    """Where the page before ended; the first page for what is none."""
    try:
        return PropertyPlace.parse(text) if text else None
    except ValueError:
        return None
