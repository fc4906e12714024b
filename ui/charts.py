"""How a figure of Plotly's stands on a page: in its own colours, without a toolbar, and not to be zoomed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.kernel_charts import CHART_CONFIG

if TYPE_CHECKING:
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it comes without types

__all__ = ["show_chart"]


def show_chart(figure: go.Figure, key: str) -> None:
    """Show a figure; `key` names its place on the page."""
    st.plotly_chart(figure, theme=None, config=dict(CHART_CONFIG), key=f"chart_{key}")
