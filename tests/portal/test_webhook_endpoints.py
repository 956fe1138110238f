"""Webhooks in the browser: set one up, test it, read its log, send a message again."""

from dataclasses import replace

import wsgi
from kit import settings, worker
from tests.people import People
from tests.portal.desk import at_a_desk
from tests.webhooks.listening import listening


def test_an_endpoint_is_set_up_tested_and_looked_into(people: People, program: settings.Settings) -> None:
    chosen = replace(program, webhook_private_addresses=True)
    desk = at_a_desk(wsgi.create_app(chosen), people.alice_login.user.email)
    with listening() as listener:
        assert "https://" in desk.post("/webhook-endpoints", url="nonsense", SESSION_ENDED="1").html
        assert desk.post("/webhook-endpoints", url=listener.url).status == 422, "nothing chosen"
        desk.post("/webhook-endpoints", url=listener.url, name="Buchhaltung", SESSION_ENDED="1")
        listed = desk.get("/webhook-endpoints").html
        assert "Buchhaltung" in listed
        path = listed.split('class="row-title text-break" href="')[1].split('"')[0]
        page = desk.get(path).html
        assert "whsec_" in page
        sent = desk.post(f"{path}/ping", at=path)
        worker.drain()
        listener.status = 500
        log = desk.get(sent.headers["Location"]).html
        assert "Arrived" in log
        assert "&#34;type&#34;:&#34;ping&#34;" in log
        desk.post(sent.headers["Location"] + "/replay", at=sent.headers["Location"])
        worker.drain()
        assert len(listener.calls) == 2
        assert "500" in desk.get(path).html
        desk.post(f"{path}/switch", at=path, on="0")
        assert "Switched off" in desk.get(path).html
        desk.post(f"{path}/remove", at=path)
        assert desk.get(path).status == 404
