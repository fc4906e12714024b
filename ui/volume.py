"""The volumes of a layer, drawn to proportion: an image, the kernels that are laid on it, and the maps it gives.

Each is a box in oblique projection (cabinet): its front is rows × columns, undistorted, so that one can measure
on the screen; what goes back is its channels or features, a slab for each. One scale holds for rows and columns
of all boxes, and one for the slabs.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ui.colours import Palette, Rgb, css, mixed, palette_for
from ui.counts import check_shapes
from ui.svg import NARROW, WIDE, document, label, pair_html

__all__ = ["volume_html", "volume_svg"]

# All lengths are in units of the drawing, which are CSS pixels where it is shown at its own width.
_HEADING, _NUMBERS, _NOTE = 21, 20, 17
_GAP = 14.0
# What a slab of one channel goes to the right and upwards, at a length of 1.
_RIGHT, _UP = 0.74, 0.5
_DEEPEST_SLAB, _DEEPEST = 11.0, 84.0
_LARGEST_PIXEL = 26.0
# A kernel below the first is no more than a dot; then it is drawn as large as the second, at the least.
_SMALLEST, _MAGNIFIED = (3.0, 8.0), (4.0, 18.0)
_FACTORS = (1, 1.5, 2, 3, 4, 5, 6, 8)
_STEP = 6.0


@dataclass(frozen=True)
class _Box:
    """A volume on the drawing: its front, and how far back it goes."""

    width: float
    height: float
    layers: int
    slab: float
    tints: tuple[Rgb, ...]

    @property
    def right(self) -> float:
        return self.layers * self.slab * _RIGHT

    @property
    def up(self) -> float:
        return self.layers * self.slab * _UP

    @property
    def full_width(self) -> float:
        return self.width + self.right

    @property
    def full_height(self) -> float:
        return self.height + self.up


@dataclass(frozen=True)
class _Room:
    """What a drawing may take: of the image and of the maps, and of the kernels."""

    width: float
    height: float
    kernels_width: float


@dataclass(frozen=True)
class _Drawing:
    """All boxes at their scale."""

    image: _Box
    kernel: _Box
    maps: _Box
    window: tuple[float, float]
    factor: float
    places: tuple[tuple[float, float], ...]
    """Of the kernels: left and top of each, the hindmost first."""

    @property
    def kernels_size(self) -> tuple[float, float]:
        return (
            max(left for left, _ in self.places) + self.kernel.full_width,
            max(top for _, top in self.places) + self.kernel.full_height,
        )


def volume_svg(
    image_shape: Sequence[int],
    bank_shape: Sequence[int],
    output_shape: Sequence[int],
    dark: bool,
    names: Sequence[str] = (),
    *,
    narrow: bool = False,
) -> str:
    """Draw the volumes H × W × C → K kernels of kh × kw × C → oh × ow × K to proportion.

    Parameters
    ----------
    image_shape : (H, W, C)
    bank_shape : (K, kh, kw, C / groups)
    output_shape : (oh, ow, K)
    dark : bool
        For which theme.
    names : sequence of str
        The kernels' names, for the description; of any origin.
    narrow : bool
        Whether the volumes stand one below the other, for a screen of 300 to 640 CSS pixels; else side by side,
        for 640 and more. In either the letters have at least 14 CSS pixels.

    Returns
    -------
    str
        An SVG document with a title and a description. A pixel is as large in every box; but kernels that would be
        dots (below 8 units along the longer side, or 3 along the shorter one) are magnified by a factor that is
        written below them. The window on the image has its true size.

    Raises
    ------
    ConvError
        If the shapes are not those of one layer, see `ui.counts.check_shapes`.
    """
    image, bank, output = check_shapes(image_shape, bank_shape, output_shape)
    palette = palette_for(dark)
    room = _Room(320, 210, 320) if narrow else _Room(250, 230, 196)
    drawing = _planned(image, bank, output, room, palette)
    body, width, height = (_stacked if narrow else _side_by_side)(drawing, (image, bank, output), palette)
    title, description = _title(image, bank, output), _description(image, bank, output, drawing, names)
    return document(body, width, height, css(palette.text), title, description)


def volume_html(
    image_shape: Sequence[int],
    bank_shape: Sequence[int],
    output_shape: Sequence[int],
    dark: bool,
    names: Sequence[str] = (),
) -> str:
    """Make the drawing of `volume_svg` for ``st.html``, side by side or stacked as there is room.

    Streamlit takes inline SVG out of HTML, so that both drawings are images here; the text alternative is theirs.

    Parameters
    ----------
    image_shape, bank_shape, output_shape, dark, names
        As `volume_svg` takes them.

    Returns
    -------
    str

    Raises
    ------
    ConvError
        As `volume_svg` does.
    """
    image, bank, output = check_shapes(image_shape, bank_shape, output_shape)
    drawing = _planned(image, bank, output, _Room(250, 230, 196), palette_for(dark))
    words = f"{_title(image, bank, output)}. {_description(image, bank, output, drawing, names)}"
    wide, narrow = (
        volume_svg(image_shape, bank_shape, output_shape, dark, names, narrow=is_narrow)
        for is_narrow in (False, True)
    )
    return pair_html("volumes", wide, narrow, words)


# --- Sizes ---------------------------------------------------------------------------------------------


def _planned(
    image: tuple[int, int, int],
    bank: tuple[int, int, int, int],
    output: tuple[int, int, int],
    room: _Room,
    palette: Palette,
) -> _Drawing:
    rows, cols, channels = image
    features, kernel_rows, kernel_cols, depth = bank
    slab = min(_DEEPEST_SLAB, _DEEPEST / max(channels, features))
    back = max(channels, features) * slab
    # All kernels, one staggered behind the other, must find room at the scale of the image.
    staggered = (features - 1) * _STEP
    kernel_back = depth * slab
    scale = min(
        _LARGEST_PIXEL,
        (room.width - back * _RIGHT) / max(cols, output[1]),
        (room.height - back * _UP) / max(rows, output[0]),
        (room.kernels_width - staggered - kernel_back * _RIGHT) / kernel_cols,
        (room.height - staggered - kernel_back * _UP) / kernel_rows,
    )
    tints = palette.tints if channels == 3 else (palette.muted,)
    kernel_tints = palette.tints if depth == 3 else (palette.muted,)
    factor = _factor(kernel_rows * scale, kernel_cols * scale)
    kernel = _Box(kernel_cols * scale * factor, kernel_rows * scale * factor, depth, slab, kernel_tints)
    return _Drawing(
        image=_Box(cols * scale, rows * scale, channels, slab, tints),
        kernel=kernel,
        maps=_Box(output[1] * scale, output[0] * scale, features, slab, (palette.muted,)),
        window=(min(kernel_cols * scale, cols * scale), min(kernel_rows * scale, rows * scale)),
        factor=factor,
        places=tuple(_places(features, kernel, room)),
    )


def _factor(height: float, width: float) -> float:
    shorter, longer = sorted((height, width))
    if shorter >= _SMALLEST[0] and longer >= _SMALLEST[1]:
        return 1
    # A thread of 1 × 15 grows until its length is seen; its breadth must not make it longer than there is room.
    wanted = min(max(_MAGNIFIED[0] / shorter, _MAGNIFIED[1] / longer), 90 / longer)
    if wanted <= 1:
        return 1
    power: float = 10.0 ** math.floor(math.log10(wanted))
    return next(power * factor for factor in (*_FACTORS, 10) if power * factor >= wanted * 0.999)


def _places(features: int, kernel: _Box, room: _Room) -> Iterator[tuple[float, float]]:
    """Lay kernels out as a grid if there is room, nearly square; else staggered, the first in front."""
    width, height = kernel.full_width + _GAP, kernel.full_height + _GAP
    grids = [
        (columns, -(-features // columns))
        for columns in range(1, features + 1)
        if columns * width - _GAP <= room.kernels_width and -(-features // columns) * height - _GAP <= room.height
    ]
    if grids:
        columns, rows = min(grids, key=lambda grid: (abs(grid[0] * width - grid[1] * height), grid[1]))
        columns = -(-features // rows)
        for index in range(features):
            yield index % columns * width, index // columns * height
        return
    across = min(_STEP * 3, (room.kernels_width - kernel.full_width) / (features - 1))
    down = min(_STEP * 3, (room.height - kernel.full_height) / (features - 1))
    for index in reversed(range(features)):
        yield index * across, (features - 1 - index) * down


# --- Drawing -------------------------------------------------------------------------------------------


def _side_by_side(
    drawing: _Drawing, shapes: tuple[tuple[int, ...], ...], palette: Palette
) -> tuple[str, float, float]:
    sizes = _sizes(drawing)
    tall = max(height for _, height in sizes)
    middle = 46 + tall / 2
    centres = (132.0, 380.0, WIDE - 132.0)
    corners = [
        (centre - width / 2, middle - height / 2) for centre, (width, height) in zip(centres, sizes, strict=True)
    ]
    parts = [*_boxes(drawing, corners, palette, _lines_of_sight(drawing, corners[0], corners[1], palette))]
    right = corners[1][0] + sizes[1][0]
    parts.append(_arrow(right + 8, middle, corners[2][0] - 8, middle, palette))
    base = 46 + tall + 32
    texts = _words(drawing, shapes)
    for centre, (heading, numbers, note) in zip(centres, texts, strict=True):
        parts.append(label(centre, 24, heading, size=_HEADING, weight="bold"))
        parts.append(label(centre, base, numbers, size=_NUMBERS, weight="bold"))
        parts.append(label(centre, base + 25, note, size=_NOTE, ink=css(palette.muted)))
    return "".join(parts), WIDE, base + 38


def _stacked(drawing: _Drawing, shapes: tuple[tuple[int, ...], ...], palette: Palette) -> tuple[str, float, float]:
    middle = NARROW / 2
    top, corners, labels, arrows = 0.0, [], [], []
    for place, ((width, height), (heading, numbers, note)) in enumerate(
        zip(_sizes(drawing), _words(drawing, shapes), strict=True)
    ):
        # Of three words two are enough where there is no room.
        short = heading.replace("feature ", "")
        labels.append(label(middle, top + 24, f"{short}: {numbers}", size=_HEADING, weight="bold"))
        labels.append(label(middle, top + 48, note, size=_NOTE, ink=css(palette.muted)))
        corners.append((middle - width / 2, top + 62))
        top += 62 + height
        if place < 2:
            arrows.append(_arrow(middle, top + 8, middle, top + 38, palette))
            top += 44
    return "".join([*_boxes(drawing, corners, palette), *arrows, *labels]), NARROW, top + 10


def _sizes(drawing: _Drawing) -> tuple[tuple[float, float], ...]:
    return (
        (drawing.image.full_width, drawing.image.full_height),
        drawing.kernels_size,
        (drawing.maps.full_width, drawing.maps.full_height),
    )


def _boxes(
    drawing: _Drawing, corners: Sequence[tuple[float, float]], palette: Palette, lines: str = ""
) -> Iterator[str]:
    (image_left, image_top), (kernels_left, kernels_top), maps_corner = corners
    yield _box(drawing.image, image_left, image_top, palette)
    yield lines
    for left, top in drawing.places:
        yield _box(drawing.kernel, kernels_left + left, kernels_top + top, palette, palette.accent)
    yield _box(drawing.maps, *maps_corner, palette)
    # The window, at its true size, in the first place that it has on the image.
    width, height = drawing.window
    accent = css(palette.accent)
    yield (
        f'<rect x="{image_left:.2f}" y="{image_top + drawing.image.up:.2f}" width="{width:.2f}" '
        f'height="{height:.2f}" fill="{accent}" fill-opacity="0.3" stroke="{accent}" stroke-width="2.5"/>'
    )


def _lines_of_sight(
    drawing: _Drawing, image: tuple[float, float], kernels: tuple[float, float], palette: Palette
) -> str:
    """Draw lines from the window to the kernel that is laid on it."""
    left, top = image[0], image[1] + drawing.image.up
    width, height = drawing.window
    place = min(drawing.places, key=lambda place: (place[0], place[1]))
    kernel_left, kernel_top = kernels[0] + place[0], kernels[1] + place[1] + drawing.kernel.up
    ends = (
        (left + width, top, kernel_left, kernel_top),
        (left + width, top + height, kernel_left, kernel_top + drawing.kernel.height),
    )
    return "".join(
        f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="{css(palette.accent)}" '
        'stroke-width="1.5" stroke-dasharray="5 4"/>'
        for x1, y1, x2, y2 in ends
    )


def _box(box: _Box, left: float, top: float, palette: Palette, edge: Rgb | None = None) -> str:
    line = css(edge or palette.text)
    front_top = top + box.up
    # Slabs of less than two units would be nothing but lines.
    count = box.layers if box.slab >= 2 else 1
    tints = box.tints if count == box.layers else (palette.muted,)
    shapes = []
    for index in range(count):
        tint = tints[index % len(tints)]
        near, far = index / count, (index + 1) / count
        x1, y1 = left + near * box.right, front_top - near * box.up
        x2, y2 = left + far * box.right, front_top - far * box.up
        width, height = box.width, box.height
        for points, share in (
            ([(x1, y1), (x2, y2), (x2 + width, y2), (x1 + width, y1)], 0.42),
            ([(x1 + width, y1), (x2 + width, y2), (x2 + width, y2 + height), (x1 + width, y1 + height)], 0.6),
        ):
            corners = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
            shapes.append(f'<polygon points="{corners}" fill="{css(mixed(tint, palette.ground, share))}"/>')
    shapes.append(
        f'<rect x="{left:.2f}" y="{front_top:.2f}" width="{box.width:.2f}" height="{box.height:.2f}" '
        f'fill="{css(mixed(tints[0], palette.ground, 0.22))}"/>'
    )
    # Lines close to each other would hide what is between them.
    breadth = min(1.5, box.slab * 0.15) if count > 1 else 1.5
    return f'<g stroke="{line}" stroke-width="{breadth:g}" stroke-linejoin="round">{"".join(shapes)}</g>'


def _arrow(x1: float, y1: float, x2: float, y2: float, palette: Palette) -> str:
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 12:
        return ""
    along, across = (x2 - x1) / length, (y2 - y1) / length
    base = x2 - 9 * along, y2 - 9 * across
    head = " ".join(
        f"{x:.2f},{y:.2f}"
        for x, y in (
            (x2, y2),
            (base[0] - 6 * across, base[1] + 6 * along),
            (base[0] + 6 * across, base[1] - 6 * along),
        )
    )
    ink = css(palette.muted)
    return (
        f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{base[0]:.2f}" y2="{base[1]:.2f}" stroke="{ink}" '
        f'stroke-width="3"/><polygon points="{head}" fill="{ink}"/>'
    )


# --- Words ---------------------------------------------------------------------------------------------


def _words(drawing: _Drawing, shapes: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, str, str], ...]:
    image, bank, output = shapes
    features = bank[0]
    return (
        ("Image", _times(image), "rows × columns × channels"),
        (
            f"{features} kernels" if features > 1 else "1 kernel",
            _times(bank[1:]),
            "drawn to scale" if drawing.factor == 1 else f"drawn {drawing.factor:,g} × as large",
        ),
        (
            f"{features} feature maps" if features > 1 else "1 feature map",
            _times(output),
            "rows × columns × features",
        ),
    )


def _title(image: tuple[int, ...], bank: tuple[int, ...], output: tuple[int, ...]) -> str:
    kernels = f"{bank[0]} kernels" if bank[0] > 1 else "1 kernel"
    return f"{_times(image)} image, {kernels} of {_times(bank[1:])}, {_times(output)} feature maps"


def _description(
    image: tuple[int, int, int],
    bank: tuple[int, int, int, int],
    output: tuple[int, int, int],
    drawing: _Drawing,
    names: Sequence[str],
) -> str:
    depth = bank[3]
    through = "all channels" if depth == image[2] else f"the {depth} channels of its group"
    drawn = "" if drawing.factor == 1 else f", the kernels {drawing.factor:,g} times as large"
    called = f" The kernels: {', '.join(names)}." if names else ""
    return (
        f"Boxes drawn to proportion{drawn}. Each kernel goes through {through} of the image, slides over its rows "
        f"and columns, and gives one of the {output[2]} maps of {output[0]} × {output[1]} cells.{called}"
        if output[2] > 1
        else f"Boxes drawn to proportion{drawn}. The kernel goes through {through} of the image, slides over its "
        f"rows and columns, and gives one map of {output[0]} × {output[1]} cells.{called}"
    )


def _times(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))
