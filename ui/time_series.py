"""A time series, smoothed and differenced: the bundled ones, or a person's own, and the kernels that do it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import streamlit as st

from conv_engine import conv1d
from conv_engine.arrays import Doubles
from ui import state
from ui.charts import show_chart
from ui.feature_edits import noted
from ui.idea import halves, notice
from ui.map_tiles import scale_number
from ui.own_csv import MOST_ROWS, Series, Table, read_csv
from ui.own_file import own_file
from ui.page import is_dark
from ui.series_figure import kernel_figure, series_figure
from ui.signal_words import told
from ui.text import plain

__all__ = [
    "SERIES",
    "Smoothed",
    "difference_kernel",
    "load_series",
    "show_series",
    "smooth_and_subtract",
    "smoothing_kernel",
]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "series"
_TABLE = "own table"
_OWN = "own"
_SMOOTHERS = {"average": "Moving average", "gauss": "Gaussian", "none": "Not at all"}
_MOST_WIDTH = 120
# Of a Gaussian, the width is so many times its σ: beyond it there is little left of it.
_SIGMAS = 6.0
_ROUNDING = 1e-12


class Bundled(NamedTuple):
    """A series that comes with the app."""

    title: str
    story: str
    source: str
    width: int


SERIES: Mapping[str, Bundled] = MappingProxyType(
    {
        "co2": Bundled(
            "Carbon dioxide",
            "Carbon dioxide in the air at Mauna Loa, Hawaii, in parts per million, a value for each month. "
            "It rises, and it breathes: plants take it up in the northern summer.",
            "C. D. Keeling and T. P. Whorf, Scripps Institution of Oceanography; public domain.",
            12,
        ),
        "sunspots": Bundled(
            "Sunspots",
            "The mean number of spots on the Sun, a value for each year. They come and go in waves.",
            "NOAA, National Geophysical Data Center; public domain.",
            11,
        ),
    }
)
"""By the names of their files and in addresses; the first is shown to begin with."""


@cache
def load_series(name: str) -> Series:
    """Read a series that comes with the app.

    Parameters
    ----------
    name : str
        A key of `SERIES`.

    Returns
    -------
    Series
    """
    return read_csv((_FOLDER / f"{name}.csv").read_bytes(), f"{name}.csv").series[0]


def smoothing_kernel(kind: str, width: int) -> Doubles:
    """Return the weights of a smoothing kernel.

    Parameters
    ----------
    kind : str
        ``"average"``: each value counts the same. ``"gauss"``: a bell, of which σ is a sixth of the width.
        ``"none"``: the one weight 1.
    width : int
        How many weights, at least 1.

    Returns
    -------
    ndarray of shape (width,)
        Their sum is 1, so that a series that does not change stays as it is.

    Examples
    --------
    >>> smoothing_kernel("average", 4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    if kind == "none":
        return np.ones(1)
    if kind == "average":
        return np.full(width, 1 / width)
    offsets = np.arange(width) - (width - 1) / 2
    bell = np.exp(-((offsets * _SIGMAS / width) ** 2) / 2)
    weights: Doubles = bell / bell.sum()
    return weights


def difference_kernel(lag: int) -> Doubles:
    """Return the kernel that subtracts from each value the one `lag` places before it.

    Examples
    --------
    >>> difference_kernel(2)
    array([ 1.,  0., -1.])
    """
    weights = np.zeros(lag + 1)
    weights[0], weights[-1] = 1.0, -1.0
    return weights


class Smoothed(NamedTuple):
    """A series after two kernels, and after the one kernel that does the same.

    Attributes
    ----------
    smooth, change : ndarray
        The smoothed series, and the differences of it.
    smooth_first, change_first : int
        The place in the series under the first value of each: a smoothed value stands under the middle of what it
        is the mean of, or half a place before it; a difference under the later of its two.
    kernel : ndarray
        Both kernels in one, as it is laid on the series: a convolution flips its kernel.
    kernel_first : int
        The place of its left weight, from the place of the difference that it makes.
    """

    smooth: Doubles
    smooth_first: int
    change: Doubles
    change_first: int
    kernel: Doubles
    kernel_first: int


def smooth_and_subtract(values: Doubles, kind: str, width: int, lag: int) -> Smoothed:
    """Smooth a series, and subtract from each smoothed value an earlier one.

    Only where all of a kernel lies on the series (``"valid"``): nothing is made up beyond its ends.

    Parameters
    ----------
    values : ndarray of shape (N,)
        The series.
    kind, width
        As for `smoothing_kernel`.
    lag : int
        How many places earlier, at least 1; width + lag ≤ N.

    Returns
    -------
    Smoothed

    Raises
    ------
    ConvError
        If the values are too large.
    """
    smoothing, difference = smoothing_kernel(kind, width), difference_kernel(lag)
    first = (smoothing.size - 1) // 2
    smooth = conv1d(values, smoothing, mode="valid")
    kernel = conv1d(smoothing, difference)[::-1]
    # Weights of which equal ones were subtracted are 0, whatever rounding has left.
    kernel = np.where(np.abs(kernel) > _ROUNDING, kernel, 0.0)
    change = conv1d(smooth, difference, mode="valid")
    return Smoothed(smooth, first, change, first + lag, kernel, -(first + lag))


def show_series() -> None:
    """Show a series, what the kernels make of it, the kernels, and words on them."""
    name, series = _chosen()
    st.markdown(
        "Move the width: watch the small waves go and the slow one stay. Then look at the change below it, which "
        "is made by a kernel, too."
    )
    _choices(name)
    most = max(2, min(_MOST_WIDTH, series.values.size // 2))
    start = min(SERIES[name].width if name in SERIES else 5, most)
    kind, width, lag = _smoothing(most, start)
    result = state.remembered(
        "series",
        (name, series.name, id(series), kind, width, lag),
        lambda: (smooth_and_subtract(series.values, kind, width, lag), series),
    )[0]
    picture, words = halves()
    with picture:
        _pictures(series, lag, result)
    with words:
        if name in SERIES:
            st.markdown(f"**{SERIES[name].title}.** {SERIES[name].story} *Source: {SERIES[name].source}*")
        else:
            st.markdown(f"**{plain(series.name)}**, from your table, which stays in this session's memory.")
        _kernels(kind, width, lag, result)
        notice(*_to_notice(series, kind, width, lag, result))


def _chosen() -> tuple[str, Series]:
    table: Table | None = state.kept(_TABLE)
    options = [*SERIES, *([_OWN] if table else [])]
    asked = state.detail("t_series", options[0])
    name = asked if asked in options else options[0]
    if name != _OWN or table is None:
        return name, load_series(name)
    column = state.detail("t_column", "1")
    index = int(column) - 1 if column.isdecimal() and 1 <= int(column) <= len(table.series) else 0
    return name, table.series[index]


def _choices(name: str) -> None:
    table: Table | None = state.kept(_TABLE)
    titles = {key: bundled.title for key, bundled in SERIES.items()}
    if table is not None:
        titles[_OWN] = table.name
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="series_choices"):
        st.segmented_control(
            "Series",
            tuple(titles),
            format_func=lambda key: plain(titles[key]),
            required=True,
            key=state.mirror("series_name", name),
            on_change=_take_series,
        )
        if name == _OWN and table is not None and len(table.series) > 1:
            columns = tuple(range(1, len(table.series) + 1))
            asked = state.detail("t_column", "1")
            st.selectbox(
                "Column",
                columns,
                format_func=lambda number: table.series[number - 1].name,
                key=state.mirror("series_column", int(asked) if asked in map(str, columns) else 1),
                on_change=_take,
                args=("t_column", "series_column"),
                width=200,
            )
        with st.popover("Your own table"):
            own_file(
                "A table as CSV",
                "series",
                ("csv", "txt", "tsv"),
                _keep_table,
                "The series stays as it was.",
                f"A number in each row, up to {MOST_ROWS:,} rows, in order of time; the first column may say "
                "when. It stays in this session's memory.",
            )


def _smoothing(most: int, start: int) -> tuple[str, int, int]:
    """Show what can be set, and return it: the kernel, its width, and how far back is subtracted."""
    asked = state.detail("t_smooth", "average")
    kind = asked if asked in _SMOOTHERS else "average"
    width = _whole("t_width", start, 2, most)
    lag = _whole("t_lag", 1, 1, min(most, 24))
    left, middle, right = st.columns(3, gap="medium", vertical_alignment="bottom")
    left.segmented_control(
        "Smooth by",
        tuple(_SMOOTHERS),
        format_func=_SMOOTHERS.__getitem__,
        required=True,
        key=state.mirror("series_smooth", kind),
        on_change=_take,
        args=("t_smooth", "series_smooth"),
    )
    with middle:
        _slider("Width: how many values it looks at", "t_width", width, 2, most, off=kind == "none")
    with right:
        _slider("Subtract the value so many places before", "t_lag", lag, 1, min(most, 24))
    return kind, width, lag


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = state.detail(name, str(default))
    number = int(text) if text.isdecimal() and len(text) < 6 else default
    return min(max(number, least), most)


def _slider(label: str, name: str, value: int, least: int, most: int, *, off: bool = False) -> None:
    key = f"series_{name}.{most}"
    # A slider needs a choice: with the shortest series there is none.
    if least < most:
        st.slider(
            label,
            least,
            most,
            value,
            key=state.mirror(key, value),
            on_change=_take,
            args=(name, key),
            disabled=off,
        )


@noted
def _take(name: str, key: str) -> None:
    state.set_detail(name, str(state.value_of(key)))


@noted
def _take_series() -> None:
    name = str(state.value_of("series_name"))
    state.set_detail("t_series", name)
    state.set_detail("t_width", str(SERIES[name].width if name in SERIES else 5))


def _keep_table(data: bytes, name: str) -> None:
    state.keep(_TABLE, read_csv(data, name))
    state.set_detail("t_series", _OWN)
    state.set_detail("t_column", "1")
    state.set_detail("t_width", "5")


def _pictures(series: Series, lag: int, result: Smoothed) -> None:
    dark = is_dark()
    st.markdown(f"**{plain(series.name).capitalize()}**, and smoothed")
    show_chart(
        series_figure(series.labels, series.values, result.smooth, result.smooth_first, "", dark), "series_smooth"
    )
    st.markdown(f"**Its change**: the smoothed value minus the one {_places(lag)} before")
    figure = series_figure(
        series.labels, np.empty(0), result.change, result.change_first, "", dark, above_zero=True
    )
    show_chart(figure, "series_change")


def _kernels(kind: str, width: int, lag: int, result: Smoothed) -> None:
    smoothing, difference = smoothing_kernel(kind, width), difference_kernel(lag)
    used = int(np.count_nonzero(result.kernel))
    st.markdown(
        f"Two kernels did this. One smooths: **{_weights(smoothing)}**. One subtracts: "
        f"**{_weights(difference)}**. Laid on each other they are one kernel of {result.kernel.size} weights, "
        f"{used} of them not 0, which goes from the series to its change in a single pass:"
    )
    texts = [told(float(weight)).replace("≈ ", "") for weight in result.kernel]
    show_chart(kernel_figure(result.kernel, result.kernel_first, texts, is_dark()), "series_kernel")


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def _weights(weights: Doubles) -> str:
    texts = [told(float(weight)).replace("≈ ", "") for weight in weights]
    if len(set(texts)) == 1 and len(texts) > 3:
        return f"{len(texts)} × {texts[0]}"
    if len(texts) > 7:
        return f"{texts[0]}, {texts[1]} … {texts[len(texts) // 2]} … {texts[-2]}, {texts[-1]}"
    return ", ".join(texts)


def _to_notice(series: Series, kind: str, width: int, lag: int, result: Smoothed) -> list[str]:
    count = series.values.size
    sentences = []
    rough, smooth = (float(np.abs(np.diff(values)).max()) for values in (series.values, result.smooth))
    if kind != "none":
        sentences.append(
            f"The largest step from one value to the next falls from {scale_number(rough, 3)} to "
            f"{scale_number(smooth, 3)}."
        )
        sentences.append(
            f"{count} values went in, {result.smooth.size} came out: the {count - result.smooth.size} at the ends "
            "have too few neighbours for a mean (*valid*)."
        )
    rising = int(np.count_nonzero(result.change > 0))
    sentences.append(
        f"The change is above 0 at {rising} of {result.change.size} places: there the smoothed value is larger "
        f"than {_places(lag)} before."
    )
    if kind == "average":
        sentences.append(
            f"A wave of exactly {width} values is gone: each mean holds all of it, its hills and its valleys."
        )
    return sentences
