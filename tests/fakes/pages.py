"""What every test of a page does first: signs in through the form, and notes what the page gets wrong."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.fakes.http_centre import PASSWORD, Centre

PHONE = {"width": 390, "height": 780}
PLAIN: dict[str, Any] = {
    "locale": "vi-VN",
    "viewport": {"width": 1280, "height": 800},
    "reduced_motion": "reduce",  # flights of the map are drawn by the processor that is measured
}


async def page_in(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what will break its policy or fail in its code."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.text.startswith("policy") else None)
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"
    )
    return page, faults


def complaints_of(page: Page) -> list[str]:
    """What the page's console will complain of."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


async def sign_in(page: Page, who: str) -> None:
    """Through the form that the page shows, as a person does."""
    await page.fill("input[name=user]", who)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")


async def wall(chrome: Browser, centre: Centre, who: str, **context: Any) -> tuple[Page, list[str]]:
    """A person's wall, live; and what broke the page's policy or failed in its code."""
    page, faults = await page_in(await chrome.new_context(**PLAIN | context))
    await page.goto(centre.url + "/signin")
    await sign_in(page, who)
    await page.wait_for_selector("body[data-live=live]")
    return page, faults


def row(page: Page, incident: str) -> Any:
    """An incident in the list beside the map."""
    return page.locator(f"li[data-incident='{incident}']")


async def opened(page: Page, incident: str) -> None:
    """An incident in the panel, with its steps."""
    await row(page, incident).click()
    await page.locator(".deeds button").first.wait_for()
