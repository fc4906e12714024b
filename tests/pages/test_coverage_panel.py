"""How much is real, through Streamlit's own test bench."""

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine.spec import BOUNDARIES, ConvSpec
from ui import coverage_panel
from ui.experiment import OWN, Experiment, Feature


def script() -> None:
    from ui import page, state
    from ui.coverage_panel import show_real
    from ui.layer import build_layer
    from ui.pictures import working_picture

    state.open_address()
    experiment = state.experiment()
    layer = build_layer(experiment, working_picture(experiment, state.photo()).pixels)
    page.show_notices()
    show_real(layer)
    state.close_address()


def opened(experiment: Experiment) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    app.query_params = experiment.to_query()
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    words = " ".join(element.value for element in app.markdown)
    return words.replace("\\", "").replace("\u00a0", " ")


def pictures(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_corner_edge_and_centre_are_said_in_numbers() -> None:
    app = opened(Experiment(spec=ConvSpec.of(padding="same")))
    assert "the cell in the upper left corner has 4 on real pixels" in said(app)
    assert "in the middle of the upper or the left edge 6, one in the centre 9" in said(app)
    assert "The pixel in the upper left corner is used 4 times" in said(app)
    assert "Real pixels under each output cell" in pictures(app)
    assert "Uses of each input pixel" in pictures(app)


def test_a_box_is_dimmed_by_zeros_and_the_four_boundaries_are_there() -> None:
    app = opened(Experiment(features=(Feature("box"),), spec=ConvSpec.of(padding="same")))
    assert "the zeros weaken the border" in said(app)
    # 4 corners with 4 of 9, and 4 · 30 cells with 6 of 9.
    assert f"{(4 * 4 + 120 * 6) / 124 / 9:.2%}".replace("%", " %") in said(app)
    for boundary in BOUNDARIES:
        assert f"<b>{boundary}</b>" in pictures(app)
    assert "border-curve" in pictures(app)


def test_the_map_is_that_of_the_chosen_feature_without_its_bias() -> None:
    features = (Feature("sobel_x"), Feature("box", bias=5.0, name="*mine*"))
    place = Experiment().place._replace(feature=1)
    app = opened(Experiment(features=features, spec=ConvSpec.of(padding=1), place=place))
    assert "This is the map of *mine*, without its bias" in said(app)
    assert "the zeros weaken the border" in said(app)


def test_without_padding_it_is_said_and_one_button_changes_it() -> None:
    app = opened(Experiment())
    assert "There is **no padding**" in said(app)
    assert "What zeros do" not in said(app)
    app.button(key="set_same").click().run()
    assert dict(app.query_params)["p"] in ("same", ["same"])
    assert "no padding" not in said(app)
    assert "What zeros do to the border" in said(app)


def test_where_same_needs_no_padding_no_button_promises_any() -> None:
    one = Feature(OWN, (((1.0,),),))
    app = opened(Experiment(features=(one,), spec=ConvSpec.of(padding="same")))
    assert "a kernel of 1 × 1 needs no padding" in said(app)
    assert not app.button


@pytest.mark.parametrize("size", ["original", 8])
@pytest.mark.parametrize("padding", ["full", ((0, 3), (5, 0))])
def test_every_size_and_padding_is_shown_and_measured_once(
    size: int | str, padding: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for name in ("border_dimming", "border_curve", "boundary_tiles", "coverage_tiles"):
        real = getattr(coverage_panel, name)
        monkeypatch.setattr(
            coverage_panel, name, lambda *args, real=real, **words: (calls.append(1), real(*args, **words))[1]
        )
    spec = ConvSpec.of(padding=padding, stride=(1, 2), boundary="circular")  # type: ignore[arg-type]  # both kinds
    app = opened(Experiment(size=size, spec=spec))
    assert len(calls) == 4
    app.run()
    assert len(calls) == 4
    assert "under the four boundaries by one scale" in said(app)
