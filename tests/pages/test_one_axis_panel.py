"""The part “One axis”: its controls change the experiment, and what it says is what a count finds."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import ConvSpec
from ui.experiment import Experiment, Feature
from ui.one_axis import strip_axis


def page() -> None:
    """Run like `app.py` with this part alone."""
    from conv_engine import ConvError
    from ui import page, state
    from ui.layer import build_layer
    from ui.one_axis import show_one_axis
    from ui.pictures import working_picture

    state.open_address()
    page.show_notices()
    current = state.experiment()
    try:
        layer = build_layer(current, working_picture(current, state.photo()).pixels)
    except ConvError:
        layer = None
    show_one_axis(layer)
    state.close_address()


def opened(experiment: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params = {**(experiment.to_query() if experiment else {}), **details}
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def experiment(app: AppTest) -> Experiment:
    return Experiment.from_query(dict(app.query_params)).experiment


def setting(size: int = 64, feature: str = "sobel_x", **spec: Any) -> Experiment:
    return Experiment(size=size, features=(Feature(feature),), spec=ConvSpec.of(**spec))


def text(app: AppTest) -> str:
    return "\n".join(one.value.replace("\\", "") for one in app.markdown)


def drawings(app: AppTest, name: str) -> list[str]:
    """Return the words of the drawings of this name, one of the wide and the narrow each."""
    found = []
    for element in app.get("html"):
        body = element.proto.body
        if f'<div class="{name}' in body:
            alts = re.findall(r'alt="([^"]*)"', body)
            assert len(alts) == 2
            assert alts[0] == alts[1]
            found.append(alts[0])
    return found


def test_64_pixels_with_stride_2_and_same_give_32_and_the_page_says_why() -> None:
    app = opened(setting(stride=2, padding="same"))
    assert "A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells." in text(app)
    assert "every 2nd of the 64 pixels gets a window, and 64 / 2 = 32." in text(app)
    (square,) = drawings(app, "square-figure")
    assert square.startswith("A picture of 64 × 64 pixels, and the 32 × 32 cells that it gives")


def test_the_three_paddings_are_compared_on_the_same_strip() -> None:
    (words,) = drawings(opened(setting(stride=2, padding="same")), "padding-bars")
    assert words == (
        "valid: 0 before, 24 pixels, 0 after; 11 cells made, 1 never visited. "
        "same (shown): 0 before, 24 pixels, 1 after; 12 cells made, 0 never visited. "
        "full: 2 before, 24 pixels, 2 after; 13 cells made, 0 never visited."
    )
    (words,) = drawings(opened(setting(padding=((3, 1), (0, 0)))), "padding-bars")
    assert words.endswith("numbers (shown): 3 before, 24 pixels, 1 after; 26 cells made, 0 never visited.")


@pytest.mark.parametrize("padding", ["same", "full"])
def test_the_choice_of_padding_is_that_of_the_experiment(padding: str) -> None:
    app = opened(setting(stride=2))
    app.segmented_control(key="axis_padding").select(padding)
    run(app)
    assert experiment(app).spec == ConvSpec.of(stride=2, padding=padding)


def test_padding_in_numbers_is_set_before_and_after() -> None:
    app = opened(setting())
    app.segmented_control(key="axis_padding").select("numbers")
    run(app)
    assert experiment(app).spec.padding == ((1, 1), (1, 1))
    app.number_input(key="axis_before").set_value(3)
    run(app)
    assert experiment(app).spec.padding == ((3, 1), (3, 1))
    app = opened(setting(padding=((1, 2), (0, 5))))
    app.number_input(key="axis_after").set_value(4)
    run(app)
    assert experiment(app).spec.padding == ((1, 4), (0, 5)), "columns that differ are left alone"


@pytest.mark.parametrize("name", ["stride", "dilation"])
def test_stride_and_dilation_of_both_axes_change_together_where_they_are_equal(name: str) -> None:
    app = opened(setting(**{name: 2}))
    assert app.number_input(key=f"axis_{name}").label == name.capitalize()
    app.number_input(key=f"axis_{name}").set_value(3)
    run(app)
    assert experiment(app).spec == ConvSpec.of(**{name: 3})
    app = opened(setting(**{name: (2, 1)}))
    assert app.number_input(key=f"axis_{name}").label == f"{name.capitalize()}, rows"
    app.number_input(key=f"axis_{name}").set_value(4)
    run(app)
    assert experiment(app).spec == ConvSpec.of(**{name: (4, 1)})


def test_another_size_of_kernel_resizes_the_bank() -> None:
    bank = (Feature("sobel_x"), Feature("gaussian5"))
    app = opened(Experiment(size=64, features=bank))
    assert app.number_input(key="axis_kernel").value == 5
    app.number_input(key="axis_kernel").set_value(3)
    run(app)
    small, cut = experiment(app).features
    assert small == bank[0]
    assert cut.weights is not None
    assert (len(cut.weights), len(cut.weights[0])) == (3, 3)
    app.number_input(key="axis_kernel").set_value(7)
    run(app)
    grown = experiment(app).features[0].weights
    assert grown is not None
    assert (len(grown), len(grown[0])) == (7, 7)


def test_the_strip_is_at_most_24_pixels_at_first_and_its_length_is_in_the_address() -> None:
    assert opened(setting(16)).slider(key="axis_length").value == 16
    app = opened(setting(64))
    assert app.slider(key="axis_length").value == 24
    assert "strip" not in dict(app.query_params)
    assert "The strip has 24 pixels, and the picture 64 rows" in app.caption[0].value
    app.slider(key="axis_length").set_value(10)
    run(app)
    assert dict(app.query_params)["strip"] == "10"
    assert opened(setting(64), strip="10").slider(key="axis_length").value == 10
    app.slider(key="axis_length").set_value(24)
    run(app)
    assert "strip" not in dict(app.query_params)


@pytest.mark.parametrize("bad", ["", "0", "33", "-3", "x", "1e1", "٣", "9" * 600])
def test_what_is_no_length_in_an_address_is_passed_over(bad: str) -> None:
    app = opened(setting(64), strip=bad, step=bad)
    assert app.slider(key="axis_length").value == 24


def test_the_odd_one_has_its_code_and_where_others_put_it() -> None:
    app = opened(setting(stride=2, padding="same"))
    assert "lopsided: 0 at the top and 1 at the bottom" in text(app)
    assert "SAME_LOWER of ONNX puts it at the start" in text(app)
    assert "All this holds for the columns, too." in text(app)
    assert "F.pad(x, (0, 1, 0, 1))" in app.code[0].value
    (words,) = drawings(app, "odd-bars")
    assert words == (
        "here: 0 before, 64 pixels, 1 after; 32 cells made, 0 never visited. "
        "SAME_LOWER of ONNX: 1 before, 64 pixels, 0 after; 32 cells made, 0 never visited. "
        "1 on both sides: 1 before, 64 pixels, 1 after; 32 cells made, 0 never visited."
    )


def test_what_is_left_over_is_shown_between_the_sizes_that_fit() -> None:
    app = opened(setting(stride=(2, 1)))
    assert "The last row, row 63, is never visited" in text(app)
    rows, columns = drawings(app, "left-bars")
    assert rows == (
        "63 rows: 0 before, 63 pixels, 0 after; 31 cells made, 0 never visited. "
        "64 rows (the picture): 0 before, 64 pixels, 0 after; 31 cells made, 1 never visited. "
        "65 rows: 0 before, 65 pixels, 0 after; 32 cells made, 0 never visited."
    )
    assert columns.startswith("64 columns (the picture)")


@pytest.mark.parametrize(("where", "padding"), [("odd", "same"), ("left", "valid"), ("square", "same")])
def test_where_there_is_nothing_to_say_a_case_is_offered_and_the_way_back(where: str, padding: str) -> None:
    mine = Experiment(
        size=16, features=(Feature("gaussian5"), Feature("luma")), spec=ConvSpec.of(padding=2, boundary="reflect")
    )
    app = opened(mine)
    assert "so there is no odd row to place" in text(app)
    assert "nothing is left over" in text(app)
    button = app.button(key=f"axis_case_{where}")
    assert button.label == f"Show me: 64 pixels, kernel 3, stride 2, {padding}"
    button.click()
    run(app)
    shown = experiment(app)
    assert (shown.size, shown.spec) == (64, ConvSpec.of(stride=2, padding=padding))
    assert ("so there is no odd row to place" in text(app)) is (where == "left")
    assert ("nothing is left over" in text(app)) is (where != "left")
    app.button(key=f"axis_back_{where}").click()
    run(app)
    assert experiment(app) == mine


def test_a_bank_of_one_can_be_shown_as_four_and_depth_is_their_count() -> None:
    app = opened(setting(8))
    assert "The bank has 1 kernel, so there is 1 map: the output is 6 × 6 × 1." in text(app)
    app.button(key="axis_features").click()
    run(app)
    assert len(experiment(app).features) == 4
    assert "The bank has 4 kernels, so there are 4 maps: the output is 6 × 6 × 4." in text(app)


def test_where_there_is_no_window_it_is_said_and_the_controls_stay() -> None:
    app = opened(setting(dilation=16))
    assert "On this strip there is no window" in app.warning[0].value
    assert "gives 32 × 32 cells" in text(app)
    app = opened(setting(16, dilation=16))
    assert "no window on the picture" in text(app)
    (words,) = drawings(app, "padding-bars")
    assert words.startswith("valid (shown): 24 pixels, no window fits. same: 16 before")
    app.number_input(key="axis_dilation").set_value(1)
    run(app)
    assert not app.warning
    assert "gives 14 × 14 cells" in text(app)


def test_the_strip_has_the_settings_of_the_rows() -> None:
    spec = ConvSpec.of(stride=(3, 1), dilation=(2, 1), padding=((1, 2), (0, 0)), boundary="circular")
    axis = strip_axis(12, 3, spec)
    assert (axis.stride, axis.dilation, axis.before, axis.after, axis.boundary) == (3, 2, 1, 2, "circular")
    # 1 + 12 + 2 places, of which a window takes 5: windows at 0, 3, 6, 9.
    assert axis.out == 4
