"""An empty installation: from the link on the console to the first mail that arrives."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Running
from tests.mail import sink
from tracker.services import start

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("demo", [False])
@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "none"])
def test_the_whole_first_start(running: Running, browser: Browser, scripts: bool) -> None:
    context = browser.new_context(locale="nb-NO", java_script_enabled=scripts)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{running.url}/oppgaver")
    expect(page.get_by_role("heading", level=1, name="Kom i gang")).to_be_visible()
    page.get_by_label("Eller lim inn lenken her").fill(start.link(running.program.links, running.clock()))
    page.get_by_role("button", name="Fortsett").click()

    page.get_by_label("Navn på rådet eller foreningen").fill("Ærfjord interkommunale råd")
    page.get_by_role("button", name="Fortsett").click()
    expect(page.get_by_role("link", name="Skriv navnet på organet.")).to_be_visible()
    expect(page.get_by_label("Navn på rådet eller foreningen")).to_have_value("Ærfjord interkommunale råd")
    page.get_by_label("Navn på det første organet").fill("Ærfjordrådet")
    page.get_by_role("button", name="Fortsett").click()

    page.get_by_role("link", name="Tilbake").click()
    expect(page.get_by_label("Navn på det første organet")).to_have_value("Ærfjordrådet")
    page.get_by_role("button", name="Fortsett").click()
    page.get_by_label("Navn", exact=True).fill("Åse Øy")
    page.get_by_label("E-postadresse").fill("ase@aerfjord.example")
    page.get_by_role("button", name="Fortsett").click()

    with sink.running() as server:
        page.get_by_label("E-posttjener").fill("127.0.0.1")
        page.get_by_label("Sikring").select_option("none")
        page.get_by_label("Port").fill(str(server.port))
        page.get_by_label("Avsenderadresse").fill("oppfolging@aerfjord.example")
        expect(page.get_by_label("Send en prøve til")).to_have_value("ase@aerfjord.example")
        server.on_rcpt = lambda _address: "550 5.7.1 relay denied"
        page.get_by_role("button", name="Send prøve-e-post").click()
        expect(page.get_by_role("alert")).to_contain_text("Adressen finnes ikke hos mottakeren (550).")
        server.on_rcpt = lambda _address: None
        page.get_by_role("button", name="Send prøve-e-post").click()
        expect(page.get_by_text("E-posttjeneren tok imot prøven.")).to_be_visible()
        page.get_by_role("button", name="Lagre").click()
        expect(page.get_by_text("E-posten går ut slik fra nå av.")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("referat")

        other = browser.new_context(locale="nb-NO", java_script_enabled=scripts).new_page()
        other.goto(running.url)
        other.get_by_label("E-postadresse").fill("ase@aerfjord.example")
        other.get_by_role("button", name="Send meg en lenke").click()
        running.tick()
        mail = server.mails[-1]
        text = mail.get_body(("plain",))
        assert text is not None
        link = re.search(r"http\S+/inn/\S+", text.get_content())
        assert link is not None
        other.goto(link[0])
        other.get_by_role("main").get_by_role("button", name="Logg inn").click()
        expect(other.get_by_role("heading", level=1, name="Mine oppgaver")).to_be_visible()
        other.context.close()
    context.close()
