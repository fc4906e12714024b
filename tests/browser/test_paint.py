"""The bench, by mouse, keyboard and finger: what is painted is reported once, and the map is the engine's."""

from collections.abc import Iterator

import numpy as np
import pytest
from paint_page import PaintPage
from playwright.sync_api import Browser, Page, expect

from conv_engine import ConvSpec, conv2d
from ui.experiment import OWN, Experiment, Feature

FLAT = Feature(OWN, (((0.0,),) * 3,) * 3)
OBLONG = Feature(OWN, (((1.0,), (2.0,), (-4.0,)), ((0.5,), (0.0,), (1 / 9,))), bias=-3.5)
COLOURS = Feature(OWN, (((0.5, -1.0, 0.0), (0.25, 0.0, 2.0)), ((0.0, 1.0, -0.125), (1.0, 1.0, -2.0))))
BACKGROUND = "html { color-scheme: light dark; background: light-dark(#fff, #0f141b); }"

EXPERIMENTS = {
    "3 × 3 over 256 × 256": Experiment(size=256, features=(FLAT,)),
    "oblong, stride 2, same, mirrored, flipped": Experiment(
        picture="cat",
        size=64,
        features=(OBLONG,),
        flip=True,
        spec=ConvSpec.of(stride=(2, 1), padding="same", boundary="reflect"),
    ),
    "three slices in a larger frame, from 0 to 1": Experiment(
        picture="coffee",
        size=32,
        features=(COLOURS, Feature("gaussian5")),
        unit=True,
        spec=ConvSpec.of(dilation=(1, 2), padding="full", boundary="circular"),
    ),
    "three slices on grey": Experiment(picture="text", size=32, features=(COLOURS,), grey=True),
}


def near(values: list[float]) -> object:
    return pytest.approx(values, abs=0, rel=0)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_map_follows_the_brush_and_the_engine_confirms_it(page: Page, name: str) -> None:
    paint = PaintPage(page, EXPERIMENTS[name])
    expect(paint.state).to_have_text("This map is confirmed by the engine.")
    before = paint.map_pixels()
    page.mouse.move(*paint.centre(0, 0))
    page.mouse.down()
    page.mouse.move(*paint.centre(1, 1))
    expect(paint.state).to_have_text("This map is computed here, while you paint.")
    paint.next_frame()
    while_painting = paint.map_pixels()
    assert (while_painting != before).any()
    assert paint.reports("weights") == []
    page.mouse.up()
    assert len(paint.reports("weights")) == 1
    assert paint.bench.get_attribute("data-state") == "computed"
    paint.answer()
    expect(paint.state).to_have_text("This map is confirmed by the engine.")
    assert paint.difference() < 1e-6
    # In whole levels of colour, a value between two of them may fall to either.
    apart = np.abs(paint.map_pixels().astype(int) - while_painting)
    assert apart.max() <= 12
    assert (apart > 0).mean() < 0.02


def test_a_stroke_raises_each_cell_on_its_way_and_is_one_change_in_decimals(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    for _ in range(3):
        page.mouse.move(*paint.centre(0, 0))
        page.mouse.down()
        page.mouse.move(*paint.centre(0, 2), steps=3)
        page.mouse.up()
        paint.answer()
    assert paint.weights() == near([0.3, 0.3, 0.3, 0, 0, 0, 0, 0, 0])
    reports = paint.reports("weights")
    assert [report["number"] for report in reports] == [1, 2, 3]
    assert [report["base"] for report in reports] == [1, 2, 3]
    assert reports[2] == {
        "feature": 0, "base": 3, "number": 3, "shape": [3, 3, 1], "weights": [0.3] * 3 + [0] * 6,
    }  # fmt: skip
    expect(paint.gridcell(0, 1)).to_have_accessible_name("Row 0, column 1: 0.3")


def test_shift_and_the_right_button_lower_and_the_brush_can_set_to_0(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    paint.button("Step 1").click()
    page.mouse.click(*paint.centre(0, 0), button="right")
    page.keyboard.down("Shift")
    page.mouse.click(*paint.centre(1, 1))
    page.keyboard.up("Shift")
    paint.button("Step 0.25").click()
    page.mouse.click(*paint.centre(2, 2))
    assert paint.weights() == near([-1, 0, 0, 0, -1, 0, 0, 0, 0.25])
    paint.button("Lower").click()
    page.mouse.click(*paint.centre(2, 2))
    paint.button("Set to 0").click()
    page.mouse.click(*paint.centre(0, 0))
    assert paint.weights() == near([0, 0, 0, 0, -1, 0, 0, 0, 0])
    assert len(paint.reports("weights")) == 5


def test_the_kernel_is_painted_by_keys_alone(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    paint.grid.focus()
    for key in ("ArrowRight", "ArrowDown", "s", "s", "+", "+", "ArrowDown", "-", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    assert paint.weights() == near([0, 0, 0, 0, 2, 0, 1, -1, 0])
    expect(paint.cell).to_have_text("Row 2, column 0: 1")
    page.keyboard.press("0")
    page.keyboard.press("Shift+ArrowUp")
    assert paint.weights() == near([0, 2, 0, 0, -1, 0, 0, 0, 0])
    paint.answer()
    assert paint.difference() < 1e-6


def test_a_key_that_is_held_paints_one_stroke_and_escape_drops_it(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    paint.grid.focus()
    for _ in range(4):
        page.keyboard.down("+")
    assert paint.reports("weights") == []
    page.keyboard.up("+")
    assert [report["weights"][0] for report in paint.reports("weights")] == [0.4]
    paint.answer()
    page.keyboard.down("-")
    page.keyboard.press("Escape")
    page.keyboard.up("-")
    assert paint.weights()[0] == 0.4
    assert len(paint.reports("weights")) == 1
    expect(paint.state).to_have_text("This map is confirmed by the engine.")


def test_each_button_changes_the_whole_kernel_as_one_change(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(Feature("sobel_x"),)))
    steps = [
        ("Mirror", [1, 0, -1, 2, 0, -2, 1, 0, -1]),
        ("Rotate", [1, 2, 1, 0, 0, 0, -1, -2, -1]),
        ("Flip", [-1, -2, -1, 0, 0, 0, 1, 2, 1]),
        ("Shift down", [0, 0, 0, -1, -2, -1, 0, 0, 0]),
        ("Shift right", [0, 0, 0, 0, -1, -2, 0, 0, 0]),
        ("Normalise", [0, 0, 0, 0, 1 / 3, 2 / 3, 0, 0, 0]),
        ("Shift left", [0, 0, 0, 1 / 3, 2 / 3, 0, 0, 0, 0]),
        ("Zero-sum", [-1 / 9, -1 / 9, -1 / 9, 2 / 9, 5 / 9, -1 / 9, -1 / 9, -1 / 9, -1 / 9]),
        ("Shift up", [2 / 9, 5 / 9, -1 / 9, -1 / 9, -1 / 9, -1 / 9, 0, 0, 0]),
        ("Clear", [0] * 9),
    ]
    for count, (name, weights) in enumerate(steps, 1):
        paint.button(name).click()
        assert paint.weights() == pytest.approx(weights, abs=1e-15)
        assert len(paint.reports("weights")) == count
        paint.answer()
        assert paint.difference() < 1e-6
    paint.button("Normalise").click()
    expect(paint.said).to_have_text("All weights are 0: there is nothing to normalise.")
    assert len(paint.reports("weights")) == len(steps)


def test_it_says_by_what_it_divided_where_the_sum_is_0(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(Feature("sobel_x"),)))
    paint.button("Normalise").click()
    expect(paint.said).to_contain_text("The weights sum to 0, so they were divided by Σ|w| = 8")
    assert paint.weights() == near([-1 / 8, 0, 1 / 8, -1 / 4, 0, 1 / 4, -1 / 8, 0, 1 / 8])


def test_of_three_slices_one_can_be_painted_alone(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(COLOURS,)))
    paint.button("Step 1").click()
    paint.button("Paint G only").click()
    page.mouse.click(*paint.centre(0, 0))
    assert paint.weights()[:3] == near([0.5, 0, 0])
    paint.button("Paint all channels").click()
    page.mouse.click(*paint.centre(0, 0))
    assert paint.weights()[:3] == near([1.5, 1, 1])
    paint.answer()
    assert paint.difference() < 1e-6


def test_a_late_echo_does_not_undo_a_newer_stroke_and_an_undo_of_the_session_is_shown(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    page.mouse.click(*paint.centre(0, 0))
    page.mouse.click(*paint.centre(2, 2))
    first, second = paint.reports("weights")
    paint.take(first)
    paint.send()
    assert paint.weights() == near([0.1, 0, 0, 0, 0, 0, 0, 0, 0.1])
    assert paint.bench.get_attribute("data-state") == "computed"
    paint.take(second)
    paint.send()
    assert paint.bench.get_attribute("data-state") == "confirmed"
    paint.take({**first, "number": second["number"]})
    paint.send()
    assert paint.weights() == near([0.1, 0, 0, 0, 0, 0, 0, 0, 0])
    assert paint.bench.get_attribute("data-state") == "confirmed"


def test_what_comes_while_a_stroke_lasts_waits_for_its_end(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(FLAT,)))
    paint.grid.focus()
    page.keyboard.down("+")
    paint.take({"shape": [3, 3, 1], "weights": [7] * 9, "number": 0})
    paint.send()
    assert paint.weights()[:2] == near([0.1, 0])
    page.keyboard.press("Escape")
    assert paint.weights() == near([7] * 9)
    page.keyboard.up("+")
    assert paint.reports("weights") == []


def test_the_map_of_a_larger_picture_follows_on_release_and_the_page_says_so(page: Page) -> None:
    paint = PaintPage(page, Experiment(size=512, features=(FLAT,)))
    expect(paint.state).to_contain_text("of more than 256 rows or columns it follows when you let go")
    page.mouse.move(*paint.centre(1, 1))
    page.mouse.down()
    expect(paint.state).to_have_text("The map follows when you let go.")
    page.mouse.up()
    assert paint.bench.get_attribute("data-state") == "waiting"
    paint.answer()
    assert paint.bench.get_attribute("data-state") == "confirmed"
    limit = 0.1 * paint.layer().pixels.astype(float).sum(axis=2)[1:-1, 1:-1].max()
    assert float(paint.range.inner_text().split(" … ")[2]) == pytest.approx(limit)


def test_a_rotated_oblong_kernel_waits_for_its_map(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(OBLONG,)))
    paint.button("Rotate").click()
    expect(page.get_by_test_id("paint-size")).to_have_text("3 × 2")
    assert paint.reports("weights")[0]["shape"] == [3, 2, 1]
    assert paint.bench.get_attribute("data-state") == "waiting"
    paint.answer()
    assert paint.bench.get_attribute("data-state") == "confirmed"
    assert paint.difference() < 1e-6


def test_the_range_of_the_map_is_printed(page: Page) -> None:
    paint = PaintPage(page, Experiment(features=(Feature("sobel_x"),)))
    layer = paint.layer()
    limit = int(np.abs(conv2d(layer.image, layer.bank)).max())
    assert paint.range.inner_text() == f"−{limit} … 0 … {limit}"


# Lifting


def test_a_drag_over_the_photo_lifts_the_patch_from_corner_to_corner(page: Page) -> None:
    paint = PaintPage(page, Experiment(size=64, features=(FLAT,)))
    page.mouse.move(*paint.pixel_point(20, 30))
    page.mouse.down()
    page.mouse.move(*paint.pixel_point(15, 37), steps=4)
    assert paint.reports("lift") == []
    page.mouse.up()
    assert paint.lifted() == (15, 30, 6, 8)
    expect(page.get_by_test_id("paint-patch")).to_have_text("6 × 8 pixels at row 15, column 30")
    assert paint.bench.get_attribute("data-state") == "waiting"


def test_a_drag_stops_at_15_and_at_the_border(page: Page) -> None:
    paint = PaintPage(page, Experiment(size=64, features=(FLAT,)))
    page.mouse.move(*paint.pixel_point(2, 60))
    page.mouse.down()
    page.mouse.move(*paint.pixel_point(40, 70), steps=4)
    page.mouse.up()
    assert paint.lifted() == (2, 60, 15, 4)


def test_a_click_lifts_a_patch_of_the_kernels_size(page: Page) -> None:
    paint = PaintPage(page, Experiment(size=64, features=(OBLONG,)))
    page.mouse.click(*paint.pixel_point(20, 30))
    assert paint.lifted() == (20, 29, 2, 3)
    paint.button("Lift a patch").click()
    page.mouse.click(*paint.pixel_point(40, 40))
    assert len(paint.reports("lift")) == 1


def test_a_patch_is_lifted_by_keys_alone(page: Page) -> None:
    paint = PaintPage(page, Experiment(size=64, features=(FLAT,)))
    paint.photo.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("paint-ears")).to_have_text("5 × 4 pixels at row 29, column 30")
    page.keyboard.press("Enter")
    assert paint.lifted() == (29, 30, 5, 4)


def test_the_photo_is_shown_pixel_by_pixel_and_matches_are_marked(page: Page) -> None:
    paint = PaintPage(page, Experiment(picture="coffee", size=16, features=(FLAT,)))
    pixels = paint.layer().pixels

    def colour(row: int, col: int) -> list[int]:
        found: list[int] = paint.photo.evaluate(
            """(canvas, [row, col]) => {
                const { px, bleed } = canvas.dataset;
                const at = (i) => (Number(bleed) + (i + 0.5) * Number(px)) * devicePixelRatio;
                return [...canvas.getContext("2d").getImageData(at(col), at(row), 1, 1).data].slice(0, 3);
            }""",
            [row, col],
        )
        return found

    for row, col in ((0, 0), (3, 12), (15, 15), (9, 2)):
        assert colour(row, col) == pixels[row, col].tolist()
    before = paint.photo.evaluate("canvas => canvas.toDataURL()")
    paint.matches = [(2, 3)]
    paint.send()
    assert paint.photo.evaluate("canvas => canvas.toDataURL()") != before
    expect(paint.bench).to_contain_text("1 match is marked.")


# Every hand, every screen


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def test_a_finger_paints_on_a_phone_and_a_second_one_takes_the_stroke_back(phone: Page) -> None:
    paint = PaintPage(phone, Experiment(size=64, features=(FLAT,)))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.touchscreen.tap(*paint.centre(1, 2))
    assert paint.weights() == near([0, 0, 0, 0, 0, 0.1, 0, 0, 0])
    touch = """(grid, [kind, id, x, y]) => grid.dispatchEvent(new PointerEvent(kind, {
        pointerId: id, pointerType: "touch", clientX: x, clientY: y, bubbles: true,
    }))"""
    paint.grid.evaluate(touch, ["pointerdown", 5, *paint.centre(0, 0)])
    paint.grid.evaluate(touch, ["pointermove", 5, *paint.centre(1, 0)])
    assert paint.weights()[:4] == near([0.1, 0, 0, 0.1])
    paint.grid.evaluate(touch, ["pointerdown", 6, *paint.centre(2, 2)])
    assert paint.weights() == near([0, 0, 0, 0, 0, 0.1, 0, 0, 0])
    assert len(paint.reports("weights")) == 1


def test_on_a_phone_the_photo_scrolls_until_lifting_is_chosen(phone: Page) -> None:
    paint = PaintPage(phone, Experiment(size=64, features=(FLAT,)))
    expect(paint.button("Lift a patch")).to_have_attribute("aria-pressed", "false")
    assert paint.photo.evaluate("canvas => getComputedStyle(canvas).touchAction") == "auto"
    paint.button("Lift a patch").tap()
    assert paint.photo.evaluate("canvas => getComputedStyle(canvas).touchAction") == "pinch-zoom"
    phone.touchscreen.tap(*paint.pixel_point(10, 10))
    assert paint.lifted() == (9, 9, 3, 3)


@pytest.mark.parametrize("ratio", [1, 1.5, 3])
def test_every_cell_of_the_map_is_a_square_of_whole_device_pixels(browser: Browser, ratio: float) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, device_scale_factor=ratio)
    paint = PaintPage(context.new_page(), Experiment(size=16, features=(Feature("sobel_x"),)))
    picture = paint.map_pixels()
    seen = picture[picture[..., 3].any(axis=1)][:, picture[..., 3].any(axis=0)]
    assert (seen[..., 3] == 255).all()
    side, rest = divmod(len(seen), 14)
    assert rest == 0
    assert seen.shape[:2] == (14 * side, 14 * side)
    cells = seen[::side, ::side]
    np.testing.assert_array_equal(seen, cells.repeat(side, axis=0).repeat(side, axis=1))
    context.close()


def test_high_contrast_has_colours_of_its_own_in_light_and_in_the_dark(browser: Browser) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        paint = PaintPage(context.new_page(), Experiment(features=(Feature("sobel_x"),)), style=BACKGROUND)
        for high in (False, True):
            paint.bench.get_by_role("checkbox", name="High contrast").set_checked(high)
            face = paint.gridcell(0, 0).locator("[aria-hidden]")
            seen.add(face.evaluate("face => getComputedStyle(face).backgroundColor"))
            paint.next_frame()
        ground = paint.bench.evaluate("box => getComputedStyle(box).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(0, 0, 0)")
        context.close()
    assert len(seen) == 4


def test_who_asks_the_system_for_more_contrast_gets_it(browser: Browser) -> None:
    context = browser.new_context(contrast="more")
    paint = PaintPage(context.new_page(), Experiment(features=(FLAT,)))
    expect(paint.bench.get_by_role("checkbox", name="High contrast")).to_be_checked()
    context.close()
