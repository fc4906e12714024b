"""Sounds as figures: their waves, their spectra, and the kernels between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conv_engine.arrays import Doubles
from ui.colours import css, palette_for
from ui.series_figure import FONT_SIZE, axis, layout
from ui.sounds import spectrum

if TYPE_CHECKING:
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it comes without types

__all__ = ["sound_kernel_figure", "spectrum_figure", "wave_figure"]

_WAVE_HEIGHT, _SPECTRUM_HEIGHT, _KERNEL_HEIGHT = 150, 260, 200
_COLUMNS = 700
_FLOOR = -80.0
# More weights than these are drawn as a line, and not each by itself.
_MOST_STEMS = 75
_LOWEST = 40.0


def wave_figure(samples: Doubles, rate: int, seconds: float, after: bool, dark: bool) -> go.Figure:
    """Draw a sound as its lowest and highest sample in each column of the picture.

    Parameters
    ----------
    samples : ndarray of shape (N,)
        From −1 to 1.
    rate : int
        Samples a second.
    seconds : float
        How long the axis is: the same for before and after.
    after : bool
        In which of the two colours.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    ink = css(palette.stops[5 if after else 1])
    across = max(1, -(-samples.size // _COLUMNS))
    padded = np.pad(samples, (0, -samples.size % across), mode="edge").reshape(-1, across)
    times = np.arange(len(padded)) * across / rate
    figure = go.Figure()
    for edge, fill in ((padded.min(axis=1), None), (padded.max(axis=1), "tonexty")):
        figure.add_scatter(
            x=times,
            y=edge,
            mode="lines",
            line={"width": 1, "color": ink},
            fill=fill,
            fillcolor=ink,
            hoverinfo="skip",
        )
    figure.update_layout(
        **layout(palette, _WAVE_HEIGHT),
        xaxis=axis("seconds" if after else "", palette) | {"range": [0, seconds], "nticks": 8},
        yaxis=axis("", palette) | {"range": [-1.05, 1.05], "tickvals": [-1, 0, 1], "zeroline": True},
    )
    return figure


def spectrum_figure(before: Doubles, after: Doubles, rate: int, dark: bool) -> go.Figure:
    """Draw how strong each frequency is, before and after, in decibels below the strongest one before.

    Parameters
    ----------
    before, after : ndarray
        The samples.
    rate : int
        Samples a second.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
        On a logarithmic axis of frequencies from 40 Hz up.
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    frequencies, first = spectrum(before, rate)
    _, second = spectrum(after, rate)
    top = float(first.max()) or 1.0
    figure = go.Figure()
    for name, power, stop, width in (("before", first, 1, 2), ("after", second, 5, 3)):
        decibels = 10 * np.log10(np.maximum(power / top, 10 ** (_FLOOR / 10)))
        figure.add_scatter(
            x=frequencies,
            y=decibels,
            name=name,
            mode="lines",
            line={"width": width, "color": css(palette.stops[stop])},
            hovertemplate="%{x:.0f} Hz: %{y:.0f} dB<extra>" + name + "</extra>",
        )
    ticks = [tick for tick in (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000) if tick <= rate / 2]
    figure.update_layout(
        **layout(palette, _SPECTRUM_HEIGHT)
        | {
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": FONT_SIZE}},
        },
        xaxis=axis("Hz", palette)
        | {
            "type": "log",
            "range": [float(np.log10(_LOWEST)), float(np.log10(rate / 2))],
            "tickvals": ticks,
            "ticktext": [f"{tick // 1000}k" if tick >= 1000 else str(tick) for tick in ticks],
        },
        yaxis=axis("dB", palette) | {"range": [_FLOOR, 8], "tickvals": [-80, -60, -40, -20, 0]},
    )
    return figure


def sound_kernel_figure(weights: Doubles, rate: int, centred: bool, dark: bool) -> go.Figure:
    """Draw a kernel over time: each weight that is not zero as a stem where they are few, else as a line.

    Parameters
    ----------
    weights : ndarray of shape (M,)
        The kernel.
    rate : int
        Samples a second.
    centred : bool
        Whether its middle is at time 0, or its beginning.
    dark : bool
        Whether the page is dark.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    palette = palette_for(dark)
    ink = css(palette.stops[5])
    times = (np.arange(weights.size) - ((weights.size - 1) / 2 if centred else 0)) * 1000 / rate
    used = np.flatnonzero(weights)
    figure = go.Figure()
    if used.size <= _MOST_STEMS:
        stems = np.zeros((used.size, 3))
        stems[:, 1], stems[:, 2] = weights[used], np.nan
        figure.add_scatter(
            x=np.repeat(times[used], 3), y=stems.ravel(), mode="lines", line={"color": ink}, hoverinfo="skip"
        )
    figure.add_scatter(
        x=times[used] if used.size <= _MOST_STEMS else times,
        y=weights[used] if used.size <= _MOST_STEMS else weights,
        mode="markers" if used.size <= _MOST_STEMS else "lines",
        marker={"size": 8, "color": ink},
        line={"width": 2, "color": ink},
        hovertemplate="%{x:.4g} ms: %{y:.4g}<extra></extra>",
    )
    edge = 0.04 * float(times[-1] - times[0] or 1.0)
    figure.update_layout(
        **layout(palette, _KERNEL_HEIGHT),
        xaxis=axis("milliseconds", palette)
        | {"nticks": 7, "range": [float(times[0]) - edge, float(times[-1]) + edge]},
        yaxis=axis("weight", palette) | {"nticks": 4, "zeroline": True, "rangemode": "tozero"},
    )
    return figure
