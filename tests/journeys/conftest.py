"""Journeys: a real browser against a live server, every page visited checked for accessibility.

    def test_an_officer_screens(page, sign_in, check_page, cast): ...

`page` is a Playwright page at 1440 × 900 (`phone` one at 390 × 844) that fails the test on script errors and blocked content.
`sign_in("officer")` gives the page that person's session. `check_page(page)` fails on any WCAG 2.2 AA violation, sideways scrolling,
inline style, dead in-page link, or a page without one h1 and a title (accessibility.py).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.test import Client
from django.urls import clear_url_caches
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys import accessibility
from tests.journeys.accessibility import NARROW_RULES, RULES

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in the test's thread

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def _chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True, scope="session")
def static_files_are_kept() -> Iterator[None]:
    """The browser need not ask for the style sheet again on every page: as behind the service's own server."""
    with pytest.MonkeyPatch.context() as patch:
        serve = StaticFilesHandlerMixin.serve

        def kept(self, request):
            response = serve(self, request)
            response.headers["Cache-Control"] = "public, max-age=3600"
            return response

        patch.setattr(StaticFilesHandlerMixin, "serve", kept)
        yield


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

    def opened(*, width: int = 1440, height: int = 900, javascript: bool = True) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": height}, java_script_enabled=javascript)
        context.set_default_timeout(30_000)
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
def sign_in(cast, page: Page, live_server) -> Callable[..., Page]:
    """`sign_in("officer")` on the page at hand, or `sign_in("officer", other_page)`: whoever was there is gone, the page stays."""

    def signed_in(who: str, on: Page | None = None) -> Page:
        there = on or page
        client = Client()
        client.force_login(cast[who])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        there.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return there

    return signed_in


@pytest.fixture
def clock() -> Iterator[Callable[[datetime], None]]:
    """`clock(moment)` sets the house's clock, which ticks from there; the browser keeps its own."""
    with ExitStack() as travels:
        yield lambda moment: travels.enter_context(time_machine.travel(moment))


@pytest.fixture(scope="session")
def check_page() -> Callable[..., None]:
    checked = accessibility.Checked()
    return lambda page, *, rules=RULES, kind="tag": checked.check(page, rules, kind)


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
