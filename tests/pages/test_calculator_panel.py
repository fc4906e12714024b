"""The calculator through Streamlit's own test bench: forwards, backwards, a chain, and what bad input gets."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine.sizes import plan_axis, settings_for
from conv_engine.spec import ConvSpec
from conv_engine.spellings import FRAMEWORKS
from ui.chain_panel import CHAIN_PRESETS
from ui.chain_text import Chain, Link, format_chain, parse_chain
from ui.experiment import Experiment, Feature


def script() -> None:
    from ui import page, state
    from ui.calculator import show_calculator
    from ui.layer import build_layer
    from ui.pictures import working_picture

    state.open_address()
    experiment = state.experiment()
    layer = build_layer(experiment, working_picture(experiment, state.photo()).pixels)
    page.show_notices()
    show_calculator(layer)
    state.close_address()


def opened(experiment: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    app.query_params = {**(experiment or Experiment()).to_query(), **details}
    app.run()
    assert not app.exception
    return app


def address(app: AppTest, name: str) -> str:
    value = dict(app.query_params).get(name, "")
    return value if isinstance(value, str) else value[0]


def spec_of(app: AppTest) -> ConvSpec:
    query = {name: address(app, name) for name in dict(app.query_params)}
    return Experiment.from_query(query).experiment.spec


def said(app: AppTest) -> str:
    parts = (app.markdown, app.caption, app.warning, app.error)
    return " ".join(element.value for group in parts for element in group).replace("\\", "")


# Forwards


def test_it_begins_with_the_experiment() -> None:
    app = opened(Experiment(size=64, spec=ConvSpec.of(stride=2, padding="same")))
    values = [app.number_input(key=f"calc_{name}").value for name in ("size", "kernel", "stride", "dilation")]
    assert values == [64, 3, 2, 1]
    assert app.segmented_control(key="calc_padding").value == "same"
    assert "64 → 32 cells" in said(app)
    assert address(app, "calc_axis") == ""
    assert app.button(key="calc_take").disabled


def test_a_number_that_is_changed_changes_the_size_and_the_address_brings_it_back() -> None:
    app = opened()
    app.number_input(key="calc_size").set_value(224).run()
    app.number_input(key="calc_kernel").set_value(7).run()
    app.number_input(key="calc_stride").set_value(2).run()
    app.segmented_control(key="calc_padding").set_value("numbers").run()
    app.number_input(key="calc_before").set_value(3).run()
    app.number_input(key="calc_after").set_value(3).run()
    assert "224 → 112 cells" in said(app)
    again = opened(calc_axis=address(app, "calc_axis"))
    assert "224 → 112 cells" in said(again)
    assert again.number_input(key="calc_before").value == 3
    again.button(key="calc_reset").click().run()
    assert "32 → 30 cells" in said(again)


def test_what_is_left_over_is_said_with_sizes_that_fit() -> None:
    app = opened(calc_axis="64x64.c3s2")
    assert "64 → 31 cells" in said(app)
    assert "The last row, row 63, is never visited" in said(app)
    assert "63 or 65 rows would fit" in said(app)


def test_a_kernel_that_does_not_fit_gets_a_sentence() -> None:
    app = opened(calc_axis="9x9.c5d3")
    assert "at most 9 pixels, got 13 (kernel size 5, dilation 3)" in said(app)
    assert app.button(key="calc_take").disabled


@pytest.mark.parametrize("text", ["c3", "9x9.c3.c3", "9x8.c3", "9x9.c3p0-1-2-3", "9" * 400])
def test_an_address_that_is_no_axis_is_passed_over_with_a_sentence(text: str) -> None:
    app = opened(calc_axis=text)
    assert "cannot be read" in said(app)
    assert "32 → 30 cells" in said(app)


def test_stride_padding_and_dilation_are_taken_into_the_experiment() -> None:
    app = opened(calc_axis="32x32.c3s2p0-1-0-1d2")
    app.button(key="calc_take").click().run()
    assert spec_of(app) == ConvSpec.of(stride=2, padding=((0, 1), (0, 1)), dilation=2)
    assert app.button(key="calc_take").disabled


def test_of_kernel_and_size_it_is_said_that_they_stay() -> None:
    app = opened(calc_axis="64x64.c5s2psame")
    words = said(app)
    assert "its kernel has 3 taps along this axis, and no weights for 5" in words
    assert "its picture has 32 pixels along this axis, and not 64" in words
    assert "give 16 cells" in words
    app.button(key="calc_take").click().run()
    assert spec_of(app) == ConvSpec.of(stride=2, padding="same")


@pytest.mark.parametrize("axis", ["rows", "columns"])
def test_one_axis_of_two_that_differ_is_changed_alone(axis: str) -> None:
    experiment = Experiment(spec=ConvSpec.of(stride=(2, 1), padding=((1, 0), (2, 3))))
    app = opened(experiment, calc_of=axis)
    assert app.number_input(key="calc_stride").value == (2 if axis == "rows" else 1)
    app.number_input(key="calc_stride").set_value(4).run()
    app.segmented_control(key="calc_padding").set_value("same").run()
    app.button(key="calc_take").click().run()
    # “same” of 32 pixels at stride 4 under 3 taps needs none: (8 − 1) · 4 + 3 < 32.
    expected = {"rows": ((4, 1), ((0, 0), (2, 3))), "columns": ((2, 4), ((1, 0), (0, 0)))}[axis]
    assert (spec_of(app).stride, spec_of(app).padding) == expected


def test_what_the_experiment_cannot_hold_is_said_and_it_stays() -> None:
    app = opened(calc_axis="32x32.c3pfulld64")
    app.button(key="calc_take").click().run()
    assert "dilation of the rows must be an integer from 1 to 16, got 64" in said(app)
    assert spec_of(app) == ConvSpec()


# Backwards


def test_the_table_has_every_setting_that_gives_the_size_the_exact_ones_first() -> None:
    app = opened(calc_axis="64x64.c3", calc_wanted="31")
    (table,) = app.dataframe
    rows = table.value
    assert len(rows) == len(settings_for(64, 31))
    left = list(rows["left over"])
    assert [over > 0 for over in left] == sorted(over > 0 for over in left)
    for k, s, p, d, over in rows.itertuples(index=False):
        numbers = [int(number) for number in re.findall(r"\d+", p)]
        axis = plan_axis(64, k, stride=s, padding=(numbers[0], numbers[-1]), dilation=d)
        assert (axis.out, axis.unused) == (31, over)
    assert f"{len(rows)} settings make **31** of 64" in said(app)


def test_where_there_is_none_the_nearest_sizes_are_said() -> None:
    app = opened(calc_axis="64x64.c3")
    app.number_input(key="calc_wanted_field").set_value(50).run()
    assert not app.dataframe
    assert "The nearest that can be had: **35 and 52**" in said(app)
    assert address(app, "calc_wanted") == "50"


def test_the_limits_of_the_search_can_be_set() -> None:
    app = opened(calc_axis="64x64.c3", calc_wanted="32")
    app.number_input(key="calc_least_kernel").set_value(3).run()
    app.number_input(key="calc_most_kernel").set_value(3).run()
    app.number_input(key="calc_most_dilation").set_value(1).run()
    (table,) = app.dataframe
    assert table.value.values.tolist() == [[3, 2, "0 before, 1 after (same)", 1, 0], [3, 2, "1", 1, 0]]
    app.number_input(key="calc_least_kernel").set_value(9).run()
    assert "from 9 up to 3" in said(app)


@pytest.mark.parametrize("text", ["0", "٣", "9" * 50, "20001"])
def test_a_wanted_size_that_is_none_is_passed_over(text: str) -> None:
    app = opened(calc_axis="64x64.c3", calc_wanted=text)
    assert app.number_input(key="calc_wanted_field").value == 62


# A chain


def chain_of(app: AppTest) -> Chain:
    return parse_chain(address(app, "chain"))


def test_a_chain_begins_with_the_layer_of_the_experiment_as_often_as_it_fits() -> None:
    app = opened(Experiment(size=16, spec=ConvSpec.of(stride=3)), calc="chain")
    assert "The layer of the experiment, 2 times" in said(app)
    app.text_input(key="chain_fkernel").set_value("2").run()
    assert chain_of(app).links == (Link("c", (2, 2), (3, 3)), Link("c", (3, 3), (3, 3)))


@pytest.mark.parametrize("key", list(CHAIN_PRESETS))
def test_every_preset_fits_and_names_its_source(key: str) -> None:
    app = opened(calc="chain")
    app.pills(key="chain_preset").set_value(key).run()
    assert not app.exception
    assert not app.error
    assert address(app, "chain") == CHAIN_PRESETS[key].text
    assert CHAIN_PRESETS[key].source.split(",")[0] in said(app)
    assert format_chain(parse_chain(CHAIN_PRESETS[key].text)) == CHAIN_PRESETS[key].text
    app.pills(key="chain_preset").set_value("layer").run()
    assert address(app, "chain") == ""


def test_layers_are_added_set_moved_and_removed() -> None:
    app = opened(calc="chain", chain="32x32.c5.m2s2")
    app.button(key="chain_add_conv").click().run()
    assert format_chain(chain_of(app)) == "32x32.c5.c3.m2s2"
    app.segmented_control(key="chain_fkind").set_value("m").run()
    app.text_input(key="chain_fkernel").set_value("3 x 5").run()
    app.text_input(key="chain_fstride").set_value("2").run()
    app.text_input(key="chain_fpadding").set_value("1x2").run()
    app.text_input(key="chain_fdilation").set_value("1x2").run()
    assert format_chain(chain_of(app)) == "32x32.c5.m3x5s2p1x2d1x2.m2s2"
    app.button(key="chain_up").click().run()
    assert format_chain(chain_of(app)) == "32x32.m3x5s2p1x2d1x2.c5.m2s2"
    assert app.pills(key="chain_layer").value == 0
    assert app.button(key="chain_up").disabled
    app.button(key="chain_down").click().run()
    app.button(key="chain_remove").click().run()
    assert format_chain(chain_of(app)) == "32x32.c5.m2s2"
    app.pills(key="chain_layer").set_value(1).run()
    assert app.text_input(key="chain_fstride").value == "2"
    app.button(key="chain_remove").click().run()
    assert app.button(key="chain_remove").disabled
    app.text_input(key="chain_size").set_value("").run()
    assert format_chain(chain_of(app)) == "c5"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("fkernel", "0", "The kernel must be from 1 to 64, got 0"),
        ("fpadding", "some", "The padding is valid, same, full"),
        ("size", "99999", "The picture must be from 1 to 20,000, got 99999"),
        ("text", "c3.z9", "A layer begins with c, a convolution, or m, a pooling"),
        ("text", "![x](http://e.x)", "written such as c3s2p1"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_and_the_chain_stays(field: str, text: str, words: str) -> None:
    app = opened(calc="chain", chain="32x32.c5")
    app.text_input(key=f"chain_{field}").set_value(text).run()
    assert not app.exception
    assert words in said(app)
    assert "the last good value counts" in said(app)
    assert address(app, "chain") == "32x32.c5"
    assert app.text_input(key=f"chain_{field}").value == text
    # Another layer, another field.
    app.pills(key="chain_preset").set_value("lenet").run()
    assert not app.error


def test_no_more_than_twelve_layers() -> None:
    app = opened(calc="chain", chain=".".join(["c3p1"] * 11))
    app.button(key="chain_add_pool").click().run()
    assert len(chain_of(app).links) == 12
    assert app.button(key="chain_add_pool").disabled
    assert app.button(key="chain_add_conv").disabled


def test_a_layer_that_leaves_no_window_is_named_with_its_numbers() -> None:
    app = opened(calc="chain", chain="12x12.c5.m4s4.c3.c1")
    assert "Layer 3, conv 2, cannot be laid on the 2 × 2 cells" in said(app)
    assert "The table goes up to there" in said(app)
    first = opened(calc="chain", chain="2x2.c5")
    assert "Layer 1, conv 1, cannot be laid on the 2 × 2 cells" in said(first)


@pytest.mark.parametrize("text", ["c0", "<script>", "c3." * 12 + "c3"])
def test_a_chain_in_the_address_that_is_none_is_passed_over_with_a_sentence(text: str) -> None:
    app = opened(calc="chain", chain=text)
    assert "The chain in the address cannot be read" in said(app)
    assert app.pills(key="chain_preset").value == "layer"


# In code


def test_the_layer_is_spelt_for_three_libraries_with_the_order_of_its_weights() -> None:
    experiment = Experiment(features=(Feature("sobel_x"), Feature("box")), spec=ConvSpec.of(padding="same"))
    app = opened(experiment, calc="code")
    assert len(app.code) == len(FRAMEWORKS)
    assert app.code[0].value == 'nn.Conv2d(3, 2, kernel_size=3, padding="same")'
    assert "(kh, kw, C, K): 3 × 3 × 3 × 2" in said(app)
    assert "turn the weights first" not in said(app)


def test_what_a_library_cannot_say_is_shown_with_the_reason_and_a_flip_is_mentioned() -> None:
    app = opened(Experiment(spec=ConvSpec.of(stride=2, dilation=2), flip=True), calc="code")
    assert app.code[1].value.startswith("# Keras cannot: its Conv2D refuses strides > 1")
    assert "turn the weights first" in said(app)
