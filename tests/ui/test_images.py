"""What goes in as a picture, what comes out, and what is said when it cannot."""

import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile

from tools import make_samples
from ui import images
from ui.images import (
    MAX_BYTES,
    MAX_PIXELS,
    SAMPLES,
    WORKING_SIZES,
    ImageError,
    load_image,
    load_sample,
    resize,
    to_grey,
)

SAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "samples"
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def noise(height, width, channels=3, seed=7):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def middle(data):
    """Load the picture and give its middle pixel as three plain numbers."""
    pixels = load_image(data)
    assert pixels.dtype == np.uint8
    assert pixels.shape[2:] == (3,)
    return tuple(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].tolist())


def chunk(name, body=b""):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, bits, colour_type, samples, *extra):
    """A PNG written by hand: `samples` are the packed rows."""
    rows = b"".join(b"\0" + row for row in samples)
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *extra,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND"),
        )
    )


def tiff(width, height, pixels, order="<", **fields):
    """A TIFF written by hand, of one strip unless `fields` (t<tag>=(type, values)) say otherwise."""
    codes = {3: "H", 4: "I"}
    entries = {256: (4, [width]), 257: (4, [height]), 259: (3, [1]), 273: (4, [0]), 279: (4, [len(pixels)])}
    entries |= {int(name[1:]): field for name, field in fields.items()}
    place = 8 + 2 + 12 * len(entries) + 4
    directory, tail = b"", b""
    for tag, (kind, values) in sorted(entries.items()):
        if tag in (273, 324) and values == [0]:
            directory += struct.pack(order + "HHII", tag, kind, 1, place + 64)
            continue
        body = struct.pack(order + codes[kind] * len(values), *values)
        if len(body) > 4:
            tail, body = tail + body, struct.pack(order + "I", place + len(tail))
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + body.ljust(4, b"\0")
    header = b"II*\0" if order == "<" else b"MM\0*"
    header += struct.pack(order + "IH", 8, len(entries))
    assert len(tail) <= 64
    return header + directory + bytes(4) + tail.ljust(64, b"\0") + pixels


# --- Every format -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_a_lossless_file_gives_its_pixels_back_exactly(kind, options):
    pixels = noise(13, 21)
    loaded = load_image(encoded(Image.fromarray(pixels), kind, **options))
    assert loaded.dtype == np.uint8
    assert loaded.shape == (13, 21, 3)
    assert loaded.flags.c_contiguous
    assert loaded.flags.writeable
    np.testing.assert_array_equal(loaded, pixels)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("WEBP", {"quality": 90})],
)
def test_a_lossy_file_gives_its_pixels_back_closely(kind, options):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.dstack(np.broadcast_arrays(ramp, ramp[:, np.newaxis], np.uint8(90)))
    loaded = load_image(encoded(Image.fromarray(pixels), kind, **options))
    assert loaded.shape == (64, 64, 3)
    assert np.abs(loaded.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_a_palette_gives_its_colours(kind):
    picture = Image.new("P", (2, 2))
    picture.putpalette([*RED, *GREEN, *BLUE, *WHITE])
    picture.putdata([0, 1, 2, 3])
    np.testing.assert_array_equal(load_image(encoded(picture, kind)), [[RED, GREEN], [BLUE, WHITE]])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_pictures_the_first_is_taken(kind):
    first, second = Image.new("RGB", (4, 3), RED), Image.new("RGB", (4, 3), BLUE)
    options = {"lossless": True} if kind == "WEBP" else {}
    loaded = load_image(encoded(first, kind, save_all=True, append_images=[second], **options))
    np.testing.assert_array_equal(loaded, np.full((3, 4, 3), RED))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_no_decoder_runs_but_the_one_that_the_first_bytes_name(kind, monkeypatch):
    open_file, allowed = Image.open, []

    def record(file, formats):
        allowed.append(formats)
        return open_file(file, formats=formats)

    data = encoded(Image.new("L", (2, 2)), kind)
    monkeypatch.setattr(images.Image, "open", record)
    assert load_image(data).shape == (2, 2, 3)
    assert allowed == [[kind]]


def test_nothing_is_written_to_disk(monkeypatch):
    def refuse(*arguments, **_options):
        pytest.fail(f"opened {arguments}")

    files = [encoded(Image.fromarray(noise(5, 6)), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF")]
    for file in files:  # once before, so that Pillow has imported what it needs
        load_image(file)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.open", refuse)
    for file in files:
        assert load_image(file).shape == (5, 6, 3)


# --- Orientation --------------------------------------------------------------------------------------

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_the_exif_orientation_is_applied(kind, orientation):
    corners = np.array([[RED, GREEN, BLUE], [WHITE, BLACK, (255, 255, 0)]], dtype=np.uint8)
    stored = corners.repeat(16, axis=0).repeat(16, axis=1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    loaded = load_image(encoded(Image.fromarray(stored), kind, exif=exif, **options))
    expected = UPRIGHT[orientation](stored)
    assert loaded.shape == expected.shape
    assert np.abs(loaded.astype(int) - expected).max() <= (3 if kind == "JPEG" else 0)


def test_the_orientation_of_16_bit_grey_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    grey = Image.fromarray(np.array([[0, 65535, 65535]], dtype=np.uint16))
    loaded = load_image(encoded(grey, "PNG", exif=exif))
    np.testing.assert_array_equal(loaded[:, 0], [BLACK, WHITE, WHITE])


def test_an_orientation_that_does_not_exist_leaves_the_picture_as_it_is():
    exif = Image.Exif()
    exif[0x0112] = 9
    pixels = noise(3, 5)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(pixels), "PNG", exif=exif)), pixels)


def test_damaged_exif_data_does_not_spoil_the_picture():
    damaged = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x09\0\0\0\xff\xff\xff\x7f"
    loaded = load_image(encoded(Image.new("RGB", (8, 8), (90, 90, 90)), "JPEG", exif=damaged))
    np.testing.assert_array_equal(loaded, np.full((8, 8, 3), 90))


# --- Transparency is laid on white --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("alpha", [0, 1, 64, 128, 254, 255])
def test_an_alpha_channel_is_laid_on_white(kind, alpha):
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    data = encoded(Image.new("RGBA", (1, 1), (200, 100, 0, alpha)), kind, **options)
    expected = [round(255 + (channel - 255) * alpha / 255) for channel in (200, 100, 0)]
    assert middle(data) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_with_alpha_is_laid_on_white(kind):
    picture = Image.new("LA", (3, 1))
    picture.putdata([(0, 255), (0, 51), (100, 0)])
    np.testing.assert_array_equal(load_image(encoded(picture, kind))[0, :, 0], [0, 204, 255])


def test_premultiplied_alpha_is_laid_on_white():
    data = tiff(1, 1, bytes((100, 50, 0, 128)), t258=(3, [8] * 4), t262=(3, [2]), t277=(3, [4]), t338=(3, [1]))
    assert middle(data) == pytest.approx((227, 177, 127), abs=1)


def test_premultiplied_grey_is_laid_on_white():
    data = tiff(1, 1, bytes((50, 128)), t258=(3, [8, 8]), t262=(3, [1]), t277=(3, [2]), t338=(3, [1]))
    assert middle(data) == pytest.approx((177, 177, 177), abs=1)


def test_a_palette_with_a_transparent_colour_is_laid_on_white():
    picture = Image.new("P", (2, 1))
    picture.putpalette([*RED, *BLUE])
    picture.putdata([0, 1])
    for kind in ("PNG", "GIF"):
        np.testing.assert_array_equal(load_image(encoded(picture, kind, transparency=1))[0], [RED, WHITE])


def test_a_palette_with_an_opacity_for_each_colour_is_laid_on_white():
    picture = Image.new("P", (3, 1))
    picture.putpalette([*RED, *BLUE, *BLACK])
    picture.putdata([0, 1, 2])
    loaded = load_image(encoded(picture, "PNG", transparency=bytes((255, 0, 51))))
    np.testing.assert_array_equal(loaded[0], [RED, WHITE, (204, 204, 204)])


def test_a_palette_with_an_alpha_channel_is_laid_on_white():
    colours = [level * 257 for level in (*[255, 0] + [0] * 254, *[0] * 256, *[0, 255] + [0] * 254)]
    pixels = bytes((0, 255, 1, 0))
    data = tiff(2, 1, pixels, t258=(3, [8, 8]), t262=(3, [3]), t277=(3, [2]), t338=(3, [2]), t320=(3, [0]))
    # The palette is too long for the hand-written tail: it goes behind the pixels.
    entry = struct.pack("<HHI", 320, 3, 1)
    address = data.index(entry)
    data = data[:address] + struct.pack("<HHII", 320, 3, 768, len(data)) + data[address + 12 :]
    loaded = load_image(data + struct.pack("<768H", *colours))
    np.testing.assert_array_equal(loaded[0], [RED, WHITE])


@pytest.mark.parametrize(
    ("bits", "colour_type", "row", "colour", "expected"),
    [
        (8, 2, bytes((10, 20, 30, 10, 20, 31)), (10, 20, 30), [WHITE, (10, 20, 31)]),
        (16, 2, struct.pack(">6H", 2570, 5140, 7710, 0, 0, 0), (2570, 5140, 7710), [WHITE, BLACK]),
        (8, 0, bytes((9, 10)), (9,), [WHITE, (10, 10, 10)]),
        (16, 0, struct.pack(">2H", 2570, 2571), (2571,), [(10, 10, 10), WHITE]),
        (4, 0, bytes((0x12,)), (1,), [WHITE, (34, 34, 34)]),
        (2, 0, bytes((0b01_10_0000,)), (1,), [WHITE, (170, 170, 170)]),
        (1, 0, bytes((0b01_000000,)), (0,), [WHITE, WHITE]),
    ],
)
def test_a_transparent_colour_is_laid_on_white(bits, colour_type, row, colour, expected):
    transparent = chunk(b"tRNS", struct.pack(f">{len(colour)}H", *colour))
    np.testing.assert_array_equal(load_image(png(2, 1, bits, colour_type, [row], transparent))[0], expected)


# --- Grey, of any number of bits ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF"])
def test_grey_becomes_three_equal_channels(kind):
    grey = np.full((8, 8), 77, dtype=np.uint8)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(grey), kind)), np.full((8, 8, 3), 77))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_one_bit_becomes_black_and_white(kind):
    picture = Image.new("1", (2, 1))
    picture.putpixel((1, 0), 1)
    np.testing.assert_array_equal(load_image(encoded(picture, kind))[0], [BLACK, WHITE])


LEVELS_16 = np.array([[0, 128, 129, 257, 257 * 100, 257 * 100 + 128, 257 * 100 + 129, 65535]], dtype=np.uint16)
LEVELS_8 = [0, 0, 1, 1, 100, 100, 101, 255]  # v / 257, rounded


def test_16_bit_grey_is_divided_by_257_and_rounded():
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(LEVELS_16), "PNG"))[0, :, 0], LEVELS_8)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(LEVELS_16), "TIFF"))[0, :, 0], LEVELS_8)


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_grey_of_either_byte_order(order):
    data = tiff(8, 1, LEVELS_16.astype(order + "u2").tobytes(), order, t258=(3, [16]), t262=(3, [1]))
    np.testing.assert_array_equal(load_image(data)[0, :, 0], LEVELS_8)


def test_16_bit_grey_where_0_means_white():
    data = tiff(8, 1, LEVELS_16.astype("<u2").tobytes(), t258=(3, [16]), t262=(3, [0]))
    np.testing.assert_array_equal(load_image(data)[0, :, 0], 255 - np.array(LEVELS_8))


def test_12_bit_grey_is_scaled_by_its_own_white():
    data = tiff(2, 1, bytes((0x00, 0x0F, 0xFF)), t258=(3, [12]), t262=(3, [1]))
    np.testing.assert_array_equal(load_image(data)[0, :, 0], [0, 255])


def test_every_16_bit_colour_of_a_png_that_is_a_multiple_of_257_is_exact():
    levels = np.arange(256).repeat(3)
    row = (levels * 257).astype(">u2").tobytes()
    np.testing.assert_array_equal(load_image(png(256, 1, 16, 2, [row]))[0].ravel(), levels)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[-1000, 0, 1000]], dtype=np.int32), [0, 128, 255]),
        (np.array([[0.0, 0.25, 1.0]], dtype=np.float32), [0, 64, 255]),
        (np.array([[5.0, 5.0]], dtype=np.float32), [0, 0]),
        (np.array([[np.nan, 2.0, 4.0, np.inf, -np.inf]], dtype=np.float32), [0, 0, 255, 255, 0]),
        (np.array([[np.nan]], dtype=np.float32), [0]),
        (np.array([[-3e38, 3e38]], dtype=np.float32), [0, 255]),
    ],
)
def test_numbers_without_a_declared_range_go_from_darkest_to_brightest(values, expected):
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(values), "TIFF"))[0, :, 0], expected)


# --- Colours that are not RGB -------------------------------------------------------------------------

INKS = {
    (0, 0, 0, 0): WHITE,
    (0, 255, 255, 0): RED,
    (255, 0, 255, 0): GREEN,
    (255, 255, 0, 0): BLUE,
    (0, 0, 0, 255): BLACK,
    (51, 102, 0, 51): (163, 122, 204),  # (255 − C)(255 − K) / 255
}


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("ink", INKS)
def test_cmyk_gives_the_colour_that_is_printed(kind, ink):
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    assert middle(encoded(Image.new("CMYK", (16, 16), ink), kind, **options)) == pytest.approx(INKS[ink], abs=2)


def lab_under_d50(rgb):
    """CIE L*a*b* of an sRGB colour, by the textbook: linear light, XYZ adapted to D50, cube roots."""
    share = np.array(rgb) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
    x, y, z = (
        root if (root := np.cbrt(ratio)) > 6 / 29 else ratio * 841 / 108 + 4 / 29
        for ratio in to_xyz @ linear / (0.96422, 1, 0.82521)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize(
    "rgb", [BLACK, WHITE, RED, (127, 127, 127), (200, 60, 40), (70, 180, 90), (60, 80, 200), (240, 220, 60)]
)
def test_lab_gives_the_colour_that_is_meant(rgb):
    lightness, a, b = lab_under_d50(rgb)
    stored = (round(lightness * 255 / 100), round(a) + 128, round(b) + 128)
    data = encoded(Image.new("LAB", (1, 1), stored), "TIFF")
    assert middle(data) == pytest.approx(rgb, abs=6)  # a* and b* are stored as whole numbers


def test_lab_red_is_lightness_54_a_81_b_70():
    assert middle(encoded(Image.new("LAB", (1, 1), (138, 81 + 128, 70 + 128)), "TIFF")) == pytest.approx(
        RED, abs=6
    )


def test_ycbcr_tiff_gives_its_colour():
    jpeg_in_tiff = encoded(Image.new("RGB", (16, 16), (200, 40, 90)), "TIFF", compression="jpeg", quality=95)
    assert middle(jpeg_in_tiff) == pytest.approx((200, 40, 90), abs=4)


# --- Colour profiles ----------------------------------------------------------------------------------


def fixed(*numbers):
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def icc_profile(device, colours, connection, name=b"a test", **tags):
    tags["desc"] = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + bytes(1 + 8 + 3 + 67)
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        table += tag.encode() + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x02400000, device, colours, connection)
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def swapped_profile(name=b"red and green swapped"):
    """sRGB's primaries, but the first channel is the green one."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256))
    primary = b"XYZ " + bytes(4)
    return icc_profile(
        b"mntr",
        b"RGB ",
        b"XYZ ",
        name,
        rXYZ=primary + fixed(0.38506, 0.71688, 0.09710),
        gXYZ=primary + fixed(0.43607, 0.22250, 0.01393),
        bXYZ=primary + fixed(0.14308, 0.06062, 0.71417),
        wtpt=primary + fixed(0.9642, 1, 0.8249),
        rTRC=curve,
        gTRC=curve,
        bTRC=curve,
    )


def grey_ink_profile():
    """A printer whose black is black, and whose every other mixture of inks is the same grey, L* = 50.2."""
    ramp = bytes(range(256))
    header = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    grid = bytes((128, 128, 128, 0, 128, 128)) * 8  # Lab without black ink and with, for each of C, M and Y
    return icc_profile(b"prtr", b"CMYK", b"Lab ", A2B0=header + ramp * 4 + grid + ramp * 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_an_embedded_rgb_profile_is_converted_to_srgb(kind):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    data = encoded(Image.new("RGB", (8, 8), (255, 0, 128)), kind, icc_profile=swapped_profile(), **options)
    assert middle(data) == pytest.approx((0, 255, 128), abs=6)


def test_a_profile_is_applied_before_alpha_is_laid_on_white():
    data = encoded(Image.new("RGBA", (1, 1), (*RED, 127)), "PNG", icc_profile=swapped_profile())
    assert middle(data) == pytest.approx((128, 255, 128), abs=2)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_an_embedded_cmyk_profile_is_used_instead_of_the_formula(kind):
    data = encoded(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), kind, icc_profile=grey_ink_profile())
    assert middle(data) == pytest.approx((120, 120, 120), abs=3)


def test_a_profile_that_is_srgb_changes_nothing():
    pixels = noise(16, 16)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.fromarray(pixels), "PNG", icc_profile=profile)
    np.testing.assert_array_equal(load_image(data), pixels)


def test_a_profile_that_calls_itself_srgb_is_taken_at_its_word():
    data = encoded(Image.new("RGB", (1, 1), RED), "PNG", icc_profile=swapped_profile(b"sRGB IEC61966-2.1"))
    assert middle(data) == RED


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", swapped_profile()[:150], grey_ink_profile()],
    ids=["junk", "cut", "for CMYK"],
)
def test_a_profile_that_is_broken_or_for_other_colours_is_ignored(profile):
    pixels = noise(4, 4)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(pixels), "PNG", icc_profile=profile)), pixels)


# --- Limits -------------------------------------------------------------------------------------------


@pytest.fixture
def no_decoding(monkeypatch):
    def decode(*_arguments):
        raise RuntimeError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)


@pytest.fixture
def no_opening(monkeypatch):
    def open_file(*_arguments, **_options):
        pytest.fail("a decoder was started")

    monkeypatch.setattr(images.Image, "open", open_file)


def bare_header(width, height):
    """A PNG that is a header and then nothing but garbage where the pixels should be."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + struct.pack(">I", 99999) + b"IDAT" + b"garbage"


def bmp_header(width, height):
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def test_24_megapixels_are_accepted():
    assert 5712 * 4284 <= MAX_PIXELS < 25_000_000
    assert load_image(encoded(Image.new("1", (6000, 4000)), "PNG")).shape == (4000, 6000, 3)


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize(
    ("width", "height", "pixels"),
    [(6000, 5000, "30,000,000"), (24_500_001, 1, "24,500,001"), (9999, 9999, "99,980,001")],
)
def test_more_pixels_are_refused_by_the_header_alone(width, height, pixels):
    with pytest.raises(ImageError) as caught:
        load_image(bare_header(width, height))
    sentence = str(caught.value)
    assert f"{height} × {width} (rows × columns), {pixels} pixels" in sentence
    assert "24,500,000 (24 megapixels)" in sentence


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("data", [bare_header(60000, 60000), bmp_header(60000, 60000)], ids=["PNG", "BMP"])
def test_a_decompression_bomb_is_refused(data):
    with pytest.raises(ImageError, match=r"more than 178,956,970 pixels, and the limit is 24,500,000"):
        load_image(data)


@pytest.mark.usefixtures("no_opening")
def test_a_tiff_that_claims_to_be_huge_is_refused_before_a_decoder_sees_it():
    for order in "<>":
        with pytest.raises(ImageError, match=r"60000 × 60000 .* 3,600,000,000 pixels"):
            load_image(tiff(60000, 60000, b"", order, t258=(3, [8])))


@pytest.mark.usefixtures("no_opening")
def test_a_small_tiff_in_a_huge_tile_is_refused_before_a_decoder_sees_it():
    with pytest.raises(ImageError, match=r"tiles of 40000 × 50000 .* 24,500,000 pixels a tile"):
        load_image(tiff(10, 10, b"", t322=(4, [50000]), t323=(4, [40000]), t324=(4, [0])))


@pytest.mark.usefixtures("no_opening")
@pytest.mark.parametrize("kind", [1, 3, 4], ids=["bytes", "short", "long"])
def test_a_tiff_of_a_million_strips_is_refused_before_a_decoder_sees_it(kind):
    data = tiff(1, 20_000_000, b"")
    entry = data.index(struct.pack("<HHI", 273, 4, 1))
    data = data[:entry] + struct.pack("<HHII", 273, kind, 1_000_000, len(data)) + data[entry + 12 :]
    with pytest.raises(ImageError, match=r"Field 273 .* 1,000,000 values, and the limit is 262,144"):
        load_image(data + bytes(4_000_000))


@pytest.mark.usefixtures("no_opening")
def test_a_tiff_field_of_a_million_numbers_is_refused_before_a_decoder_sees_it():
    data = tiff(1, 1, b"\0", t258=(4, [8]))
    entry = data.index(struct.pack("<HHI", 258, 4, 1))
    data = data[:entry] + struct.pack("<HHII", 258, 4, 1_000_000, len(data)) + data[entry + 12 :]
    with pytest.raises(ImageError, match=r"Field 258 .* 1,000,000 values"):
        load_image(data + bytes(4_000_000))


def test_a_tiff_may_carry_a_long_description():
    data = encoded(Image.new("RGB", (1, 1), RED), "TIFF", description="a" * 1_000_000)
    assert middle(data) == RED


@pytest.mark.usefixtures("no_opening")
def test_a_jpeg_of_hundreds_of_passes_is_refused_before_a_decoder_sees_it():
    photo = encoded(Image.fromarray(noise(16, 16)), "JPEG", progressive=True)
    last = photo.rindex(b"\xff\xda")
    with pytest.raises(ImageError, match=r"609 passes .* the limit is 500"):
        load_image(photo[:-2] + photo[last:-2] * 599 + photo[-2:])


def test_15_mb_are_accepted_and_a_byte_more_is_not():
    picture = encoded(Image.new("RGB", (2, 2), RED), "PNG")
    assert MAX_BYTES == 15 * 1024 * 1024
    assert load_image(picture.ljust(MAX_BYTES, b"\0")).shape == (2, 2, 3)
    with pytest.raises(ImageError, match=r"15,728,641 bytes, and the limit is 15,728,640 \(15 MB\)"):
        load_image(picture.ljust(MAX_BYTES + 1, b"\0"))


# --- What cannot be read is said in a sentence --------------------------------------------------------

STRANGERS = {
    b"": "This file is empty: it has 0 bytes.",
    b"dear diary, today": "text, not a picture: it begins with “dear diary, today”",
    "où est la photo ?".encode(): "text, not a picture: it begins with “où est la photo ?”",
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic": "a HEIC photo",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "a HEIC photo",
    b"\0\0\0\x18ftypavif\0\0\0\0mif1avif": "an AVIF picture",
    b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf": "an AVIF picture",
    b"\0\0\0\x18ftypmp42\0\0\0\0isommp42": "a video",
    b"%PDF-1.7\n%\xe2\xe3": "a PDF document",
    b"8BPS\0\1\0\0\0\0": "a Photoshop document",
    b"PK\3\4\x14\0": "a ZIP archive",
    b"RIFF\x10\0\0\0WAVEfmt ": "a sound or a video",
    b"II+\0\x08\0\0\0": "a BigTIFF",
    b"\x07\x01\x02\x80\xfe\xff": "it begins with the bytes 07 01 02 80 fe ff",
}


@pytest.mark.parametrize(("data", "words"), STRANGERS.items(), ids=STRANGERS.values())
def test_a_file_that_is_no_picture_is_named_and_what_to_do_is_said(data, words):
    with pytest.raises(ImageError) as caught:
        load_image(data)
    sentence = str(caught.value)
    assert words in sentence
    assert "a PNG, JPEG, WebP, GIF, BMP or TIFF picture" in sentence


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_file_that_is_cut_short_is_refused_with_its_kind_and_size(kind):
    whole = encoded(Image.fromarray(noise(40, 40)), kind)
    half = whole[: len(whole) // 2]
    name = {"WEBP": "WebP"}.get(kind, kind)
    with pytest.raises(
        ImageError, match=rf"This {name} file of {len(half):,} bytes cannot be decoded: it is damaged"
    ):
        load_image(half)


def test_a_png_with_a_wrong_checksum_is_refused():
    whole = encoded(Image.fromarray(noise(8, 8)), "PNG")
    spoilt = whole.replace(b"IHDR\0\0\0\x08", b"IHDR\0\0\0\x09")
    with pytest.raises(ImageError, match=r"PNG file of \d+ bytes cannot be decoded"):
        load_image(spoilt)


def test_a_png_whose_text_unpacks_to_many_megabytes_is_refused():
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20_000_000)))
    with pytest.raises(ImageError, match=r"PNG file of [\d,]+ bytes cannot be decoded"):
        load_image(png(1, 1, 8, 0, [b"\0"], bomb))


@pytest.mark.parametrize("data", [bare_header(0, 5), bmp_header(0, 5), tiff(0, 5, b"", t258=(3, [8]))])
def test_a_picture_without_pixels_is_refused(data):
    with pytest.raises(ImageError, match=r"no pixels: its header says 5 × 0 .* at least 1|cannot be decoded"):
        load_image(data)


@pytest.mark.parametrize("thing", [None, "photo.png", 3, bytearray(b"x"), np.zeros(3), Path("photo.png")])
def test_what_is_not_bytes_is_refused_with_its_type(thing):
    with pytest.raises(ImageError, match=rf"bytes of its file, got {type(thing).__name__}\."):
        load_image(thing)


def check_array_or_sentence(data):
    pixels, sentence = None, ""
    try:
        pixels = load_image(data)
    except ImageError as error:
        sentence = str(error)
    if pixels is None:
        assert re.fullmatch(r"[A-Z].*[.]", sentence, re.DOTALL)
        assert "object at 0x" not in sentence
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert pixels.size > 0


def seeds():
    rgb = Image.fromarray(noise(9, 11))
    yield from (encoded(rgb, kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"))
    yield encoded(
        rgb, "JPEG", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", icc_profile=swapped_profile()
    )
    yield encoded(rgb.convert("CMYK"), "JPEG", icc_profile=grey_ink_profile())
    yield encoded(rgb.convert("P"), "PNG", transparency=3)
    yield encoded(rgb.convert("RGBA"), "WEBP", lossless=True)
    yield encoded(rgb, "TIFF", compression="tiff_lzw")
    yield encoded(Image.fromarray(LEVELS_16), "TIFF", compression="tiff_adobe_deflate")
    yield encoded(rgb, "GIF", save_all=True, append_images=[rgb.rotate(90)])
    yield png(8, 1, 16, 0, [LEVELS_16.astype(">u2").tobytes()], chunk(b"tRNS", b"\0\0"))


SEEDS = list(seeds())
FILE_STARTS = [data[:size] for data in SEEDS for size in (4, 12, 26)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"", *FILE_STARTS]), st.binary(max_size=200))
def test_any_bytes_give_an_array_or_a_sentence(start, rest):
    check_array_or_sentence(start + rest)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_a_damaged_file_gives_an_array_or_a_sentence(data, changes, kept):
    spoilt = bytearray(data)
    for place, value in changes:
        # Squared, because the headers at the front are where damage does the most.
        spoilt[int(place**2 * len(spoilt))] = value
    check_array_or_sentence(bytes(spoilt[: int(len(spoilt) * min(1, 2 * kept))]))


# --- Samples ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SAMPLES)
def test_every_sample_loads_and_is_square(key):
    pixels = load_sample(key)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (512, 512, 3)
    assert pixels.std() > 20, "a sample has something to see"


def test_the_samples_are_of_different_kinds():
    assert len(SAMPLES) >= 7
    assert len({sample.kind for sample in SAMPLES.values()}) == len(SAMPLES)
    assert {"face", "animal", "texture", "building", "text", "drawn pattern"} <= {
        sample.kind for sample in SAMPLES.values()
    }


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_every_sample_is_described_small_and_licensed(sample):
    assert sample == SAMPLES[sample.key]
    assert re.fullmatch(r"[a-z]+", sample.key)
    assert sample.what_to_look_for.endswith((".", "?"))
    assert sample.title
    assert (SAMPLE_FOLDER / sample.filename).stat().st_size <= 150_000
    rows = [
        line for line in (SAMPLE_FOLDER / "README.md").read_text().splitlines() if f"`{sample.filename}`" in line
    ]
    assert len(rows) == 1
    licence = rows[0].split("|")[4].strip()
    assert licence in ("CC0", "public domain")
    assert sample.credit.endswith(licence)


def test_no_picture_lies_there_without_being_a_sample():
    files = {path.name for path in SAMPLE_FOLDER.iterdir()} - {"README.md"}
    assert files == {sample.filename for sample in SAMPLES.values()}


def test_the_pattern_is_what_the_script_draws():
    np.testing.assert_array_equal(load_sample("pattern"), np.asarray(make_samples.pattern()))


def test_the_pattern_keeps_its_pure_colours_and_its_dot_at_32_by_32():
    small = resize(load_sample("pattern"), 32).pixels
    np.testing.assert_array_equal(small[28, [1, 5, 9, 13]], [RED, GREEN, BLUE, (255, 255, 0)])
    np.testing.assert_array_equal(small[28, 19:22, 0], [24, 255, 24])


@pytest.mark.parametrize("key", ["dog", "", None, 3, ["face"]])
def test_an_unknown_sample_is_refused_and_the_known_ones_are_named(key):
    with pytest.raises(ImageError) as caught:
        load_sample(key)
    assert repr(key) in str(caught.value)
    assert ", ".join(SAMPLES) in str(caught.value)


# --- Working sizes ------------------------------------------------------------------------------------

pictures = st.builds(noise, st.integers(1, 90), st.integers(1, 90), seed=st.integers(0, 9))


@given(pictures, st.sampled_from(WORKING_SIZES[:-1]))
def test_the_longer_side_gets_the_working_size_and_the_shorter_follows(image, size):
    resized = resize(image, size)
    height, width = image.shape[:2]
    rows, columns, channels = resized.pixels.shape
    assert resized.pixels.dtype == np.uint8
    assert channels == 3
    assert max(rows, columns) == size
    assert min(rows, columns) >= 1
    assert abs(rows - height * size / max(height, width)) <= 0.5 or rows == 1
    assert abs(columns - width * size / max(height, width)) <= 0.5 or columns == 1
    assert f"{height} × {width}" in resized.note
    assert f"{rows} × {columns}" in resized.note


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256, 512])
def test_a_square_stays_square(size):
    assert resize(load_sample("face"), size).pixels.shape == (size, size, 3)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 3), (5, 5), (64, 64)])
def test_a_whole_factor_gives_the_exact_mean(rows, columns):
    image = noise(8 * rows, 8 * columns)
    blocks = image.reshape(8, rows, 8, columns, 3).astype(np.int64)
    expected = np.floor(blocks.sum(axis=(1, 3)) / (rows * columns) + 0.5)
    np.testing.assert_array_equal(resize(image, 8).pixels, expected)


def test_a_broken_factor_weighs_each_pixel_by_the_area_it_lends():
    line = np.array([0, 100, 200, 50, 250, 30, 60, 90, 120, 150, 180, 210], dtype=np.uint8)
    image = np.broadcast_to(line[np.newaxis, :, np.newaxis], (12, 12, 3))
    fine = np.repeat(line, 8).reshape(8, 12).mean(axis=1)  # every pixel as eight, then means of twelve
    np.testing.assert_array_equal(resize(image, 8).pixels[3, :, 0], np.floor(fine + 0.5))


@given(pictures)
def test_shrinking_keeps_a_plain_picture_plain_and_stays_in_range(image):
    plain = np.full_like(image, 137)
    assert (resize(plain, 8).pixels == 137).all()
    small = resize(image, 8).pixels
    assert small.min() >= image.min()
    assert small.max() <= image.max()


@given(pictures)
def test_enlarging_invents_no_colour_and_loses_none(image):
    large = resize(image, 256).pixels
    assert np.array_equal(np.unique(large.reshape(-1, 3), axis=0), np.unique(image.reshape(-1, 3), axis=0))


def test_enlarging_by_a_whole_factor_repeats_each_pixel():
    image = noise(4, 8)
    np.testing.assert_array_equal(resize(image, 32).pixels, image.repeat(4, axis=0).repeat(4, axis=1))


def test_enlarging_by_a_broken_factor_favours_neither_side():
    row = np.array([10, 20, 30], dtype=np.uint8)
    image = np.broadcast_to(row[np.newaxis, :, np.newaxis], (3, 3, 3))
    large = resize(image, 8).pixels[..., 0]
    np.testing.assert_array_equal(large[0], [10, 10, 10, 20, 20, 30, 30, 30])
    np.testing.assert_array_equal(large, np.broadcast_to(large[0], (8, 8)))
    upright = resize(image.swapaxes(0, 1), 8).pixels[..., 0]
    np.testing.assert_array_equal(upright, large.T)


def test_the_original_and_the_size_it_has_already_leave_the_picture_as_it_is():
    image = noise(1080, 1920)
    kept = resize(image, "original")
    assert kept.pixels is image
    assert kept.note == "kept as it is, 1080 × 1920"
    square = noise(32, 20)
    assert resize(square, 32).pixels is square
    assert resize(square, 32).note == "kept as it is, 32 × 20"


def test_the_note_says_the_sizes_and_the_filter():
    assert resize(noise(512, 512), 32).note == (
        "512 × 512 shrunk to 32 × 32: each pixel is the average of the area it covers (box filter)"
    )
    assert resize(noise(5, 8), 16).note == (
        "5 × 8 enlarged to 10 × 16: each pixel is a copy of the nearest one (nearest neighbour)"
    )


def test_a_very_long_picture_keeps_at_least_one_pixel():
    assert resize(noise(1, 2000), 8).pixels.shape == (1, 8, 3)
    assert resize(noise(2000, 2), 16).pixels.shape == (16, 1, 3)


def test_a_view_that_is_not_contiguous_can_be_resized():
    image = noise(40, 60)[::-2, ::3]
    np.testing.assert_array_equal(resize(image, 8).pixels, resize(image.copy(), 8).pixels)


@pytest.mark.parametrize("size", [0, 7, -8, 1024, "32", "Original", None, True, 8.0, float("nan"), (8, 8)])
def test_an_unknown_working_size_is_refused_and_the_known_ones_are_named(size):
    with pytest.raises(ImageError) as caught:
        resize(noise(9, 9), size)
    assert str(caught.value) == (
        f"The working size must be one of 8, 16, 32, 64, 128, 256, 512, original, got {size!r}."
    )


@pytest.mark.parametrize(
    ("image", "got"),
    [
        (np.zeros((3, 3), np.uint8), r"uint8 \(3, 3\)"),
        (np.zeros((3, 3, 4), np.uint8), r"uint8 \(3, 3, 4\)"),
        (np.zeros((3, 3, 3)), r"float64 \(3, 3, 3\)"),
        ([[1]], "list"),
    ],
)
def test_what_is_no_picture_cannot_be_resized(image, got):
    with pytest.raises(ImageError, match=rf"uint8 array \(rows, columns, 3\), got {got}"):
        resize(image, 8)


def test_a_picture_without_pixels_cannot_be_resized():
    with pytest.raises(ImageError, match="no pixels"):
        resize(np.zeros((0, 4, 3), np.uint8), 8)


# --- Grey ---------------------------------------------------------------------------------------------


@given(pictures)
def test_grey_is_the_rounded_luma(image):
    grey = to_grey(image)
    assert grey.dtype == np.uint8
    assert grey.shape == (*image.shape[:2], 1)
    red, green, blue = (image[:, :, c].astype(np.int64) for c in range(3))
    np.testing.assert_array_equal(grey[:, :, 0], (19595 * red + 38470 * green + 7471 * blue + 2**15) // 2**16)
    assert np.abs(grey[:, :, 0] - (0.299 * red + 0.587 * green + 0.114 * blue)).max() <= 0.505


def test_a_picture_that_is_grey_already_stays_as_it_is():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(to_grey(levels.repeat(3, axis=2)), levels, strict=True)


@pytest.mark.parametrize(
    "view", [lambda image: image[::-1, ::2], np.asfortranarray], ids=["mirrored", "by columns"]
)
def test_a_view_or_a_sealed_picture_can_be_turned_grey(view):
    image = view(noise(9, 12))
    image.setflags(write=False)
    np.testing.assert_array_equal(to_grey(image), to_grey(image.copy()))


def test_what_has_no_colours_cannot_be_turned_grey():
    with pytest.raises(
        ImageError, match=r"turned grey must be a uint8 array \(rows, columns, 3\), got uint8 \(3, 3, 1\)"
    ):
        to_grey(np.zeros((3, 3, 1), np.uint8))
