"""Journeys: a real browser against a live server, every page visited checked for accessibility.

    def test_an_officer_screens(page, sign_in, check_page, cast): ...

`page` is a Playwright page at 1280 × 900 (`phone` one at 390 × 844) that fails the test on script errors and blocked content.
`sign_in("officer")` goes through `/demo/`. `check_page(page)` fails on any WCAG 2.2 AA violation, sideways scrolling, inline style,
dead in-page link, or a page without one h1 and a title; a page built just like one that axe has passed is not shown to axe again.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings
from django.urls import clear_url_caches
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in the test's thread

AXE = Path(django_settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW_RULES = ["target-size", "scrollable-region-focusable"]
"""What a narrower page may break; the rest of axe's rules do not look at the width."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

STRUCTURE = """() => {
  const faults = []
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (wide > 0) faults.push(`the page scrolls sideways by ${wide} px`)
  const h1s = document.querySelectorAll('h1').length
  if (h1s !== 1) faults.push(`${h1s} h1 instead of one`)
  if (!/ – Pumphouse$/.test(document.title)) faults.push(`the title is "${document.title}"`)
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const id = link.getAttribute('href').slice(1)
    if (id && !document.getElementById(id)) faults.push(`#${id} leads nowhere`)
  }
  for (const styled of document.querySelectorAll('[style]')) {
    if (!styled.closest('svg')) faults.push(`inline style on <${styled.localName}>`)
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id)
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) faults.push(`id "${id}" twice`)
  return faults
}"""

SKELETON = """() => {
  const spoken = /^(id|for|name|class|role|type|scope|lang|tabindex|autocomplete|aria-.*)$/
  const described = element => {
    let depth = 0
    for (let above = element.parentElement; above; above = above.parentElement) depth++
    const attributes = [...element.attributes].map(({name, value}) => name + '=' + (spoken.test(name) ? value : Boolean(value)))
    const says = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
    return [depth, element.localName, ...attributes, says].join(' ').replace(/[0-9]+/g, '0')
  }
  const lines = [innerWidth, ...[...document.body.querySelectorAll('*')].map(described)]
  return lines.filter((line, place) => line !== lines[place - 1]).join('\\n')
}"""
"""A page without its words and figures: all that axe's rules look at, as our colours come from classes."""


def _chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def demo_mode(settings) -> None:
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.journeys.urls"
    clear_url_caches()


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, javascript=False)`: a page of its own session, watched for errors."""
    troubles: list[str] = []
    contexts = []

    def opened(*, width: int = 1280, height: int = 900, javascript: bool = True) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": height}, java_script_enabled=javascript)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error at {page.url}: {error}"))
        page.on("console", lambda said: _note(said, page, troubles))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def _note(said, page: Page, troubles: list[str]) -> None:
    """Only what the browser refused or warns of; that a page answered 4xx is a test's own business."""
    if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
        troubles.append(f"{said.type} at {page.url}: {said.text}")


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


@pytest.fixture
def phone(open_page) -> Page:
    return open_page(width=390, height=844)


@pytest.fixture
def sign_in(cast, page: Page) -> Callable[..., Page]:
    """`sign_in("officer")` on the page at hand, or `sign_in("officer", other_page)`, as a person would on the demo's page."""

    def signed_in(who: str, on: Page | None = None) -> Page:
        there = on or page
        there.goto("/demo/")
        there.locator(f'form:has(input[name="who"][value="{who}"]) button, button[name="who"][value="{who}"]').first.click()
        expect(there.locator(".masthead__person")).to_contain_text(cast[who].name)
        return there

    return signed_in


@pytest.fixture
def clock() -> Iterator[Callable[[datetime], None]]:
    """`clock(moment)` sets the house's clock, which ticks from there; the browser keeps its own."""
    with ExitStack() as travels:
        yield lambda moment: travels.enter_context(time_machine.travel(moment))


@pytest.fixture(scope="session")
def check_page() -> Callable[..., None]:
    script = AXE.read_text()
    seen: set[tuple[str, ...]] = set()

    def checked(page: Page, *, rules: list[str] = RULES, kind: str = "tag") -> None:
        page.wait_for_load_state("load")
        faults = page.evaluate(STRUCTURE)
        assert faults == [], f"{page.url}: {faults}"
        built = (page.evaluate(SKELETON), *rules)
        if built in seen:
            return
        page.evaluate(f"window.axe || (() => {{ {script} }})()")
        options = {"runOnly": {"type": kind, "values": rules}, "resultTypes": ["violations"], "preload": False}
        found = page.evaluate("options => axe.run(document, options)", options)
        faults = [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}" for one in found["violations"]]
        assert faults == [], f"{page.url}: {faults}"
        seen.add(built)

    return checked


@pytest.fixture(scope="session")
def check_phone_too(check_page) -> Callable[[Page], None]:
    """The page as it is, and again at 320 px as far as the width matters."""

    def checked(page: Page) -> None:
        check_page(page)
        size = page.viewport_size
        page.set_viewport_size({"width": 320, "height": 800})
        check_page(page, rules=NARROW_RULES, kind="rule")
        page.set_viewport_size(size)

    return checked
