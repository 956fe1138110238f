"""Who did what in the chosen account and below it: read and searched, line by line."""

from flask import Blueprint, Response

from accounts import queries
from accounts.devices import device_name
from accounts.rights import Right
from kit.deeds import words_of
from portal import audit_words
from portal.actor import current_account_id, current_actor, need_in_whole
from portal.audit_filter import asked, audit_filter, before
from portal.render import page

blueprint = Blueprint("audit", __name__)
for name in ("thing_words", "surface_words", "differences", "kind_words"):
    blueprint.add_app_template_filter(getattr(audit_words, name), name)
blueprint.add_app_template_filter(words_of, "deed")
blueprint.add_app_template_filter(device_name, "device")


@blueprint.get("/audit")
def overview() -> Response:
    """A page of the lines, newest first, narrowed by person, deed, thing and time."""
    account_id = current_account_id()
    need_in_whole(Right.VIEW_AUDIT, account_id)
    shown = queries.audit_lines(current_actor(), audit_filter(), before=before())
    choices = queries.audit_choices(current_actor(), account_id)
    return page(
        "audit/list.html",
        fragment="audit/_list.html",
        shown=shown,
        newest=before() is None,
        asked=asked(),
        names=audit_words.actor_names({*choices.actors, *(row.actor for row in shown.rows)}),
        actors=choices.actors,
        doors=sorted(choices.doors, key=words_of),
        anchor=queries.audit_anchor(current_actor(), account_id),
        account_id=account_id,
    )
