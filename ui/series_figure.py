"""A time series with what kernels make of it, and the kernel itself, as figures to point at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conv_engine.arrays import Doubles
from ui.colours import Palette, css, palette_for

if TYPE_CHECKING:
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it comes without types

__all__ = ["FONT_SIZE", "axis", "kernel_figure", "layout", "series_figure"]

FONT_SIZE = 15
"""Of all that is written in a figure, in CSS pixels."""

_HEIGHT, _KERNEL_HEIGHT = 300, 210
_NUMBERED = 13


def series_figure(
    labels: tuple[str, ...],
    values: Doubles,
    result: Doubles,
    first: int,
    title: str,
    dark: bool,
    *,
    above_zero: bool = False,
) -> go.Figure:
    """Draw a series faintly, and what a kernel made of it in front.

    Parameters
    ----------
    labels : tuple of str
        Under the values.
    values : ndarray of shape (N,)
        The series; of no values to leave it out, where the result has another scale.
    result : ndarray of shape (M,)
        What was made of it.
    first : int
        The label under the first value of `result`.
    title : str
        Of the upright axis.
    dark : bool
        Whether the page is dark.
    above_zero : bool
        Whether the area between 0 and the result is filled, in two colours.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    below, above = _inks(palette)
    places = np.arange(len(labels))
    figure = go.Figure()
    if values.size:
        figure.add_scatter(
            x=places,
            y=values,
            customdata=labels,
            mode="lines",
            line={"width": 1.5, "color": css(palette.muted)},
            opacity=0.6,
            hovertemplate="%{customdata}: %{y:.6g}<extra>the series</extra>",
        )
    across = places[first : first + result.size]
    if above_zero:
        for part, ink in ((np.minimum(result, 0), below), (np.maximum(result, 0), above)):
            figure.add_scatter(
                x=across, y=part, mode="lines", line={"width": 0}, fill="tozeroy", fillcolor=ink, hoverinfo="skip"
            )
    figure.add_scatter(
        x=across,
        y=result,
        customdata=labels[first : first + result.size],
        mode="lines",
        line={"width": 1 if above_zero else 3, "color": css(palette.text) if above_zero else above},
        hovertemplate="%{customdata}: %{y:.6g}<extra>after the kernel</extra>",
    )
    ticks = _ticks(labels)
    figure.update_layout(
        **layout(palette, _HEIGHT),
        xaxis=axis("", palette) | {"tickvals": ticks, "ticktext": [labels[tick] for tick in ticks]},
        yaxis=axis(title, palette) | {"nticks": 6, "zeroline": above_zero},
    )
    return figure


def kernel_figure(weights: Doubles, first: int, texts: list[str], dark: bool) -> go.Figure:
    """Draw a kernel of one axis as bars, blue below zero and orange above.

    Parameters
    ----------
    weights : ndarray of shape (M,)
        As they are laid on the series: the left one on the oldest value.
    first : int
        The place of the left one, from the value that is computed.
    texts : list of str
        The weights as they are written.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
        With the numbers at the bars where there is room for them.
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    below, above = _inks(palette)
    bars: dict[str, Any] = {}
    if weights.size <= _NUMBERED:
        bars = {"text": texts, "textposition": "outside", "cliponaxis": False, "textfont": {"size": FONT_SIZE}}
        bars |= {"constraintext": "none", "textangle": 0}
    figure = go.Figure(
        go.Bar(
            x=np.arange(first, first + weights.size),
            y=weights,
            customdata=texts,
            marker={"color": [below if weight < 0 else above for weight in weights]},
            hovertemplate="%{x}: %{customdata}<extra></extra>",
            **bars,
        )
    )
    # For the numbers at the ends of the bars, which must not lie on those of the axis.
    room = 0.5 * float(np.abs(weights).max() or 1.0)
    low, high = min(0.0, float(weights.min())), max(0.0, float(weights.max()))
    figure.update_layout(
        **layout(palette, _KERNEL_HEIGHT),
        bargap=0.25,
        xaxis=axis("place, from the value that is computed", palette)
        | {"nticks": 9, "zeroline": False, "range": [first - 1.4, first + weights.size + 0.4]},
        yaxis=axis("weight", palette)
        | {"nticks": 4, "range": [low - (room if low < 0 else 0), high + room], "zeroline": True},
    )
    return figure


def layout(palette: Palette, height: int) -> dict[str, Any]:
    """Return what the figures of a page have in common: height, colours, letters, margins."""
    return {
        "template": None,
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": FONT_SIZE, "color": css(palette.text), "family": "Source Sans, sans-serif"},
        "margin": {"l": 10, "r": 12, "t": 10, "b": 10},
        "hoverlabel": {"font": {"size": FONT_SIZE}},
        "separators": ".\u202f",
        "showlegend": False,
        "dragmode": False,
    }


def axis(title: str, palette: Palette) -> dict[str, Any]:
    """Return an axis that is not zoomed."""
    return {
        "title": {"text": title, "font": {"size": FONT_SIZE}, "standoff": 8},
        "tickfont": {"size": FONT_SIZE},
        "gridcolor": css(palette.faint),
        "zerolinecolor": css(palette.muted),
        "fixedrange": True,
        "automargin": True,
    }


def _inks(palette: Palette) -> tuple[str, str]:
    """Return the colours of what is below zero and of what is above."""
    return (css(palette.stops[1]), css(palette.stops[5]))


def _ticks(labels: tuple[str, ...]) -> list[int]:
    """Choose a few of the labels to be written, where they change a digit that matters: 1700, 1750, 1800."""
    for every in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000):
        heads = [label[:4] for label in labels]
        if all(head.isdigit() for head in heads):
            places = [
                place
                for place, head in enumerate(heads)
                if int(head) % every == 0 and (place == 0 or heads[place - 1] != head)
            ]
        else:
            places = list(range(0, len(labels), every))
        if len(places) <= 7:
            return places
    return list(range(0, len(labels), -(-len(labels) // 6)))
