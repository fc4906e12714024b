"""How a convolution and a fully connected layer grow with the picture: both axes logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ui.colours import css, palette_for
from ui.sharing import Beside

if TYPE_CHECKING:
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it comes without types

__all__ = ["COUNTED", "growth_figure"]

COUNTED = {"parameters": "Parameters", "multiplications": "Multiplications"}
"""What can be drawn: attributes of `Beside`, with ``dense_`` in front for the other layer, and their titles."""

_FONT_SIZE = 15
_HEIGHT = 440


def growth_figure(points: Sequence[Beside], own: Beside, counted: str, dark: bool) -> go.Figure:
    """Draw what both layers hold, or do, against the longer side of the picture.

    Parameters
    ----------
    points : sequence of Beside
        From `curve`.
    own : Beside
        The experiment's own, which is marked.
    counted : str
        A key of `COUNTED`.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
        The fully connected layer first, then the convolution, then the two marks. Transparent around.
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    # Told apart by their dashes too.
    ways = (
        ("Fully connected", f"dense_{counted}", css(palette.stops[-2]), "dash", "square"),
        ("Convolution", counted, css(palette.stops[1]), "solid", "circle"),
    )
    lines = [
        go.Scatter(
            x=[point.side for point in points],
            y=[getattr(point, name) for point in points],
            customdata=[_size(point) for point in points],
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            marker={"size": 7, "symbol": symbol, "color": colour},
            name=title,
            hovertemplate=f"{title}, %{{customdata}}: %{{y:,}}<extra></extra>",
        )
        for title, name, colour, dash, symbol in ways
    ]
    marks = go.Scatter(
        x=[own.side] * 2,
        y=[getattr(own, name) for _, name, *_ in ways],
        mode="markers",
        marker={"size": 17, "symbol": "circle-open", "color": css(palette.text), "line": {"width": 3}},
        name="this experiment",
        hoverinfo="skip",
    )
    figure = go.Figure([*lines, marks])
    axis: dict[str, Any] = {
        "type": "log",
        "tickfont": {"size": _FONT_SIZE},
        "gridcolor": css(palette.faint),
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
    }
    sides = [point.side for point in points]
    ticks = [side for side in (8, 32, 128, 512, 2048) if min(sides) <= side <= max(sides)]
    figure.update_layout(
        template=None,
        height=_HEIGHT,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": _FONT_SIZE, "color": css(palette.text), "family": "Source Sans, sans-serif"},
        hoverlabel={"font": {"size": _FONT_SIZE}},
        margin={"l": 10, "r": 12, "t": 8, "b": 10},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": _FONT_SIZE}},
        dragmode=False,
        separators=".,",
        xaxis={
            **axis,
            "title": {"text": "longer side of the picture, in pixels"},
            "tickvals": ticks,
            "ticktext": [f"{tick:,}" for tick in ticks],
        },
        yaxis={
            **axis,
            "title": {"text": COUNTED[counted].lower()},
            "dtick": 3,
            "exponentformat": "power",
            "minor": {"dtick": 1, "gridcolor": css(palette.faint), "showgrid": False},
        },
    )
    return figure


def _size(point: Beside) -> str:
    rows, cols, channels = point.image_shape
    return f"{rows:,} × {cols:,} × {channels}"
