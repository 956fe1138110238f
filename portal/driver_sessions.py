"""The driver's own page of a session: from the card to the receipt, live while something moves."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request, url_for

from accounts.access import ANYONE, Actor
from billing import checkout
from billing.queries import PaymentView, curve_for_payer, payment_by_link, payment_view
from billing.use_cases import change_email, stop_charging
from billing.values import PaymentId, PaymentStage
from charging.queries import CurvePoint
from kit import clock
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _, clock_time, power
from portal.actor import public_page
from portal.driver import blueprint as blueprint  # the session's pages belong to it, and register with it
from portal.driver import words_at_field
from portal.driver_words import heading, hold_words, reason
from portal.hours_words import moment
from portal.live import LivePage, live_page
from portal.payer import remember
from portal.render import go, page
from portal.security import limiter
from stations.values import ShownState

# many phones share one address of their mobile network; the key in the link is nothing to guess
LOOKS = "300 per minute"
DEEDS = "60 per minute"
EVERY_S = 10.0

# stages by the fragment that shows them
FRAGMENTS = {
    PaymentStage.CHECKOUT: "card",
    PaymentStage.PLUG_IN: "plug_in",
    PaymentStage.CHARGING: "charging",
    PaymentStage.STOPPING: "stopping",
    PaymentStage.SETTLING: "settling",
    PaymentStage.PAID: "ended",
    PaymentStage.NOTHING_DUE: "released",
    PaymentStage.NOT_STARTED: "released",
    PaymentStage.DECLINED: "again",
    PaymentStage.ABANDONED: "again",
    PaymentStage.FAILED: "again",
}
WAITING = (PaymentStage.CHECKOUT, PaymentStage.PLUG_IN, PaymentStage.STOPPING, PaymentStage.SETTLING)
WITHOUT_MAIL = (PaymentStage.DECLINED, PaymentStage.ABANDONED, PaymentStage.FAILED)
PLUGGED_IN = (ShownState.CONNECTED, ShownState.OCCUPIED)


@dataclass(frozen=True)
class Look:
    """How a stage is shown. `waiting`: without a script the page loads itself again; `mails`: an address is of use."""

    fragment: str
    heading: str
    reason: str
    hold_words: str
    waiting: bool
    mails: bool


@blueprint.get("/s/<link_key>")
@public_page
@limiter.limit(LOOKS)
def session(link_key: str) -> Response:
    """The session behind a link; whoever holds the link is its payer."""
    payment_id = payment_behind(link_key)
    return remember(session_page(payment_id), payment_id)


@blueprint.post("/s/<link_key>/stop")
@public_page
@limiter.limit(DEEDS)
def stop(link_key: str) -> Response:
    """End the session, or give up the start. When it is over already, the page says so."""
    payment_id = payment_behind(link_key)
    with suppress(Conflict):  # it ended by itself a moment before: what was wanted is so
        stop_charging(Actor.payer(payment_id), payment_id)
    return go(url_for("driver.session", link_key=link_key))


@blueprint.post("/s/<link_key>/give-up")
@public_page
@limiter.limit(DEEDS)
def give_up(link_key: str) -> Response:
    """Not pay after all, while the card was not entered."""
    checkout.cancelled(payment_behind(link_key))
    return go(url_for("driver.session", link_key=link_key))


@blueprint.post("/s/<link_key>/email")
@public_page
@limiter.limit(DEEDS)
def email(link_key: str) -> Response:
    """Enter or correct the address that link and receipt go to."""
    payment_id = payment_behind(link_key)
    wanted = request.form.get("email", "")
    try:
        change_email(Actor.payer(payment_id), payment_id, wanted)
    except Invalid as invalid:
        errors = {name: words_at_field(name, problem) for name, problem in invalid.fields.items()}
        return session_page(payment_id, email=wanted, errors=errors)
    return go(url_for("driver.session", link_key=link_key, saved="yes", _anchor="mail"))


@blueprint.get("/s/<link_key>/stop")
@blueprint.get("/s/<link_key>/give-up")
@blueprint.get("/s/<link_key>/email")
@public_page
def deed(link_key: str) -> Response:
    """A deed's address opened anew, by the browser's history or a change of language, shows the session."""
    return go(url_for("driver.session", link_key=link_key, lang=request.args.get("lang")))


@live_page(blueprint, "/s/<link_key>/live", every_s=EVERY_S, public=True)
def live(link_key: str) -> LivePage:
    """The moving part of the page, pushed whenever the payment, its session or its station has news."""
    context = shown(payment_behind(link_key))
    return LivePage(context["view"].topics, lambda: render_template("driver/_live.html", pushed=True, **context))


def payment_behind(link_key: str) -> PaymentId:
    """The payment of a permanent link. Raises NotFound."""
    payment_id = payment_by_link(ANYONE, link_key)
    if payment_id is None:
        raise NotFound("no_session")
    return payment_id


def session_page(payment_id: PaymentId, *, email: str | None = None, errors: dict[str, str] | None = None) -> Response:
    """The whole page, with what was entered wrongly still in its field."""
    context = shown(payment_id)
    if context["view"].stage is PaymentStage.CHECKOUT:
        checkout.returned(payment_id)  # the provider's notice may be late or lost
        context = shown(payment_id)
    view: PaymentView = context["view"]
    return page(
        "driver/session.html",
        status=422 if errors else 200,
        pushed=False,
        seller=view.seller,
        email=view.email if email is None else email,
        errors=errors or {},
        saved="saved" in request.args and not errors,
        **context,
    )


def shown(payment_id: PaymentId) -> dict[str, Any]:
    """All that the moving part shows, read anew."""
    payer = Actor.payer(payment_id)
    view = payment_view(payer, payment_id)
    points = curve(view, curve_for_payer(payer, payment_id)) if view.session else []
    now = clock.now()
    until = view.plug_in_until
    return {
        "view": view,
        "look": look_of(view),
        "zone": view.terms.time_zone,
        "ends_at": moment(view.ends_at, view.terms.time_zone) if view.ends_at else "",
        "since": moment(view.session.started_at, view.terms.time_zone) if view.session else "",
        "points": points,
        "curve_words": curve_words(view, points),
        "now": now,
        "seconds_left": 0 if until is None else max(0, int((until - now).total_seconds())),
        "seconds": lambda number: timedelta(seconds=number),
    }


def look_of(view: PaymentView) -> Look:
    """The stage as it is shown; with the cable in already, there is nothing to plug in but something to wait for."""
    starting = view.stage is PaymentStage.PLUG_IN and view.connector.state in PLUGGED_IN
    return Look(
        fragment="starting" if starting else FRAGMENTS[view.stage],
        heading=_("Starting") if starting else heading(view),
        reason=reason(view),
        hold_words=hold_words(view),
        waiting=view.stage in WAITING,
        mails=view.stage not in WITHOUT_MAIL,
    )


def curve(view: PaymentView, readings: list[CurvePoint]) -> list[tuple[int, int | None, int | None]]:
    """Readings as the curve takes them: Unix seconds, W, Wh since the start of the session."""
    assert view.session is not None, "no session, no curve"
    start_wh = view.session.meter_start_wh
    return [
        (unix(each.at), each.power_w, None if each.energy_wh is None else max(0, each.energy_wh - start_wh))
        for each in readings
    ]


def unix(instant: datetime) -> int:
    """Whole seconds since 1970."""
    return int(instant.timestamp())


def curve_words(view: PaymentView, points: list[tuple[int, int | None, int | None]]) -> str:
    """The curve for whoever does not see it."""
    powers = [power_w for _at, power_w, _wh in points if power_w is not None]
    if view.session is None or not powers:
        return ""
    zone = view.terms.time_zone
    return _(
        "Power from %(start)s to %(end)s: at most %(most)s, last %(last)s.",
        start=clock_time(view.session.started_at, zone),
        end=clock_time(view.session.ended_at or view.session.read_at, zone),
        most=power(max(powers)),
        last=power(powers[-1]),
    )
