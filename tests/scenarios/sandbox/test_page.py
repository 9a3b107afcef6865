"""The sandbox's page, as somebody uses it who has never seen the bot."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from bot.texts.languages import GERMAN
from tests.scenarios.sandbox.conftest import PATIENCE, Visit, visiting
from tests.unit.uploads.recordings.synthesis import wav

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=PATIENCE)
HURT = "<img src=x onerror=alert(1)>"


async def test_a_newcomer_looks_around_with_the_keyboard(visit: Visit) -> None:
    """The first answer is there; commands are completed, lists have pages, details open and close."""
    await expect(visit.newest).to_contain_text("calls with acme.com")
    await expect(visit.newest).to_contain_text("Only visible to you")
    await expect(visit.text).to_be_focused()
    await visit.text.press_sequentially("/kickscale ca")
    await expect(visit.options).to_have_count(2)
    await expect(visit.options.first).to_contain_text("calls with a customer")
    for key in ("ArrowDown", "Enter"):
        await visit.text.press(key)
    await expect(visit.text).to_have_value("/kickscale calls ")
    await visit.text.press_sequentially("acme.com 30d")
    await visit.text.press("Enter")
    older = visit.newest.get_by_role("button", name="Older")
    await older.focus()
    await older.press("Enter")
    await expect(visit.newest.get_by_role("button", name="Newer")).to_be_visible()
    details = visit.newest.get_by_role("button", name=re.compile("Details")).first
    await details.focus()
    await details.press("Enter")
    await expect(visit.dialog).to_contain_text("Summary")
    await visit.page.keyboard.press("Escape")
    await expect(visit.dialog).to_have_count(0)
    await expect(details).to_be_focused()


async def test_what_the_bot_did_is_shown(visit: Visit) -> None:
    """For an answer, in a modal, and in a private message; with the requests and how long each took."""
    await visit.page.get_by_role("link", name=re.compile("What the bot did · ")).click()
    for part in ("Robin Rep typed", "Acknowledged in", "Kickscale", "GET /calls", "customerDomain=acme.com", " ms"):
        await expect(visit.panel).to_contain_text(part)
    await visit.page.get_by_role("button", name=re.compile("Details")).first.click()
    await visit.dialog.get_by_text("What the bot did").click()
    await expect(visit.dialog).to_contain_text("views.open")
    await visit.dialog.get_by_role("button", name="Transcript").click()
    await expect(visit.dialog).to_contain_text("direct message")
    await visit.page.keyboard.press("Escape")
    await expect(visit.dialog).to_contain_text("Summary")
    await visit.page.keyboard.press("Escape")
    direct = visit.page.get_by_role("link", name="Kickscale new messages")
    await direct.click()
    await expect(visit.newest.locator(".file")).to_contain_text("TEXT")
    await visit.type("status")
    await expect(visit.newest).to_contain_text("Everything's working")


async def test_what_is_shared_is_there_for_everybody(visit: Visit) -> None:
    """And a thread is open to all; what somebody types stays while others write."""
    await visit.press("Share in channel")
    await expect(visit.newest).not_to_contain_text("Only visible to you")
    await visit.text.fill("not finished")
    await visit.text.evaluate("box => box.setSelectionRange(3, 3)")
    visit.sandbox.slack.say("lea.lead", "sales-acme", "Good news")
    await expect(visit.newest).to_contain_text("Good news")
    await expect(visit.text).to_be_focused()
    await expect(visit.text).to_have_value("not finished")
    assert await visit.text.evaluate("box => box.selectionStart") == 3
    await visit.newest.hover()
    await visit.newest.get_by_role("link", name="Reply").click()
    await visit.panel.get_by_role("textbox").fill("Thanks!")
    await visit.panel.get_by_role("textbox").press("Enter")
    await expect(visit.panel.get_by_role("article")).to_have_count(2)
    await expect(visit.page.locator(".open-thread")).to_have_text("1 reply")
    await visit.text.focus()
    visit.sandbox.slack.say("lea.lead", "sales-acme", "More news")
    await expect(visit.newest).to_contain_text("More news")
    await expect(visit.text).to_be_focused()


async def test_a_recording_is_dropped_and_analysed(visit: Visit) -> None:
    """Its name and what is entered in the form may be hostile: they stay text."""
    await visit.drop(f"{HURT}.wav", wav(3))
    await expect(visit.page.locator("#staged")).to_contain_text(HURT)
    await visit.text.press("Enter")
    await visit.panel.locator(".primary").click()
    await visit.dialog.get_by_label("Call name").fill(f"{HURT} & more")
    await visit.dialog.get_by_label("Start time").fill("2026-11-26T10:00")
    await visit.dialog.get_by_label("Customer domain").fill("acme.com")
    await visit.dialog.get_by_role("button", name="Upload").click()
    await expect(visit.dialog).to_be_visible()
    await visit.dialog.get_by_role("checkbox").check()
    await visit.dialog.get_by_role("button", name="Upload").click()
    await expect(visit.panel.get_by_text("has been analysed")).to_be_in_viewport()
    await visit.type("/kickscale calls acme.com today")
    await expect(visit.newest).to_contain_text(f"{HURT} & more")
    visit.sandbox.kickscale.change(str(visit.sandbox.kickscale.uploads[0].call_id), {"summary": HURT})
    await visit.newest.get_by_role("button", name=re.compile("Details")).first.click()
    await expect(visit.dialog).to_contain_text(HURT)
    await visit.page.keyboard.press("Escape")
    await expect(visit.dialog).to_have_count(0)
    await visit.type(f"/kickscale search {HURT}")
    await visit.page.locator(".typed", has_text=HURT).get_by_role("link").click()
    await expect(visit.panel).to_contain_text(HURT)


async def test_the_sample_recording_is_offered_at_once(visit: Visit) -> None:
    """In its thread, and what a form lacks is said in it."""
    await visit.press("Share a sample recording")
    await expect(visit.panel).to_contain_text("Pricing with Acme.wav")
    await visit.panel.locator(".primary").click()
    await expect(visit.dialog.get_by_label("Customer domain")).to_have_value("acme.com")
    await visit.dialog.get_by_label("Length").fill("long")
    await visit.dialog.get_by_role("checkbox").check()
    await visit.dialog.get_by_role("button", name="Upload").click()
    await expect(visit.dialog.get_by_role("alert").first).to_contain_text("42:10")
    await visit.dialog.get_by_role("button", name="Close").click()
    await expect(visit.dialog).to_have_count(0)


async def test_tomorrow_the_digest_arrives(visit: Visit) -> None:
    """And live cards. What asks first, asks, and changes nothing without a yes."""
    messages = visit.page.locator("#messages")
    await visit.press("Subscribe to a digest")
    await expect(messages).to_contain_text("added digest d1")
    await visit.type("/kickscale follow acme.com")
    await expect(messages).to_contain_text("added digest d2")
    await visit.press("Tomorrow 8:30")
    await expect(visit.page.locator("#bar time")).to_contain_text("Fri, 27 Nov, 08:3")
    await expect(visit.page.locator("#bar time span")).to_have_text("27 Nov,")  # which a phone has no room for
    await expect(messages).to_contain_text("acme.com: digest for Fri, 27 Nov 2026")
    await expect(messages).to_contain_text("Posted because this channel follows acme.com")
    await visit.type("/kickscale digest list")
    remove = visit.newest.get_by_role("button", name="Remove").first
    await remove.click()
    asking = visit.page.get_by_role("alertdialog")
    await asking.get_by_role("button").first.click()
    await expect(asking).to_have_count(0)
    await remove.click()
    await asking.locator("[type=submit]").click()
    await expect(messages).to_contain_text("removed digest d1")


async def test_the_page_speaks_german(browser: Browser, visit: Visit) -> None:
    """Its own words and the bot's; with a German company, from the start."""
    await visit.press("Deutsch")
    await expect(visit.page.get_by_role("button", name="Morgen 8:30")).to_be_visible()
    await visit.type("/kickscale anrufe acme.com letzte woche")
    await expect(visit.newest).to_contain_text("Nur für dich sichtbar")
    await expect(visit.newest).to_contain_text("Anrufe mit acme.com")
    await expect(visit.page.locator("html")).to_have_attribute("lang", "de")
    async with visiting(browser, company=GERMAN) as german:
        await expect(german.page.locator(".who summary")).to_have_text("Du bist Jana Vogt, im Vertrieb")
        await expect(german.newest).to_contain_text("Anrufe mit acme.com")


@pytest.mark.parametrize(("role", "refusal"), [("guest in a channel", "guests"), ("from another company", "workspace")])
async def test_people_from_outside_are_refused(visit: Visit, role: str, refusal: str) -> None:
    """They see only their channels, and the page suggests no customers to them."""
    await visit.page.locator("summary", has_text="You are").press("Enter")
    await visit.page.get_by_role("link", name=role).press("Enter")
    await expect(visit.page.locator("#channels li")).to_have_count(2)
    await expect(visit.text).to_be_focused()
    await visit.text.fill("/kickscale calls acm")
    await expect(visit.options).to_have_count(0)
    await visit.text.press("Enter")
    await expect(visit.newest).to_contain_text(refusal)
    await expect(visit.newest).not_to_contain_text("Acme")


@pytest.mark.parametrize("how", ["light", "dark", "phone"])
async def test_the_page_has_no_barriers(browser: Browser, how: str) -> None:
    """axe-core finds nothing: with messages, a panel, a modal and suggestions; on a phone nothing is wider than it."""
    viewport = {"width": 390, "height": 780} if how == "phone" else {"width": 1280, "height": 800}
    async with visiting(browser, viewport=viewport, color_scheme="dark" if how == "dark" else "light") as visit:
        await visit.page.get_by_role("link", name=re.compile("What the bot did · ")).click()
        await expect(visit.panel).to_contain_text("GET /calls")
        await look_for_barriers(visit.page)
        await visit.panel.get_by_role("link", name="Close").click()
        await visit.type("/kickscale stats")
        await expect(visit.newest).to_contain_text("All customers")
        await visit.text.press_sequentially("/kickscale ")
        await expect(visit.options.first).to_be_visible()
        await look_for_barriers(visit.page)
        await visit.text.fill("")
        await visit.press("Share a sample recording")
        await visit.panel.locator(".primary").click()
        await expect(visit.dialog).to_contain_text("Call name")
        await look_for_barriers(visit.page)
        assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if how == "phone":
            assert await visit.page.evaluate("document.querySelector('#bar').offsetHeight") <= 76, (
                "where channels begin"
            )


async def look_for_barriers(page: Page) -> None:
    results = await Axe().run(page)
    assert not results.violations_count, results.generate_report()


async def test_what_the_bot_doesnt_hear_is_pointed_out(visit: Visit) -> None:
    """A newcomer types or drops something without a mention, and Slack alone would leave them waiting."""
    alert: Locator = visit.page.locator("#notice")
    await visit.type("calls with acme")
    await expect(alert).to_contain_text("To ask the bot, begin with /kickscale or @Kickscale")
    await expect(visit.text).to_have_value("")
    await visit.drop("call.wav", wav(1))
    await visit.type("our call")
    await expect(alert).to_contain_text("click Upload to Kickscale at its message")
    await visit.type("@Kickscale help")
    await expect(visit.newest).to_contain_text("Examples")
    await expect(alert).to_be_empty()


async def test_a_button_that_is_gone_says_so(visit: Visit) -> None:
    """In a sentence, as everything that Slack's client wouldn't do."""
    await visit.type("/nosuch")
    alert: Locator = visit.page.locator("#notice")
    await expect(alert).to_have_text("/nosuch isn't a command here. Try /kickscale help.")
    await expect(visit.text).to_have_value("/nosuch")
    await visit.type("/kickscale help")
    await expect(visit.newest).to_contain_text("Examples")
    await expect(alert).to_be_empty()
