"""Photos in: bytes of any common picture file become an (H, W, 3) uint8 array, and nothing else.

Three steps: *recognise* the file by its first bytes and check its limits, *decode* it with the one decoder
that its first bytes name, *settle* its colours: upright, opaque, sRGB, 8 bits. Whatever goes wrong on the
way is an `ImageError` with a sentence for the person who chose the file. Nothing is written to disk.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageFile, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "SAMPLES",
    "WORKING_SIZES",
    "ImageError",
    "Pixels",
    "Resized",
    "Sample",
    "load_image",
    "load_sample",
    "prepare",
    "resize",
    "to_grey",
]

Pixels = npt.NDArray[np.uint8]
"""A picture: rows, columns, and red, green, blue, or grey alone, from 0 to 255."""

MAX_BYTES = 15 * 2**20
"""The largest file that is opened: 15 MB, a MB counted as Streamlit's ``server.maxUploadSize`` counts it."""

MAX_PIXELS = 24_500_000
"""The most pixels that are decoded: 24 megapixels as cameras are sold, whose 5712 × 4284 are 24,470,208."""

WORKING_SIZES: tuple[int | str, ...] = (8, 16, 32, 64, 128, 256, 512, "original")
"""What `resize` takes: the length of the longer side in pixels, or ``"original"``."""


class ImageError(ValueError):
    """A picture that cannot be used.

    Its message is one or two sentences for a person: what is wrong, with the value, and what would be right.
    """


# --- Recognise -----------------------------------------------------------------------------------------

_WANTED = "a PNG, JPEG, WebP, GIF, BMP or TIFF picture"

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)

_STRANGERS = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\1\0", "an icon (ICO)"),
    (b"II+\0", "a BigTIFF, the variety of TIFF for files above 4 GB"),
    (b"MM\0+", "a BigTIFF, the variety of TIFF for files above 4 GB"),
    (b"PK\3\4", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"RIFF", "a sound or a video"),
)


def _recognise(data: bytes) -> str:
    if not data:
        raise ImageError(f"This file is empty: it has 0 bytes. Choose {_WANTED}.")
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    raise ImageError(f"{_stranger(data)} Save it as JPEG or PNG, or choose {_WANTED}.")


def _stranger(data: bytes) -> str:
    head = data[:1024]
    if data[4:8] == b"ftyp":
        brands = data[8:64]
        if b"avif" in brands or b"avis" in brands:
            return "This looks like an AVIF picture, which cannot be read here."
        if any(brand in brands for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")):
            return "This looks like a HEIC photo, as many phones take them, which cannot be read here."
        return "This looks like a video, not a picture."
    for signature, name in _STRANGERS:
        if data.startswith(signature):
            return f"This looks like {name}, which cannot be read here."
    if b"<svg" in head:
        return "This looks like an SVG drawing, which is made of shapes and has no pixels."
    with contextlib.suppress(UnicodeDecodeError):
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
        if text and all(letter.isprintable() or letter.isspace() for letter in text):
            return f"This looks like text, not a picture: it begins with “{' '.join(text[:24].split())}”."
    return f"This is no kind of picture known here: it begins with the bytes {data[:8].hex(' ')}."


# --- Limits, before anything is decoded ------------------------------------------------------------------

_MAX_JPEG_SCANS = 500
"""A photo has up to about a dozen. Each costs a pass over all pixels for as few as 40 bytes of file."""

_MAX_TIFF_VALUES = 2**18
"""The most values of one TIFF field. Each becomes a Python object, and each strip several."""

_TIFF_BLOBS = {1, 2, 6, 7}
"""The TIFF types of bytes and text: a colour profile or a description may be as long as it likes."""

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
_STRIPS, _TILE_WIDTH, _TILE_HEIGHT, _TILES = 273, 322, 323, 324


def _check_dimensions(height: int, width: int) -> None:
    if height < 1 or width < 1:
        raise ImageError(
            f"This picture has no pixels: its header says {height} × {width} (rows × columns), "
            "and both must be at least 1."
        )
    if height * width > MAX_PIXELS:
        raise ImageError(
            f"This picture is {height} × {width} (rows × columns), {height * width:,} pixels, and the limit "
            f"is {MAX_PIXELS:,} (24 megapixels). Make it smaller and choose it again."
        )


def _check_jpeg(data: bytes) -> None:
    scans = data.count(b"\xff\xda")
    if scans > _MAX_JPEG_SCANS:
        raise ImageError(
            f"This JPEG is stored in {scans:,} passes over the picture, and the limit is {_MAX_JPEG_SCANS}. "
            "Save it again as a plain JPEG or PNG."
        )


def _tiff_fields(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Read tag, type, count and value of each field in the first directory.

    The value is the first one if the field itself holds it, else a mere address. A file that is cut short
    yields what is there: the decoder will say the rest.
    """
    order = "<" if data.startswith(b"II") else ">"
    with contextlib.suppress(struct.error):
        (directory,) = struct.unpack_from(order + "I", data, 4)
        (entries,) = struct.unpack_from(order + "H", data, directory)
        for place in range(directory + 2, directory + 2 + 12 * entries, 12):
            tag, kind, count = struct.unpack_from(order + "HHI", data, place)
            width = {1: "B", 3: "H"}.get(kind, "I")
            (value,) = struct.unpack_from(order + width, data, place + 8)
            yield tag, kind, count, value


def _check_tiff(data: bytes) -> None:
    """Refuse a TIFF whose directory would make the decoder allocate more than its picture needs.

    Without this a 2 MB file of 10 × 10 pixels in one tile of 40000 × 40000 takes 1.6 GB to open.
    """
    sizes = {_WIDTH: 1, _HEIGHT: 1, _TILE_WIDTH: 1, _TILE_HEIGHT: 1}
    for tag, kind, count, value in _tiff_fields(data):
        if count > _MAX_TIFF_VALUES and (kind not in _TIFF_BLOBS or tag in (_STRIPS, _TILES)):
            raise ImageError(
                f"Field {tag} of this TIFF lists {count:,} values, and the limit is {_MAX_TIFF_VALUES:,}. "
                "Save it again as a plain TIFF, JPEG or PNG."
            )
        if tag in sizes:
            sizes[tag] = max(sizes[tag], value)
    if sizes[_WIDTH] * sizes[_HEIGHT] > MAX_PIXELS:
        _check_dimensions(sizes[_HEIGHT], sizes[_WIDTH])
    if sizes[_TILE_WIDTH] * sizes[_TILE_HEIGHT] > MAX_PIXELS:
        raise ImageError(
            f"This TIFF is stored in tiles of {sizes[_TILE_HEIGHT]} × {sizes[_TILE_WIDTH]} (rows × columns), "
            f"and the limit is {MAX_PIXELS:,} pixels a tile. Save it again as a plain TIFF, JPEG or PNG."
        )


# --- Settle the colours --------------------------------------------------------------------------------

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """Grey of more than 8 bits as mode L: by its full scale if it has one, else from darkest to brightest."""
    tags: Mapping[int, Any] = picture.tag_v2 if isinstance(picture, TiffImageFile) else {}
    values = np.asarray(picture)
    if picture.mode.startswith("I;16"):
        top = 4095 if tags.get(_BITS) == (12,) else 65535
        scale = (np.minimum(np.arange(65536), top) * 255 + top // 2) // top  # v / 257, rounded, at 16 bits
        grey: Pixels = scale.astype(np.uint8)[values]
    else:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        known = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
        grey = np.rint((known - low) / (high - low or 1.0) * 255).astype(np.uint8)
    if tags.get(_PHOTOMETRIC) == 0:  # 0 means white here, and the decoder left it so
        grey = 255 - grey
    return Image.fromarray(grey)


def _split_alpha(picture: Image.Image, transparent: Any) -> tuple[Image.Image, Image.Image | None]:
    """Colours in one of the modes L, RGB, CMYK and LAB, and the opacity in mode L if not all is opaque."""
    if picture.mode == "La":  # premultiplied; colour of this kind is decoded to RGBA
        picture = picture.convert("LA")
    elif picture.mode == "PA" or (picture.mode == "P" and picture.has_transparency_data):
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA"):
        return picture.convert("RGB" if picture.mode == "RGBA" else "L"), picture.getchannel("A")

    alpha = None
    if transparent is not None and picture.mode in ("1", "L", "I;16", "RGB"):
        differs = np.asarray(picture.convert("L") if picture.mode == "1" else picture) != transparent
        alpha = Image.fromarray(
            np.where(differs.any(axis=2) if differs.ndim == 3 else differs, 255, 0).astype(np.uint8)
        )
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _to_8_bits(picture), alpha
    if picture.mode == "1":
        return picture.convert("L"), alpha
    return picture if picture.mode in ("L", "RGB", "CMYK", "LAB") else picture.convert("RGB"), alpha


def _transparent_colour(picture: ImageFile.ImageFile) -> Any:
    """Give the one colour that a grey or RGB file calls transparent, on the scale of its decoded samples."""
    colour = picture.info.get("transparency")
    packed = picture.tile[0].args if picture.format == "PNG" and picture.tile else None
    if isinstance(colour, int) and packed in ("L;2", "L;4"):  # 2 and 4 bits are spread to 0…255, this is not
        return colour * (85 if packed == "L;2" else 17)
    if isinstance(colour, tuple) and packed == "RGB;16B":  # of 16 bits a channel only the upper 8 are decoded
        return tuple(channel >> 8 for channel in colour)
    return colour if isinstance(colour, (int, tuple)) else None


def _to_srgb(colours: Image.Image, profile: Any) -> Image.Image:
    if isinstance(profile, bytes):
        # A broken profile, or one for other colours than the picture's, is as good as none.
        with contextlib.suppress(Exception):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not ImageCms.getProfileDescription(source).startswith("sRGB"):
                converted = ImageCms.profileToProfile(colours, source, _SRGB, outputMode="RGB")
                if converted is not None:
                    return converted
    return colours.convert("RGB")  # LAB too: Pillow hands it to LittleCMS


def _settle(picture: ImageFile.ImageFile) -> Pixels:
    profile = picture.info.get("icc_profile")
    transparent = _transparent_colour(picture)
    picture.load()
    with contextlib.suppress(Exception):  # damaged EXIF data does not spoil the pixels
        ImageOps.exif_transpose(picture, in_place=True)
    colours, alpha = _split_alpha(picture, transparent)
    rgb = _to_srgb(colours, profile)
    if alpha is not None:
        paper = Image.new("RGB", rgb.size, "white")
        paper.paste(rgb, mask=alpha)
        rgb = paper
    return np.array(rgb)


# --- Load ----------------------------------------------------------------------------------------------

# One picture at a time in the whole server: thirty pupils who upload at once need the memory of one decoding,
# and `warnings.catch_warnings` is not safe among threads.
_ONE_AT_A_TIME = threading.Lock()


def load_image(data: bytes) -> Pixels:
    """Decode a picture file to upright, opaque, 8-bit sRGB.

    Parameters
    ----------
    data : bytes
        The whole file: PNG, JPEG, WebP, GIF, BMP or TIFF, recognised by its first bytes. Of several pictures
        in one file (animations, pages) the first is taken.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8, C-contiguous
        Red, green and blue from 0 to 255.

    Raises
    ------
    ImageError
        If `data` is not bytes, has more than `MAX_BYTES` bytes or `MAX_PIXELS` pixels, is no such picture, or
        is damaged or cut short. No other exception is raised. Both limits are checked before any pixel is
        decoded.

    Notes
    -----
    - The EXIF orientation is applied.
    - Transparency (an alpha channel, straight or premultiplied; a transparent colour or palette) is laid on
      white.
    - An embedded ICC profile is converted to sRGB by LittleCMS with perceptual intent, unless it calls itself
      sRGB. A profile that is broken or made for another kind of colours is ignored. CMYK without a profile is
      (255 − C)(255 − K) / 255 and so on; LAB is taken under D50.
    - 16-bit grey is divided by 257 and rounded, so that 65535 becomes 255; 12-bit grey likewise by its own
      full scale. Of 16-bit colour Pillow decodes the upper byte, at most 1 from the rounded value.
    - 32-bit and signed integers and floating-point numbers (TIFF) declare no range: their lowest finite value
      becomes 0, their highest 255, and what lies between is linear.
    """
    if not isinstance(data, bytes):
        raise ImageError(f"A picture must be given as the bytes of its file, got {type(data).__name__}.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"This file has {len(data):,} bytes, and the limit is {MAX_BYTES:,} (15 MB). "
            "Make the picture smaller, or save it as JPEG."
        )
    kind = _recognise(data)
    if kind == "JPEG":
        _check_jpeg(data)
    elif kind == "TIFF":
        _check_tiff(data)

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Pillow warns of damaged metadata. The pixels are whole, so the picture is taken.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        try:
            with Image.open(io.BytesIO(data), formats=[kind]) as picture:
                _check_dimensions(picture.height, picture.width)
                return _settle(picture)
        except ImageError:
            raise
        except Image.DecompressionBombError as error:  # raised by `open` itself, above twice this bound
            pixels = 2 * (Image.MAX_IMAGE_PIXELS or 0)
            raise ImageError(
                f"This picture has more than {pixels:,} pixels, and the limit is {MAX_PIXELS:,} "
                "(24 megapixels). Make it smaller and choose it again."
            ) from error
        except Exception as error:
            name = "WebP" if kind == "WEBP" else kind
            raise ImageError(
                f"This {name} file of {len(data):,} bytes cannot be decoded: it is damaged, cut short, "
                "or of a rare variety. Save or download it once more, as JPEG or PNG."
            ) from error


# --- Samples -------------------------------------------------------------------------------------------

_SAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "samples"


@dataclass(frozen=True)
class Sample:
    """A picture that comes with the program.

    Attributes
    ----------
    key : str
        Its name in addresses.
    title : str
        Its name on the screen.
    kind : str
        What sort of picture it is.
    filename : str
        The file in ``assets/samples/``, 512 × 512.
    what_to_look_for : str
        A sentence for a learner.
    credit : str
        Author, source and licence.
    """

    key: str
    title: str
    kind: str
    filename: str
    what_to_look_for: str
    credit: str


_SAMPLE_LIST = (
    Sample(
        "pattern",
        "Test pattern",
        "drawn pattern",
        "pattern.png",
        "Each field answers one question: which edges, bars or colours does this kernel react to?",
        "Drawn by this project, CC0",
    ),
    Sample(
        "face",
        "Astronaut",
        "face",
        "face.jpg",
        "The outline of the hair against the light wall is a strong edge, the cheeks are nearly flat.",
        "Eileen Collins, NASA, public domain",
    ),
    Sample(
        "cat",
        "Chelsea the cat",
        "animal",
        "cat.jpg",
        "The stripes and whiskers answer to kernels of their own direction, the blurred background to none.",
        "Stéfan van der Walt, CC0",
    ),
    Sample(
        "coffee",
        "Cup of coffee",
        "object",
        "coffee.jpg",
        "A round rim has edges in every direction: see which part of it each Sobel kernel keeps.",
        "Rachel Michetti, CC0",
    ),
    Sample(
        "bricks",
        "Brick wall",
        "building",
        "bricks.jpg",
        "The long joints lie flat, the short ones stand: a kernel for one direction loses the other.",
        "CC0Textures, CC0",
    ),
    Sample(
        "gravel",
        "Gravel",
        "texture",
        "gravel.jpg",
        "Edges everywhere, and no direction preferred: blur it, and the texture turns to even grey.",
        "CC0Textures, CC0",
    ),
    Sample(
        "rocket",
        "Rocket at dusk",
        "night scene",
        "rocket.jpg",
        "A dark, smooth sky: the thin towers and the few bright lamps leave the clearest traces.",
        "SpaceX, public domain",
    ),
    Sample(
        "text",
        "Printed text",
        "text",
        "text.png",
        "Black on white, the strongest edges there are: the stems of letters are upright, the bars lie flat.",
        "Set by this project, CC0",
    ),
)

SAMPLES: Mapping[str, Sample] = MappingProxyType({sample.key: sample for sample in _SAMPLE_LIST})
"""The pictures that come with the program, by key, in the order in which they are offered."""


def load_sample(key: str) -> Pixels:
    """Load a picture that comes with the program.

    Parameters
    ----------
    key : str
        A key of `SAMPLES`.

    Returns
    -------
    ndarray of shape (512, 512, 3), uint8
        As `load_image` returns it.

    Raises
    ------
    ImageError
        If there is no such sample; the message names those there are.
    """
    if not isinstance(key, str) or key not in SAMPLES:
        raise ImageError(f"There is no sample picture {key!r}. There are {', '.join(SAMPLES)}.")
    return load_image((_SAMPLE_FOLDER / SAMPLES[key].filename).read_bytes())


# --- Working sizes -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Resized:
    """A picture at its working size, and how it came to be.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, 3), uint8; (H, W, 1) in grey
        The picture.
    note : str
        A sentence for the screen that names both sizes (rows × columns) and the filter.
    """

    pixels: Pixels
    note: str


def resize(image: Pixels, size: int | str) -> Resized:
    """Fit a picture into a working size, its aspect ratio kept.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        The picture, at least 1 × 1.
    size : int or str
        One of `WORKING_SIZES`: the new length of the longer side, the shorter one being rounded and at least
        1 pixel; or ``"original"``.

    Returns
    -------
    Resized
        The picture and a sentence that says which filter made it. A picture that has the size already is
        handed back itself, not a copy.

    Raises
    ------
    ImageError
        If `size` is none of `WORKING_SIZES`, or `image` is not of that shape and type.

    Notes
    -----
    Shrinking averages the area that a new pixel covers, in exact integers, rounded once, halves up. This box
    filter is the one whose result a learner can check by adding up pixels; sharper filters such as Lanczos
    subtract some neighbours and so draw rims that are not in the photo. Enlarging copies the nearest pixel,
    so that no colour is invented.
    """
    _check_colours("resized", image)
    if not isinstance(size, (int, str)) or size not in WORKING_SIZES:
        known = ", ".join(map(str, WORKING_SIZES))
        raise ImageError(f"The working size must be one of {known}, got {size!r}.")
    height, width = image.shape[:2]
    _check_dimensions(height, width)

    longer = max(height, width)
    if isinstance(size, str) or size == longer:
        return Resized(image, f"kept as it is, {height} × {width}")
    rows, columns = (max(1, (2 * side * size + longer) // (2 * longer)) for side in (height, width))
    if size > longer:
        row = (2 * np.arange(rows) + 1) * height // (2 * rows)
        column = (2 * np.arange(columns) + 1) * width // (2 * columns)
        return Resized(
            image[row[:, np.newaxis], column],
            f"{height} × {width} enlarged to {rows} × {columns}: "
            "each pixel is a copy of the nearest one (nearest neighbour)",
        )
    return Resized(
        _averaged(image, rows, columns),
        f"{height} × {width} shrunk to {rows} × {columns}: "
        "each pixel is the average of the area it covers (box filter)",
    )


def prepare(image: Pixels, size: int | str, grey: bool) -> Resized:
    """Bring a picture to its working size, and to grey where that is asked for.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        The picture.
    size : int or str
        As `resize` takes it.
    grey : bool
        Whether its colours become one channel.

    Returns
    -------
    Resized
        Its note says what was done.
    """
    picture = resize(image, size)
    if not grey:
        return picture
    # After the resizing, so that one can check each grey pixel by the colours that are shown without.
    note = f"{picture.note}; then turned grey: 0.299 R + 0.587 G + 0.114 B, rounded"
    return replace(picture, pixels=to_grey(picture.pixels), note=note)


def to_grey(image: Pixels) -> Pixels:
    """Bring the colours of a picture to one channel.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        The picture.

    Returns
    -------
    ndarray of shape (H, W, 1), uint8
        The luma 0.299 R + 0.587 G + 0.114 B (Recommendation ITU-R BT.601-7, 2011), rounded, as Pillow's mode L
        has it: with the factors in 65536ths.

    Raises
    ------
    ImageError
        If `image` is not of that shape and type.
    """
    _check_colours("turned grey", image)
    return np.asarray(Image.fromarray(image).convert("L"))[:, :, np.newaxis]


def _check_colours(what_for: str, image: object) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        got = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ImageError(f"A picture to be {what_for} must be a uint8 array (rows, columns, 3), got {got}.")


def _averaged(image: Pixels, rows: int, columns: int) -> Pixels:
    height, width = image.shape[:2]
    by_row = _area_sums(image.reshape(height, -1), rows).reshape(rows, width, 3)
    sums = _area_sums(by_row.transpose(1, 0, 2).reshape(width, -1), columns).reshape(columns, rows, 3)
    area = height * width
    means = (2 * sums.astype(np.int64) + area) // (2 * area)
    return np.ascontiguousarray(means.transpose(1, 0, 2), dtype=np.uint8)


def _area_sums(lines: npt.NDArray[Any], parts: int) -> npt.NDArray[np.float64]:
    """Cut n lines into equal parts and sum each, every line weighted by `parts` times its share in the part.

    The weights are integers that add up to n, and the sums stay far below 2⁵³: float64 holds them exactly.
    """
    n = len(lines)
    sums = np.empty((parts, lines.shape[1]))
    for part in range(parts):
        start, stop = part * n, (part + 1) * n  # in units of 1 / parts of a line
        first, last = start // parts, -(-stop // parts)
        line = np.arange(first, last) * parts
        share = np.minimum(stop, line + parts) - np.maximum(start, line)
        sums[part] = share.astype(np.float64) @ lines[first:last].astype(np.float64)
    return sums
