"""The few shapes of which our drawings are made, as SVG, and how a page shows them.

Streamlit takes inline SVG out of HTML, so that a drawing becomes an image in a ``data:`` address. Each comes
twice, wide, and narrow for a telephone: a container query chooses, and the letters have 14 CSS pixels in both.
"""

import base64
from html import escape

__all__ = ["LETTERS", "NARROW", "WIDE", "document", "label", "line", "pair_html", "rect", "safe"]

WIDE, NARROW = 760.0, 360.0
"""The units across a drawing: shown at 640 CSS pixels and more, and at 300 to 640."""

LETTERS = 17
"""The smallest letters, in units: 14 CSS pixels where a drawing is at its smallest."""

_WIDEST_NARROW = 640


def safe(text: str) -> str:
    """Write a text for XML and HTML; what XML has no way to write is left out."""
    clean = text.encode(errors="replace").decode()
    return escape("".join(letter for letter in clean if letter.isprintable()))


def rect(x: float, y: float, width: float, height: float, **attributes: str | float) -> str:
    """Draw a rectangle; ``_`` in the names of attributes is written as ``-``."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"{_attributes(attributes)}/>'


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float) -> str:
    """Draw a straight line."""
    return f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"{_attributes(attributes)}/>'


def label(
    x: float,
    y: float,
    text: str,
    *,
    size: float = LETTERS,
    ink: str = "currentColor",
    weight: str = "normal",
    anchor: str = "middle",
    halo: str = "",
) -> str:
    """Write a text whose middle (or ``start``, or ``end``) is at x, on the line y; a halo parts it from lines."""
    around = f' stroke="{halo}" stroke-width="6" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" font-weight="{weight}" fill="{ink}" '
        f'text-anchor="{anchor}"{around}>{safe(text)}</text>'
    )


def document(body: str, width: float, height: float, ink: str, title: str, description: str) -> str:
    """Make a whole SVG document of shapes, with a title and a description for who does not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" '
        f'height="{height:.0f}" role="img" style="max-width: 100%; height: auto; color: {ink}" '
        f'font-family="system-ui, sans-serif" fill="currentColor">'
        f"<title>{safe(title)}</title><desc>{safe(description)}</desc>{body}</svg>"
    )


def pair_html(name: str, wide: str, narrow: str, words: str) -> str:
    """Show the wide or the narrow drawing, as there is room.

    Parameters
    ----------
    name : str
        A CSS class, one for each kind of drawing.
    wide, narrow : str
        SVG documents of `WIDE` and `NARROW` units.
    words : str
        The text alternative of both.

    Returns
    -------
    str
        HTML for ``st.html``.
    """
    images = []
    for kind, svg in (("wide", wide), ("narrow", narrow)):
        source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
        images.append(f'<img class="{name}-{kind}" src="{source}" alt="{safe(words)}">')
    return (
        "<style>"
        f".{name} {{ container-type: inline-size }}"
        f".{name} img {{ width: 100%; height: auto; margin: 0 auto; max-width: {1.35 * WIDE:.0f}px }}"
        f".{name} .{name}-narrow {{ display: block; max-width: {1.2 * NARROW:.0f}px }}"
        f".{name} .{name}-wide {{ display: none }}"
        f"@container (min-width: {_WIDEST_NARROW}px) {{"
        f".{name} .{name}-wide {{ display: block }} .{name} .{name}-narrow {{ display: none }} }}"
        f'</style><div class="{name}">{"".join(images)}</div>'
    )


def _attributes(attributes: dict[str, str | float]) -> str:
    # A class is a word of Python's own, which no argument can be called.
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    return "".join(
        f' {names[name]}="{value:g}"' if isinstance(value, float) else f' {names[name]}="{value}"'
        for name, value in attributes.items()
    )
