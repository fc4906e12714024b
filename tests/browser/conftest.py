"""The app in a real browser: one server for all browser tests, a fresh browser context for each."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tools import chromium
from tools.server import running_app


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    path = chromium.find()
    assert path is not None, chromium.MISSING
    return {"executable_path": path, "args": chromium.arguments()}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """One for all tests that need no other: with its cache a page opens in half the time."""
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("app") / "app.log"
    with running_app(log) as url:
        yield url
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(autouse=True)
def no_errors_in_the_page(page: Page) -> Iterator[None]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield
    assert errors == []
