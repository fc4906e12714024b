"""What goes over the wire to the stage: a picture once, and only what has changed after it."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, WebSocket, expect
from stage_page import StagePage, assert_true, sample_layer

from conv_engine import LIBRARY, ConvSpec
from ui.experiment import Experiment, Feature

# A large picture and a small map: what is not the picture is little.
EXPERIMENT = Experiment(picture="coffee", size=512, spec=ConvSpec.of(stride=8))
PICTURE_BYTES = 512 * 512 * 3


@pytest.fixture
def received(page: Page) -> list[int]:
    """Return the sizes of the messages from the server, a list that grows."""
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", listen)
    return sizes


@pytest.fixture
def stage(page: Page, received: list[int], app_url: str) -> StagePage:
    stage = StagePage(page).open(f"{app_url}/?{urlencode(EXPERIMENT.to_query())}")
    rest(stage)
    assert sum(received) > PICTURE_BYTES
    received.clear()
    return stage


def rest(stage: StagePage) -> None:
    """Wait until the server has sent all that it had to send."""
    expect(stage.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def choose(stage: StagePage, label: str, option: str) -> None:
    field = stage.page.get_by_test_id("stSidebar").get_by_role("combobox", name=label, exact=True)
    field.click()
    field.fill(option)  # the list is long, and the browser has only a part of it at a time
    stage.page.get_by_role("option", name=option, exact=True).click()


def test_a_change_of_the_kernel_does_not_send_the_picture_again(stage: StagePage, received: list[int]) -> None:
    for key in ("box", "emboss", "laplacian", "sharpen", "outline"):
        choose(stage, "Kernel", LIBRARY[key].title)
        expect(stage.readout).to_contain_text(f"({LIBRARY[key].title})")
        rest(stage)
        assert 0 < sum(received) < PICTURE_BYTES / 4
        received.clear()
        assert_true(stage.read(), sample_layer(replace(EXPERIMENT, features=(Feature(key),))))


def test_another_picture_arrives_with_its_numbers_and_so_does_the_former_one(
    stage: StagePage, received: list[int]
) -> None:
    before = stage.readout.inner_text()
    for picture, title in (("cat", "Chelsea the cat"), ("bricks", "Brick wall"), ("coffee", "Cup of coffee")):
        choose(stage, "Sample picture", title)
        expect(stage.readout).not_to_have_text(before)
        rest(stage)
        before = stage.readout.inner_text()
        assert_true(stage.read(), sample_layer(replace(EXPERIMENT, picture=picture)))
    assert sum(received) > 2 * PICTURE_BYTES


def test_a_page_that_is_loaded_again_gets_the_picture_again(stage: StagePage, received: list[int]) -> None:
    stage.page.reload()
    expect(stage.readout).to_contain_text("Step", timeout=30_000)
    rest(stage)
    assert sum(received) > PICTURE_BYTES
    assert_true(stage.read(), sample_layer(EXPERIMENT))


def test_a_stage_that_was_away_finds_its_picture_again(stage: StagePage) -> None:
    def set_dilation(value: int) -> None:
        field = stage.page.get_by_test_id("stSidebar").get_by_role("spinbutton", name="Dilation, rows")
        field.fill(str(value))
        field.press("Enter")

    size = stage.page.get_by_role("slider", name="Working size")
    size.press("Home")
    expect(stage.shape).to_contain_text("8 × 8 × 3 →")
    stage.page.get_by_text("Dilation, boundary, flip").click()
    set_dilation(5)
    expect(stage.page.get_by_text("leave no window to slide")).to_be_visible()
    expect(stage.stage).to_have_count(0)
    set_dilation(1)
    expect(stage.readout).to_contain_text("Step")
    assert_true(stage.read(), sample_layer(replace(EXPERIMENT, size=8)))


def test_the_picture_takes_no_room_of_its_own_on_the_page(stage: StagePage) -> None:
    heights = [
        box["height"] for one in stage.page.locator(".st-key-stage_image").all() if (box := one.bounding_box())
    ]
    assert heights == [0]
