"""A new partner: registers, is trained, is found and invited for two stations and fourteen days, puts one into service
with a real charger, and is out again by itself. A real server, a real charger, a real browser.
"""

from datetime import timedelta
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from accounts.access import SYSTEM
from accounts.models import Grant
from accounts.rights import Role
from accounts.use_cases import create_api_token, make_staff
from charging.use_cases import add_tag
from kit import clock, db
from tests import make
from tests.browser import PHONE, fits, window
from tests.charger import IN_A_HURRY, charger, plan
from tests.made import MadeStation, Owned
from tests.stories.program import Program, program
from tests.stories.test_one_charging_session import pdf_behind

ASKS = """query($own: UUID!, $station: UUID!) {
    installations(accountId: $own) { stationName endsAt reportedAt }
    commissioning(stationId: $station) { checks { check state } reports { passed } } }"""


def sign_in(page: Page, running: Program, email: str) -> Page:
    """Open the portal."""
    page.goto(f"{running.url}/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", make.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def registers(page: Page, running: Program) -> None:
    """The company says what it does; on a phone."""
    page.goto(f"{running.url}/partner/profile")
    page.get_by_label("What you do").fill("Garages of any size.")
    page.get_by_label("E-mail").fill("office@muster-elektro.example")
    page.get_by_label("Deutsch", exact=True).check()
    page.get_by_label("Uri", exact=True).check()
    page.get_by_role("button", name="Become a partner").click()
    expect(page.get_by_text("waits for a training")).to_be_visible()
    assert fits(page)


def is_trained(page: Page, running: Program) -> None:
    """Staff notes the training."""
    page.goto(f"{running.url}/platform/partners")
    page.get_by_label("Trained until").fill((clock.now() + timedelta(days=365)).date().isoformat())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The training is noted.")).to_be_visible()


def is_found_and_invited(page: Page, running: Program) -> None:
    """The operator looks for somebody in Uri and gives access to both stations for the usual fourteen days."""
    page.goto(f"{running.url}/partners")
    page.get_by_role("link", name="Uri: 1").click()
    page.get_by_role("link", name="Muster Elektro AG").click()
    page.get_by_role("link", name="Give access to stations").click()
    page.get_by_label("Garage (").check()
    page.get_by_label("Hof (").check()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Muster Elektro AG is asked by mail.")).to_be_visible()
    assert fits(page)


def puts_into_service(page: Page, running: Program, garage: MadeStation) -> None:
    """The partner agrees, follows the checks while the charger comes and charges, and signs."""
    page.goto(f"{running.url}/partner/installations")
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("link", name="Garage", exact=True).click()
    expect(page.get_by_text(garage.identity).first).to_be_visible()
    plans = plan(garage.identity, garage.password)
    with charger(running.socket_url, plans, habits=IN_A_HURRY) as box:
        expect(page.locator("[data-check=status][data-state=passed]")).to_be_visible()
        box.present("04AABBCC")
        box.wait_for_transaction()
        box.wait_for(lambda: box.plug().register_wh > 1_100)
        box.stop()
        box.wait_until_told()
        expect(page.locator("[data-check=meter][data-state=passed]")).to_be_visible()
    expect(page.locator("[data-state=passed]")).to_have_count(6)
    page.get_by_label("Remarks").fill("Breaker 3.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. The operator is told.")).to_be_visible()
    assert fits(page)


def asks(running: Program, company: Owned, secret: str, station: MadeStation) -> dict[str, object]:
    """The partner's program."""
    body = {"query": ASKS, "variables": {"own": str(company.id), "station": str(station.id)}}
    headers = {"Authorization": f"Bearer {secret}"}
    answer: dict[str, object] = requests.post(f"{running.url}/graphql", json=body, headers=headers, timeout=10).json()
    return answer


def test_a_new_partner_puts_a_station_into_service(browser: Browser, tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        operator = make.account(name="Immobilien Uri AG", language="en")
        garage, _yard, other = (
            make.station(owner=operator.owner, property=operator.account, name=name, max_power_w=700_000)
            for name in ("Garage", "Hof", "Nebenan")
        )
        add_tag(operator.owner, operator.id, "04AABBCC", name="Hauswart")
        company = make.account(name="Muster Elektro AG", language="en")
        staff = make.login(account=make.account(name="Plattform", language="en").account, role=Role.VIEWER)
        make_staff(SYSTEM, email=staff.email)
        with window(browser, PHONE) as installer:
            registers(sign_in(installer, running, company.login.email), running)
            with window(browser) as console:
                is_trained(sign_in(console, running, staff.email), running)
            with window(browser) as desk:
                is_found_and_invited(sign_in(desk, running, operator.login.email), running)
                puts_into_service(installer, running, garage)
                desk.goto(f"{running.url}/stations/{garage.id}/commissioning")
                report = pdf_behind(desk, "Garage (PDF)")
            for part in ("Muster Elektro AG", "Immobilien Uri AG", "Breaker 3.", garage.identity, "Meter plausible"):
                assert part in report, f"{part} is missing in the report"
            secret = create_api_token(company.owner, company.id, name="Werkzeug").secret
            told = asks(running, company, secret, garage)
            assert "errors" not in told, told
            data = told["data"]
            assert isinstance(data, dict)
            assert {one["stationName"] for one in data["installations"]} == {"Garage", "Hof"}
            assert data["commissioning"]["reports"] == [{"passed": True}]
            assert "errors" in asks(running, company, secret, other)
            fourteen_days_pass(company)
            installer.goto(f"{running.url}/partner/installations")
            expect(installer.get_by_text("No installations now")).to_be_visible()
            assert installer.request.get(f"{running.url}/stations/{garage.id}").status == 404
            assert "errors" in asks(running, company, secret, garage)


def fourteen_days_pass(company: Owned) -> None:
    """The server's clock is not ours to move, so the end comes to the grant."""
    with db.transaction(writing=True) as unit:
        mine = Grant.holder_id == company.id
        (ends_at,) = unit.session.scalars(select(Grant.ends_at).where(mine))
        assert ends_at is not None
        assert timedelta(days=13) < ends_at - clock.now() < timedelta(days=16)
        unit.session.execute(update(Grant).where(mine).values(ends_at=clock.now()))
