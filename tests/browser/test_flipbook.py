"""The flipbook as a person meets it, in a page that knows nothing of Streamlit: a kernel slides on a strip."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from conv_engine.sizes import plan_axis
from ui.axis_figure import axis_svg, axis_words
from ui.flipbook import Drawing, pack_flipbook

ROOT = Path(__file__).resolve().parents[2]

HEAD = '<!doctype html><meta name="viewport" content="width=device-width">'

MOUNT = """async ([code, message]) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const { mountPlain } = await import(url);
    window.reports = [];
    const root = document.querySelector(".flipbook-root");
    const { receive } = mountPlain(root, message, (page) => window.reports.push(page));
    window.receive = receive;
}"""


def book(size: int = 9) -> list[Drawing]:
    """The pages of a strip: on page number n the kernel has made n + 1 cells."""
    axis = plan_axis(size, 3)
    return [
        Drawing(axis_svg(axis, step, False), axis_svg(axis, step, False, narrow=True), axis_words(axis, step))
        for step in range(axis.out)
    ]


class BookPage:
    """A flipbook in a plain page."""

    def __init__(self, page: Page, drawings: list[Drawing], start: int = 0) -> None:
        self.page = page
        self.drawings = drawings
        page.set_content(f"{HEAD}<div class='flipbook-root'></div><p>below</p>")
        page.add_style_tag(path=ROOT / "assets/flipbook/flipbook.css")
        code = (ROOT / "assets/flipbook/flipbook.bundle.js").read_text(encoding="utf-8")
        page.evaluate(MOUNT, [code, self.message(drawings, start)])
        self.box = page.get_by_test_id("flipbook")
        self.sheet = page.get_by_test_id("flipbook-page")
        self.slider = page.get_by_test_id("flipbook-slider")
        self.words = page.get_by_test_id("flipbook-words")

    def message(self, drawings: list[Drawing], start: int = 0, turn: int = 0) -> str:
        return base64.b64encode(pack_flipbook(drawings, "A strip", start, turn)).decode()

    def send(self, drawings: list[Drawing], start: int = 0, turn: int = 0) -> None:
        self.drawings = drawings
        self.page.evaluate("message => window.receive(message)", self.message(drawings, start, turn))

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        # At an end a button is dimmed, but can be pressed: it keeps the focus.
        self.button(name).click(force=True)

    def shows(self, number: int) -> None:
        """Expect this page, its words, and nothing else."""
        expect(self.words).to_have_text(self.drawings[number].words)
        expect(self.sheet.locator("svg")).to_have_count(1)
        expect(self.sheet.locator(".made")).to_have_count(number + 1)
        expect(self.slider).to_have_value(str(number))

    def reports(self) -> list[int]:
        found: list[int] = self.page.evaluate("() => window.reports")
        return found

    def rests(self, *reports: int) -> None:
        """Wait until these pages have been reported, and expect no other."""
        self.page.wait_for_function("count => window.reports.length >= count", arg=len(reports))
        assert self.reports() == list(reports)


@pytest.fixture
def flip(page: Page) -> BookPage:
    return BookPage(page, book())


def test_buttons_step_and_the_ends_are_ends(flip: BookPage) -> None:
    flip.shows(0)
    for name, number in (
        ("Step back", 0),
        ("Step forward", 1),
        ("Step forward", 2),
        ("Step back", 1),
        ("To end", 6),
        ("Step forward", 6),
        ("To start", 0),
    ):
        flip.press(name)
        flip.shows(number)
    expect(flip.button("Step back")).to_have_attribute("aria-disabled", "true")
    expect(flip.button("Step forward")).to_have_attribute("aria-disabled", "false")


def test_keys_are_those_of_the_stage(flip: BookPage) -> None:
    flip.sheet.focus()
    for key, number in (("ArrowRight", 1), ("Shift+ArrowRight", 2), ("ArrowLeft", 1), ("End", 6), ("Home", 0)):
        flip.page.keyboard.press(key)
        flip.shows(number)
    flip.page.keyboard.press(" ")
    expect(flip.button("Pause")).to_be_visible()
    flip.page.keyboard.press(" ")
    expect(flip.button("Play")).to_be_visible()
    # On the slider the arrows are its own, and mean the same.
    flip.page.keyboard.press("Home")
    flip.slider.focus()
    flip.page.keyboard.press("ArrowRight")
    flip.shows(1)


def test_all_is_reached_by_tab_and_has_a_name(flip: BookPage) -> None:
    reached = []
    for _ in range(7):
        flip.page.keyboard.press("Tab")
        reached.append(
            flip.page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName"
            )
        )
    assert reached[0].startswith("A strip: drawing.")
    assert reached[1:] == ["To start", "Step back", "Play", "Step forward", "To end", "Step"]


def test_a_play_goes_to_the_end_and_is_reported_and_read_out_only_there(page: Page) -> None:
    flip = BookPage(page, book(5))
    flip.press("Play")
    expect(flip.words).to_have_attribute("aria-live", "off")
    flip.shows(1)
    flip.shows(2)
    expect(flip.button("Play")).to_be_visible()
    expect(flip.words).to_have_attribute("aria-live", "polite")
    flip.rests(2)
    # From the end it begins again.
    flip.press("Play")
    flip.shows(0)
    flip.press("Pause")
    flip.rests(2, 0)


def test_quick_steps_are_one_report(flip: BookPage) -> None:
    flip.sheet.focus()
    for _ in range(5):
        flip.page.keyboard.press("ArrowRight")
    flip.shows(5)
    flip.rests(5)


def test_what_stands_below_does_not_move(page: Page) -> None:
    flip = BookPage(page, book(40))
    page.set_viewport_size({"width": 390, "height": 844})
    below = page.get_by_text("below", exact=True)
    places = set()
    for name in ("To start", "Step forward", "To end"):
        flip.press(name)
        box = flip.box.get_by_role("slider").bounding_box()
        assert box is not None
        places.add(round(box["y"]))
    assert len(places) == 1
    expect(below).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_narrow_screen_has_the_narrow_drawing(flip: BookPage) -> None:
    expect(flip.sheet.locator("svg")).to_have_attribute("width", "760")
    flip.page.set_viewport_size({"width": 390, "height": 844})
    expect(flip.sheet.locator("svg")).to_have_attribute("width", "360")
    assert flip.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    flip.page.set_viewport_size({"width": 1440, "height": 900})
    expect(flip.sheet.locator("svg")).to_have_attribute("width", "760")


def test_another_book_is_open_where_the_last_one_was(flip: BookPage) -> None:
    flip.press("To end")
    flip.rests(6)
    flip.send(book(12))
    flip.shows(6)
    flip.send(book(6))
    flip.shows(3)
    flip.rests(6, 3)
    flip.send(book(6), start=1, turn=1)
    flip.shows(1)
    assert flip.reports() == [6, 3], "where it was sent is known there"


def test_a_book_can_be_open_at_another_page_at_first(page: Page) -> None:
    BookPage(page, book(), start=4).shows(4)


def test_one_page_has_nothing_to_play(page: Page) -> None:
    flip = BookPage(page, book(3))
    flip.press("Play")
    flip.shows(0)
    expect(flip.button("Play")).to_have_attribute("aria-disabled", "true")


def test_a_drawing_cannot_act(page: Page) -> None:
    acting = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="window.acted = 1">'
        "<script>window.acted = 1</script><foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' "
        "srcdoc='&lt;script&gt;parent.acted = 1&lt;/script&gt;'/></foreignObject>"
        '<a href="javascript:window.acted = 1"><rect class="made" width="9" height="9"/></a>'
        '<rect class="made" width="9" height="9" onclick="window.acted = 1"/></svg>'
    )
    flip = BookPage(page, [Drawing(acting, acting, "<img src=x onerror='window.acted = 1'>")])
    flip.shows(0)
    flip.sheet.locator("rect").click()
    assert page.evaluate("() => window.acted") is None
    expect(flip.words).to_have_text("<img src=x onerror='window.acted = 1'>")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bar_can_be_read_in_both_themes(browser: Browser, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    flip = BookPage(page, book())
    page.add_style_tag(content=":root { color-scheme: light dark }")
    ground, text = (
        flip.page.evaluate("([part, what]) => getComputedStyle(document.querySelector(part))[what]", [part, what])
        for part, what in ((".flipbook-root", "backgroundColor"), (".flipbook", "color"))
    )
    assert (ground, text) == (
        ("rgb(255, 255, 255)", "rgb(22, 32, 44)")
        if scheme == "light"
        else ("rgb(15, 20, 27)", "rgb(238, 242, 247)")
    )
    page.close()


def test_in_the_app_its_place_is_in_the_address_and_survives_another_stride(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/stride_and_padding?step=2")
    box = page.get_by_test_id("flipbook")
    expect(box).to_have_attribute("data-page", "2", timeout=30_000)
    box.get_by_role("button", name="Step forward", exact=True).click()
    page.wait_for_url(re.compile(r"step=3(&|$)"))
    stride = page.get_by_test_id("stMain").get_by_role("spinbutton", name="Stride", exact=True)
    stride.press("ArrowUp")
    stride.press("Enter")
    page.wait_for_url(re.compile(r"s=2x2"))
    # 24 pixels of the strip, kernel 3, stride 2.
    expect(box).to_have_attribute("data-pages", "11")
    expect(box).to_have_attribute("data-page", "3")
