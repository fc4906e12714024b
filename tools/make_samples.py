"""Make the sample pictures of ``assets/samples/``, each 512 × 512.

    python tools/make_samples.py FOLDER

FOLDER is scikit-image's ``skimage/data``. The photos are crops of pictures from there, the test pattern and
the text are drawn here. The same Pillow makes the same files, byte for byte.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 512
TARGET = Path(__file__).resolve().parent.parent / "assets" / "samples"

PHOTOS = {
    # file: (source, (left, top, side) of the square that is kept, quarter turns anticlockwise)
    "face.jpg": ("astronaut.png", (76, 0, 300), 0),
    "cat.jpg": ("chelsea.png", (96, 0, 300), 0),
    "coffee.jpg": ("coffee.png", (90, 0, 400), 0),
    "bricks.jpg": ("brick.png", (160, 300, 200), 1),
    "gravel.jpg": ("gravel.png", (0, 0, 256), 0),
    "rocket.jpg": ("rocket.jpg", (106, 0, 427), 0),
}

BLACK, DARK, WHITE = (0, 0, 0), (24, 24, 24), (255, 255, 255)
CELL = 16  # the pattern is laid out in 32 × 32 cells, so that at 32 × 32 a cell is one pixel
SMOOTH = 4  # slanted edges are drawn this many times larger and averaged


def photo(folder: Path, source: str, square: tuple[int, int, int], turns: int) -> Image.Image:
    """Cut a square out of a photo and scale it to 512 × 512."""
    left, top, side = square
    with Image.open(folder / source) as picture:
        cut = picture.convert("RGB").crop((left, top, left + side, top + side))
    return cut.rotate(90 * turns).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def pattern() -> Image.Image:
    """Draw the test pattern: edges, gradients and a disc, bars and checks, colours, a dot and thin lines."""
    picture = Image.new("RGB", (SIDE * SMOOTH, SIDE * SMOOTH), BLACK)
    draw = ImageDraw.Draw(picture)

    def box(row: float, column: float, rows: float, columns: float, colour: tuple[int, int, int]) -> None:
        unit = CELL * SMOOTH
        draw.rectangle(
            (column * unit, row * unit, (column + columns) * unit - 1, (row + rows) * unit - 1), fill=colour
        )

    def shape(corners: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
        draw.polygon([(column * CELL * SMOOTH, row * CELL * SMOOTH) for row, column in corners], fill=colour)

    # Cell rows 0 to 7: an upright edge, a level one, one at 45° and one at about 27°.
    box(0, 4, 8, 4, WHITE)
    box(4, 8, 4, 8, WHITE)
    shape([(0, 16), (8, 16), (8, 24)], WHITE)
    shape([(2, 32), (6, 24), (8, 24), (8, 32)], WHITE)
    # Cell rows 16 to 23: bars that get narrower, checks of two cells and of one.
    column = 0
    for number, width in enumerate((4, 3, 2, 2, 1, 1, 1, 1, 1)):
        box(16, column, 8, width, BLACK if number % 2 else WHITE)
        column += width
    for row in range(8):
        for column in range(8):
            box(16 + row, 16 + column, 1, 1, WHITE if (row // 2 + column // 2) % 2 else BLACK)
            box(16 + row, 24 + column, 1, 1, WHITE if (row + column) % 2 else BLACK)
    # Cell rows 24 to 31: pure colours, one bright dot on dark, thin lines on light.
    for number, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))):
        box(24, 4 * number, 8, 4, colour)
    box(24, 16, 8, 8, DARK)
    box(28, 20, 1, 1, WHITE)
    box(24, 24, 8, 8, WHITE)
    box(27, 24, 1, 8, BLACK)
    box(24, 28, 8, 1, BLACK)

    small = np.array(picture.resize((SIDE, SIDE), Image.Resampling.BOX))
    # Cell rows 8 to 15: a gradient along the columns, one along the rows, and a disc.
    ramp = np.rint(np.linspace(0, 255, 12 * CELL)).astype(np.uint8)
    half = slice(8 * CELL, 16 * CELL)
    small[half, : 12 * CELL] = ramp[np.newaxis, :, np.newaxis]
    ramp = np.rint(np.linspace(0, 255, 8 * CELL)).astype(np.uint8)
    small[half, 12 * CELL : 24 * CELL] = ramp[:, np.newaxis, np.newaxis]
    disc = Image.new("L", (8 * CELL * SMOOTH, 8 * CELL * SMOOTH), 40)
    ImageDraw.Draw(disc).ellipse([CELL * SMOOTH, CELL * SMOOTH, 7 * CELL * SMOOTH, 7 * CELL * SMOOTH], fill=215)
    small[half, 24 * CELL :] = np.array(disc.reduce(SMOOTH))[..., np.newaxis]
    return Image.fromarray(small)


def text() -> Image.Image:
    """Set two large letters and lines that get smaller, in the font that Pillow brings (Aileron, CC0)."""
    picture = Image.new("RGB", (SIDE, SIDE), (250, 248, 240))
    draw = ImageDraw.Draw(picture)
    ink = (20, 20, 24)
    lines = (
        (330, -40, "Ab"),
        (84, 318, "kernels"),
        (44, 408, "slide over pixels"),
        (24, 466, "multiply, add, write one number"),
    )
    for height, top, words in lines:
        draw.text((SIDE // 2, top), words, fill=ink, font=ImageFont.load_default(height), anchor="ma")
    return picture


def main() -> None:
    """Write all sample pictures."""
    parser = argparse.ArgumentParser(description="Make the sample pictures of assets/samples/.")
    parser.add_argument("folder", type=Path, help="scikit-image's folder skimage/data")
    folder = parser.parse_args().folder
    for name, (source, square, turns) in PHOTOS.items():
        photo(folder, source, square, turns).save(TARGET / name, quality=90, optimize=True)
    pattern().save(TARGET / "pattern.png", optimize=True)
    text().save(TARGET / "text.png", optimize=True)


if __name__ == "__main__":
    main()
