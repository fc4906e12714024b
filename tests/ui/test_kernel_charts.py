"""The figures show the numbers of the engine, in colours that say which, and ask nothing of any network."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from conv_engine import LIBRARY, ConvError
from conv_engine.reading import Edge, edge_profile, frequency_response
from ui.kernel_charts import (
    CHART_CONFIG,
    FREQUENCY_SCALE,
    edge_profile_figure,
    frequency_image,
    frequency_surface,
)

ROOT = Path(__file__).resolve().parents[2]
FIGURES = {"surface": frequency_surface, "edge": edge_profile_figure}
KERNELS = {key: LIBRARY[key].weights for key in ("sobel_x", "gaussian5", "luma", "red_green", "roberts_a")}
KERNELS |= {"zeros": np.zeros((2, 3)), "one": np.array([[2.0]]), "large": np.ones((15, 15, 3))}
BACKGROUND = {False: "#ffffff", True: "#0f141b"}


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def luminance(colour):
    parts = colour / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(rgb(one)), luminance(rgb(other))))
    return (high + 0.05) / (low + 0.05)


def font_sizes(part):
    """Find the size of every font that a figure sets."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("font", "tickfont") and "size" in value:
                yield value["size"]
            yield from font_sizes(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from font_sizes(value)


# --- all figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_figures_are_legible_on_their_page(draw, name, dark):
    figure = draw(KERNELS[name], dark)
    assert isinstance(figure, go.Figure)
    layout = figure.to_dict()["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert contrast(layout["font"]["color"], BACKGROUND[dark]) >= 7
    sizes = list(font_sizes(figure.to_dict()))
    assert len(sizes) >= 4
    assert min(sizes) >= 14


def test_the_toolbar_and_the_zooming_wheel_are_off():
    assert CHART_CONFIG["displayModeBar"] is False
    assert CHART_CONFIG["scrollZoom"] is False
    assert json.loads(json.dumps(dict(CHART_CONFIG))) == CHART_CONFIG


@pytest.mark.parametrize("draw", [*(lambda w, d=draw: d(w, False) for draw in FIGURES.values()), frequency_image])
def test_what_is_no_kernel_is_refused(draw):
    with pytest.raises(ConvError, match="weights must be finite, got nan"):
        draw([[float("nan")]])


def test_plotly_is_loaded_by_the_first_figure_and_not_before():
    code = """
import sys
import ui.kernel_charts as charts
charts.frequency_image([[1, 2, 1]])
print("plotly" in sys.modules)
charts.frequency_surface([[1, 2, 1]], False)
print("plotly" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


# --- the frequencies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KERNELS)
def test_the_surface_is_the_frequency_response_with_flat_areas_in_the_middle(name):
    (surface,) = frequency_surface(KERNELS[name], False).data
    response = frequency_response(KERNELS[name])
    height = np.asarray(surface.z)
    assert height.shape == (65, 65)
    np.testing.assert_array_equal(height[:64, :64], response)
    np.testing.assert_array_equal(height[64], height[0])
    np.testing.assert_array_equal(height[:, 64], height[:, 0])
    assert height[32, 32] == response[32, 32]
    for axis in (np.asarray(surface.x), np.asarray(surface.y)):
        np.testing.assert_allclose(axis, np.arange(-32, 33) / 64)
    assert surface.cmin == 0
    assert surface.cmax == (response.max() or 1)


def test_the_surface_has_its_columns_along_the_first_axis():
    (surface,) = frequency_surface([[-1, 0, 1]], False).data
    along_a_row = np.asarray(surface.z)[32]
    assert along_a_row[48] == pytest.approx(2)
    assert np.asarray(surface.x)[48] == 0.25
    assert not np.asarray(surface.z)[:, 32].any()


@pytest.mark.parametrize("name", KERNELS)
def test_the_picture_is_the_response_on_a_linear_scale(name):
    picture, response = frequency_image(KERNELS[name]), frequency_response(KERNELS[name])
    assert picture.dtype == np.uint8
    assert picture.shape == (390, 390, 3)
    assert picture.flags.c_contiguous
    cells = picture.reshape(65, 6, 65, 6, 3)
    np.testing.assert_array_equal(cells, np.broadcast_to(cells[:, :1, :, :1], cells.shape))
    cells = cells[:64, 0, :64, 0].astype(float)
    share = response / (response.max() or 1)
    places = np.linspace(0, 1, len(FREQUENCY_SCALE))
    stops = np.array([rgb(colour) for colour in FREQUENCY_SCALE])
    for channel in range(3):
        expected = np.interp(share, places, stops[:, channel])
        assert np.abs(cells[:, :, channel] - expected).max() <= 2


def test_only_nothing_has_the_colour_of_nothing():
    picture, first = frequency_image([[-1, 1]]), rgb(FREQUENCY_SCALE[0])
    is_first = (picture == first).all(axis=2)
    assert is_first[:, 32 * 6 : 33 * 6].all()
    assert is_first.sum() == 390 * 6
    assert (frequency_image(np.zeros((3, 3))) == first).all()
    assert (frequency_image([[0, 0], [0, 1e-9]]) == rgb(FREQUENCY_SCALE[-1])).all()


def test_what_is_faint_is_told_apart_from_nothing():
    response = frequency_response(LIBRARY["gaussian5"].weights)
    assert ((response > 1e-12) & (response < 1e-3)).any()
    cells = frequency_image(LIBRARY["gaussian5"].weights)[: 64 * 6 : 6, : 64 * 6 : 6]
    np.testing.assert_array_equal((cells == rgb(FREQUENCY_SCALE[0])).all(axis=2), response <= 1e-12)


def test_the_scale_of_magnitudes_only_ever_gets_lighter():
    table = np.array([luminance(rgb(colour)) for colour in FREQUENCY_SCALE])
    assert (np.diff(table) > 0).all()
    assert contrast(FREQUENCY_SCALE[0], FREQUENCY_SCALE[-1]) > 10


# --- the edges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("edge", Edge)
@pytest.mark.parametrize("name", KERNELS)
def test_the_bars_are_the_map_across_the_edge_and_the_stair_is_the_picture(name, edge, flip):
    bars, step = edge_profile_figure(KERNELS[name], False, edge=edge, flip=flip).data
    profile = edge_profile(KERNELS[name], edge, flip=flip)
    for trace, values in ((bars, profile.values), (step, profile.picture)):
        np.testing.assert_array_equal(trace.x, profile.offsets)
        np.testing.assert_array_equal(np.asarray(trace.y, dtype=float), values)


@pytest.mark.parametrize("dark", [False, True])
def test_bars_are_blue_below_zero_and_orange_above(dark):
    bars, _ = edge_profile_figure(LIBRARY["sharpen"].weights, dark).data
    below = {colour for colour, value in zip(bars.marker.color, bars.y, strict=True) if value < 0}
    above = {colour for colour, value in zip(bars.marker.color, bars.y, strict=True) if value >= 0}
    assert len(below) == len(above) == 1
    red, _, blue = rgb(below.pop())
    assert blue > red
    red, _, blue = rgb(above.pop())
    assert red > blue
    assert all(contrast(colour, BACKGROUND[dark]) >= 3 for colour in bars.marker.color)


def test_the_colours_are_those_of_the_stage():
    stage = (ROOT / "assets" / "stage" / "colour.js").read_text(encoding="utf-8")
    for dark, palette in ((False, "LIGHT"), (True, "DARK")):
        part = stage.split(f"export const {palette} =")[1].split("};")[0]
        figure = edge_profile_figure(LIBRARY["sharpen"].weights, dark)
        assert f'text: "{figure.layout.font.color}"' in part
        assert f'muted: "{figure.layout.yaxis.zerolinecolor}"' in part
        for colour in figure.data[0].marker.color:
            assert str(rgb(colour).tolist()) in part


def test_an_edge_that_is_none_is_refused():
    with pytest.raises(ConvError, match="edge must be one of right, below"):
        edge_profile_figure([[1]], False, edge="left")
