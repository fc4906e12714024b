"""Type or paste the weights of a kernel, and take them elsewhere as text."""

import streamlit as st

from ui import state
from ui.experiment import LARGEST_KERNEL, OWN, Feature, Weights
from ui.feature_edits import CHANNELS, noted, size_and_slices, take_weights, weights_of
from ui.pasted import STYLES, format_kernel, parse_pasted
from ui.text import plain
from ui.weights import WeightError, format_weight, parse_weight

__all__ = ["type_kernel"]


def type_kernel() -> None:
    """Show a table of the weights to type in, a field to paste into, and the weights as text."""
    index, feature = state.chosen()
    weights = weights_of(feature)
    table, text = st.columns([3, 2], gap="large")
    with table:
        st.markdown("#### Type")
        size_and_slices("table ", index, LARGEST_KERNEL)
        _tables(index, weights)
    with text:
        st.markdown("#### Paste")
        _paste(index)
        st.markdown("#### Copy")
        style = st.segmented_control(
            "Write the weights for",
            STYLES,
            default=STYLES[0],
            required=True,
            format_func=lambda style: _STYLE_TITLES.get(style, style.capitalize()),
            key="copy_style",
            width="stretch",
        )
        st.code(format_kernel(weights, style or STYLES[0]), language=None, wrap_lines=True)


_STYLE_TITLES = {"numpy": "NumPy", "json": "JSON", "matlab": "MATLAB", "spreadsheet": "Table"}


# The tables


def _tables(index: int, weights: Weights) -> None:
    # A table keeps its cursor as long as its key and what it began with stay: what is typed there changes neither.
    began: tuple[int, Weights, Weights, int] | None = state.kept("table")
    if began is None or began[0] != index or began[2] != weights:
        began = (index, weights, weights, (began[3] if began else 0) + 1)
        state.keep("table", began)
    _, base, _, number = began
    channels = len(base[0][0])
    problems: list[str] = []
    for c in range(channels):
        name = CHANNELS[c] if channels == 3 else "Grey" if state.experiment().grey else "R, G and B alike"
        key = f"table.{number}.{c}"
        problems += _edits(base, key, c, name)[1]
        st.markdown(f"**{name}**")
        st.data_editor(
            {str(j): [format_weight(row[j][c]) for row in base] for j in range(len(base[0]))},
            key=key,
            on_change=_take_edits,
            hide_index=True,
            width="stretch",
            row_height=36,
            column_config={str(j): st.column_config.TextColumn(str(j), width=56) for j in range(len(base[0]))},
        )
    st.caption(
        "Numbers such as 2, -0.5, 1/9 or −1/8. A block of cells can be pasted from a spreadsheet; Alt+Z takes "
        "the "
        "last change back."
    )
    for problem in problems:
        st.error(problem)


def _edits(base: Weights, key: str, channel: int, name: str) -> tuple[dict[tuple[int, int], float], list[str]]:
    """Return what was typed into a table, by row and column, and a sentence for each text that is no weight."""
    state_of_table = state.value_of(key)
    edited = state_of_table.get("edited_rows", {}) if isinstance(state_of_table, dict) else {}
    good: dict[tuple[int, int], float] = {}
    problems = []
    for row, cells in edited.items():
        for col, text in cells.items():
            i, j = int(row), int(col)
            if not (0 <= i < len(base) and 0 <= j < len(base[0])):
                continue
            try:
                good[i, j] = parse_weight("0" if text is None or not str(text).strip() else str(text))
            except WeightError as error:
                problems.append(
                    f"{name}, row {i}, column {j}: {plain(str(error))} Until then the last good value counts."
                )
    return good, problems


@noted
def _take_edits() -> None:
    began: tuple[int, Weights, Weights, int] | None = state.kept("table")
    if began is None or began[0] != state.chosen()[0]:
        return
    index, base, _, number = began
    changes = {
        (i, j, c): weight
        for c in range(len(base[0][0]))
        for (i, j), weight in _edits(base, f"table.{number}.{c}", c, "")[0].items()
    }
    weights = tuple(
        tuple(tuple(changes.get((i, j, c), weight) for c, weight in enumerate(cell)) for j, cell in enumerate(row))
        for i, row in enumerate(base)
    )
    state.keep("table", (index, base, weights, number))
    take_weights(index, weights)


# Pasted text


def _paste(index: int) -> None:
    with st.form("paste_numbers", border=False):
        st.text_area(
            "Numbers from a spreadsheet, NumPy, Python, JSON or MATLAB",
            key="pasted_numbers",
            height=120,
            placeholder="[1 0 -1; 2 0 -2; 1 0 -1] / 8",
        )
        st.form_submit_button("Use these numbers", on_click=_take_pasted, args=(index,))


@noted
def _take_pasted(index: int) -> None:
    text = str(state.value_of("pasted_numbers") or "")
    try:
        pasted = parse_pasted(text)
    except WeightError as error:
        state.say(f"{error} The kernel stays as it was.")
        return
    if len(pasted.kernels) == 1:
        take_weights(index, pasted.kernels[0])
    else:
        state.replace_bank(tuple(Feature(OWN, weights) for weights in pasted.kernels), chosen=0)
    state.say(pasted.how)
