"""No page breaks a rule of WCAG 2.2, level A or AA, that a machine can check: axe-core looks at every state."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from stage_page import ROOT, StagePage

from conv_engine import ConvSpec
from ui.experiment import Experiment, Feature

AXE = ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Two features, so that there is one to choose; padding in numbers, for its four fields.
EXPERIMENT = Experiment(features=(Feature("sobel_x"), Feature("sobel_y")), spec=ConvSpec.of(padding=1))

# What stands in a part of a page somewhat later than its widgets.
STAND = {"Side by side": "Convolution stages side by side", "Classic cases": "Convolution stage"}


def pages() -> dict[str, str]:
    """Return the pages that `app.py` registers: script and path of the address."""
    found = {}
    for call in ast.walk(ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.Page":
            given = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg != "icon"}
            script = ast.literal_eval(call.args[0])
            found[script] = "" if given.get("default") else given.get("url_path", Path(script).stem)
    return found


def settled(page: Page) -> None:
    """Wait until the server has answered, the stage stands, and nothing fades or slides any more."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true], [data-testid=stSkeleton], .readout:empty:visible")).to_have_count(0)
    page.wait_for_function(
        """() => document.getAnimations().every(({ playState, effect }) =>
            playState !== "running" || effect.getComputedTiming().endTime === Infinity)"""
    )


def states(page: Page, narrow: bool, is_explore: bool) -> Iterator[str]:
    """Bring the page into one state after another, and say which it is in."""
    sidebar = page.get_by_test_id("stSidebar")
    stage = StagePage(page)
    yield "as it opens"
    if page.get_by_test_id("paint").count():
        yield from states_of_the_bench(page)
    parts = page.get_by_test_id("stMain").locator("[class*=st-key-part_]").get_by_role("radio")
    for number in range(1, parts.count()):
        parts.nth(number).click()
        expect(parts.nth(number)).to_be_checked()
        stands = STAND.get(parts.nth(number).inner_text())
        if stands:
            expect(page.get_by_role("group", name=stands, exact=True)).to_be_visible(timeout=30_000)
        yield f"part {number + 1}"
    if is_explore:
        stage.contrast.check()
        yield "high contrast"
        stage.contrast.uncheck()
        stage.button("Sub-steps").click()
        yield "sub-steps on"
        stage.button("To start").click()
        stage.button("Play").click()
        expect(stage.button("Pause")).to_be_visible()
        yield "playing"
        stage.button("Pause").click()
        stage.button("Help").click()
        yield "help sheet"
        page.keyboard.press("Escape")
        for panel in ("stage-why", "stage-mistake"):
            page.get_by_test_id(panel).locator("summary").click()
        yield "panels open"
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    expect(page.get_by_test_id("stMainMenuPopover")).to_be_visible()
    yield "main menu"
    page.keyboard.press("Escape")
    if not is_explore:
        return  # the sidebar is the same on every page
    if narrow:
        page.get_by_test_id("stExpandSidebarButton").click()
    for expander in sidebar.locator("summary").all():
        expander.click()
    expect(sidebar.locator("details:not([open])")).to_have_count(0)
    yield "sidebar, all of it open"
    for source in ("Upload", "Paste", "Camera"):
        sidebar.get_by_role("radio", name=source, exact=True).click()
        yield f"sidebar, {source}"
    sidebar.get_by_role("radio", name="Sample", exact=True).click()
    sidebar.get_by_role("combobox", name="Sample picture").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    yield "sidebar, a list open"
    page.keyboard.press("Escape")
    bias = sidebar.get_by_role("textbox", name="Bias")
    bias.fill("x")
    bias.press("Tab")
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    yield "sidebar, a wrong number"


def states_of_the_bench(page: Page) -> Iterator[str]:
    bench, main = page.get_by_test_id("paint"), page.get_by_test_id("stMain")
    expect(page.get_by_test_id("paint-state")).to_contain_text("confirmed by the engine", timeout=30_000)
    bench.locator("summary").click()
    main.get_by_role("radio", name="Smooth", exact=True).click()
    main.get_by_role("button", name="Gaussian", exact=True).click()
    expect(main.locator(".sliders input")).to_be_visible()
    yield "kernels, sliders"
    contrast = bench.get_by_role("checkbox", name="High contrast")
    contrast.check()
    yield "the bench in high contrast"
    contrast.uncheck()


def violations(page: Page, only: dict[str, object] | None = None) -> list[str]:
    """Return a sentence for each element that breaks a rule."""
    assert AXE.exists(), "axe-core is not installed: run `npm ci`, or `make test`, which does."
    if page.evaluate("typeof axe") == "undefined":
        page.add_script_tag(path=AXE)
    checked = page.evaluate(
        """async runOnly => {
            const { violations, passes } = await axe.run(document, { runOnly, preload: false });
            const rows = rules => rules.flatMap(({ id, nodes }) =>
                nodes.map(({ target, failureSummary }) => ({ id, target, summary: failureSummary })));
            return { violations: rows(violations), passes: rows(passes) };
        }""",
        only or {"type": "tag", "values": TAGS},
    )
    # An open list hides all else from assistive technology, and so from this role.
    if page.get_by_role("group", name="Convolution stage").count():
        assert any(isinstance(row["target"][0], list) for row in checked["passes"]), "axe misses the stage"
    return [f"{row['id']}: {row['target']}: {row['summary']}" for row in checked["violations"]]


def test_the_pages_are_found() -> None:
    assert pages().keys() == {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    assert pages()["pages/explore.py"] == ""


# Each theme and each width once: what depends on both at the same time, no rule that a machine checks finds.
@pytest.mark.parametrize(("width", "height", "scheme"), [(1440, 900, "light"), (390, 844, "dark")])
@pytest.mark.parametrize("script", pages())
def test_no_page_breaks_a_rule_in_any_state(
    page: Page, app_url: str, script: str, width: int, height: int, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.add_init_script("localStorage.clear()")  # there Streamlit keeps whether the sidebar was open
    page.goto(f"{app_url}/{pages()[script]}?{urlencode(EXPERIMENT.to_query())}")
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    is_explore = script == "pages/explore.py"
    if is_explore:
        expect(page.get_by_test_id("stage-readout")).to_contain_text("Step")
    found = []
    for state in states(page, width < 768, is_explore):
        settled(page)
        found += [f"{state}: {sentence}" for sentence in violations(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_high_contrast_every_text_of_the_stage_is_7_to_1(
    page: Page, app_url: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, contrast="more")
    stage = StagePage(page).open(app_url)
    stage.button("Help").click()
    settled(stage.page)
    open_sheet = violations(stage.page, {"type": "rule", "values": ["color-contrast-enhanced"]})
    stage.page.keyboard.press("Escape")
    found = open_sheet + violations(stage.page, {"type": "rule", "values": ["color-contrast-enhanced"]})
    assert [sentence for sentence in found if "stBidiComponent" in sentence] == []
