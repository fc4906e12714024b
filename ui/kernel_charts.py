"""Pictures of what a kernel does to stripes and edges: figures to turn and point at, and one as plain pixels.

Plotly is imported where a figure is made, so that nothing here waits for it before. The figures bring their own
colours and fonts: show them by ``st.plotly_chart(figure, theme=None, config=CHART_CONFIG)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.reading import Edge, edge_profile, frequency_response
from ui.images import Pixels

if TYPE_CHECKING:
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it comes without types

__all__ = [
    "CHART_CONFIG",
    "FREQUENCY_NOTE",
    "FREQUENCY_SCALE",
    "edge_profile_figure",
    "frequency_colours",
    "frequency_image",
    "frequency_surface",
]

CHART_CONFIG: Mapping[str, Any] = MappingProxyType(
    {"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "responsive": True, "showTips": False}
)
"""Without a toolbar, and without a wheel that zooms where one wants to scroll the page."""

FREQUENCY_NOTE = (
    "The middle is flat areas, further out are finer stripes, the corners are checkerboards of single pixels. "
    "Linear scale: from 0 (dark blue) to what passes best (yellow)."
)
"""What one is looking at in `frequency_image`, for its caption."""

# Cividis: J. R. Nuñez, C. R. Anderton and R. S. Renslow, "Optimizing colormaps with consideration for color vision
# deficiency to enable accurate interpretation of scientific data", PLOS ONE 13(7), 2018. Eleven of its colours.
FREQUENCY_SCALE = (
    *("#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78"),
    *("#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838"),
)
"""The colours of magnitudes, from 0 to the largest: even steps to all kinds of eyes, in grey too."""

_FREQUENCIES = 64
_PIXELS = 6
_FONT_SIZE = 15
_HEIGHT = 460
_FLAT_HEIGHT = 340

# Those of the stage (assets/stage/colour.js): text, faint lines, what is muted, below zero, above zero.
_LIGHT = {"text": "#16202c", "faint": "#d5dae1", "muted": "#556170", "below": "#2c72b8", "above": "#de771a"}
_DARK = {"text": "#eef2f7", "faint": "#36404d", "muted": "#a3b0bf", "below": "#4a96de", "above": "#e0822e"}

_TITLES = {
    Edge.RIGHT: ("columns", "a vertical edge, dark on the left"),
    Edge.BELOW: ("rows", "a horizontal edge, dark above"),
    Edge.LOWER_RIGHT: ("columns", "a diagonal edge, dark at the upper left"),
    Edge.UPPER_RIGHT: ("columns", "a diagonal edge, dark at the lower left"),
}


def frequency_surface(weights: npt.ArrayLike, dark: bool) -> go.Figure:
    """Draw the frequency response of a kernel as a surface.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The kernel. Flipped or not, its response is the same.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
        Over the frequencies along columns and rows in cycles a pixel, from −0.5 to 0.5, the magnitude of the
        response on a linear scale from 0. Transparent around.

    Raises
    ------
    ConvError
        If the weights are no kernel.
    """
    import plotly.graph_objects as go

    response, colours = _response(weights), _DARK if dark else _LIGHT
    axis = np.linspace(-0.5, 0.5, len(response))
    top = float(response.max()) or 1.0
    surface = go.Surface(
        x=axis,
        y=axis,
        z=response,
        cmin=0,
        cmax=top,
        colorscale=[[i / (len(FREQUENCY_SCALE) - 1), colour] for i, colour in enumerate(FREQUENCY_SCALE)],
        colorbar={
            "title": {"text": "response", "font": {"size": _FONT_SIZE}},
            "thickness": 16,
            "len": 0.7,
            "outlinewidth": 0,
            "tickfont": {"size": _FONT_SIZE},
        },
        # Colour is the value here: light and gloss would shade it.
        lighting={"ambient": 1.0, "diffuse": 0.0, "specular": 0.0, "fresnel": 0.0},
        contours={
            "z": {"show": True, "start": top / 5, "end": top, "size": top / 5, "color": "rgba(255,255,255,0.35)"}
        },
        hovertemplate="%{x:.3f} along a row, %{y:.3f} down a column<br>response %{z:.4g}<extra></extra>",
    )
    ticks = {"tickvals": [-0.5, 0, 0.5], "ticktext": ["−0.5", "0", "0.5"]}
    scene = {
        "xaxis": _scene_axis("along a row, cycles/pixel", colours) | ticks,
        # Downwards in a picture is towards whoever looks at the surface.
        "yaxis": _scene_axis("down a column", colours) | ticks | {"autorange": "reversed"},
        # Its numbers are at the colours, which have room for them.
        "zaxis": _scene_axis("", colours) | {"range": [0, top], "nticks": 4, "showticklabels": False},
        "camera": {"eye": {"x": 1.05, "y": -1.8, "z": 1.15}, "center": {"x": 0, "y": 0, "z": -0.12}},
        "aspectratio": {"x": 1, "y": 1, "z": 0.6},
        "dragmode": "orbit",
    }
    figure = go.Figure(surface)
    figure.update_layout(**_layout(colours, _HEIGHT), scene=scene)
    return figure


def frequency_image(weights: npt.ArrayLike) -> Pixels:
    """Draw the frequency response of a kernel as a picture, on a linear scale from 0 to its largest value.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The kernel.

    Returns
    -------
    ndarray of shape (390, 390, 3), uint8
        65 × 65 frequencies of 6 × 6 pixels: from −0.5 cycles a pixel down a column (top) to 0.5, and along a row
        from −0.5 (left) to 0.5. In the colours of `FREQUENCY_SCALE`; only 0 has the first of them, and a kernel of
        zeros has no other.

    Raises
    ------
    ConvError
        If the weights are no kernel.
    """
    response = _response(weights)
    levels = np.rint(255 * response / (float(response.max()) or 1.0)).astype(np.int64)
    # What the transform's rounding leaves of a 0 is a 0; whatever is not, is told apart from it.
    levels[(levels == 0) & (response > 1e-12 * response.max())] = 1
    picture = frequency_colours()[levels]
    return np.ascontiguousarray(picture.repeat(_PIXELS, axis=0).repeat(_PIXELS, axis=1))


def edge_profile_figure(
    weights: npt.ArrayLike, dark: bool, *, edge: Edge | str = Edge.RIGHT, flip: bool = False
) -> go.Figure:
    """Draw an ideal edge from 0 to 1, and what a kernel makes of it.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The kernel; of three axes, on a picture of C equal channels.
    dark : bool
        Whether the page is dark.
    edge : Edge
        Which edge.
    flip : bool
        Whether the kernel is turned by 180° first.

    Returns
    -------
    plotly.graph_objects.Figure
        A bar for each cell of the map across the edge, blue below zero and orange above, and the picture as a
        stair behind them. Transparent around.

    Raises
    ------
    ConvError
        As `edge_profile` does.
    """
    import plotly.graph_objects as go

    profile, colours = edge_profile(weights, edge, flip=flip), _DARK if dark else _LIGHT
    along, title = _TITLES[Edge(edge)]
    values = profile.values.astype(np.float64)
    bars = go.Bar(
        x=profile.offsets,
        y=values,
        width=0.72,
        marker={"color": [colours["below"] if value < 0 else colours["above"] for value in values]},
        name="the map",
        hovertemplate="%{x} from the edge: %{y:.5g}<extra></extra>",
        showlegend=False,
    )
    step = go.Scatter(
        x=profile.offsets,
        y=profile.picture,
        mode="lines+markers",
        line={"shape": "hvh", "width": 2.5, "color": colours["text"], "dash": "dot"},
        marker={"size": 7, "color": colours["text"]},
        name="the picture",
        hovertemplate="pixel: %{y}<extra></extra>",
        showlegend=False,
    )
    figure = go.Figure([bars, step])
    figure.update_layout(
        **_layout(colours, _FLAT_HEIGHT) | {"margin": {"l": 70, "r": 12, "t": 56, "b": 62}},
        title={"text": f"Dots: {title}.<br>Bars: the map.", "font": {"size": _FONT_SIZE}, "x": 0, "xref": "paper"},
        bargap=0,
        dragmode=False,
        xaxis=_flat_axis(f"{along} from the edge", colours) | {"dtick": max(1, len(values) // 12)},
        yaxis=_flat_axis("value", colours) | {"nticks": 7, "zerolinecolor": colours["muted"]},
    )
    return figure


def _response(weights: npt.ArrayLike) -> Doubles:
    response = frequency_response(weights, _FREQUENCIES)
    # The spectrum repeats: with the first row and column once more at the end, its zero is in the middle.
    return np.pad(response, (0, 1), mode="wrap")


def frequency_colours() -> Pixels:
    """Return `FREQUENCY_SCALE` as 256 colours; (256, 3), uint8."""
    stops = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in FREQUENCY_SCALE])
    places = np.linspace(0, 1, len(stops))
    channels = [np.interp(np.linspace(0, 1, 256), places, stops[:, channel]) for channel in range(3)]
    table: Pixels = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return table


def _layout(colours: Mapping[str, str], height: int) -> dict[str, Any]:
    return {
        "template": None,
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": _FONT_SIZE, "color": colours["text"], "family": "Source Sans, sans-serif"},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "hoverlabel": {"font": {"size": _FONT_SIZE}},
        "separators": ".\u202f",
    }


def _flat_axis(title: str, colours: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": _FONT_SIZE}},
        "tickfont": {"size": _FONT_SIZE},
        "gridcolor": colours["faint"],
        "zerolinecolor": colours["faint"],
        "zerolinewidth": 2,
        "fixedrange": True,
        "automargin": True,
    }


def _scene_axis(title: str, colours: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": _FONT_SIZE}},
        "tickfont": {"size": 14},
        "gridcolor": colours["muted"],
        "zerolinecolor": colours["muted"],
        "showbackground": False,
        "showspikes": False,
    }
