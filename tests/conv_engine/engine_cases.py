"""Random layers for Hypothesis: every kind of shape, padding, boundary, type of number and memory layout."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from conv_engine import BOUNDARIES, PADDINGS


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


@dataclass
class Layer:
    image: np.ndarray
    bank: np.ndarray
    bias: np.ndarray | None
    flip: bool
    geometry: dict[str, Any] = field(default_factory=dict)  # what plan2d takes

    @property
    def options(self):
        return {**self.geometry, "flip": self.flip}


def layouts():
    """Ways to hand over the same pixels: as they are, as every second of more, mirrored, transposed."""
    return st.sampled_from(["plain", "every second", "mirrored", "transposed", "fortran"])


def lay_out(array, layout):
    if layout == "every second":
        larger = np.full(tuple(2 * n for n in array.shape), 77, dtype=array.dtype)
        larger[::2, ::2, ::2] = array
        return larger[::2, ::2, ::2]
    if layout == "mirrored":
        return np.ascontiguousarray(array[::-1, ::-1])[::-1, ::-1]
    if layout == "transposed":
        return np.ascontiguousarray(array.transpose(1, 0, 2)).transpose(1, 0, 2)
    return np.asfortranarray(array) if layout == "fortran" else array


@st.composite
def geometries(draw, largest=7):
    """Draw (H, W), (kh, kw) and the arguments of plan2d that fit them."""
    size = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 4)))
    dilation = draw(st.tuples(st.integers(1, 3), st.integers(1, 2)))
    amount = st.integers(0, 4) | st.integers(0, largest + 4)
    padding = draw(
        st.sampled_from(PADDINGS)
        | amount
        | st.tuples(amount, amount)
        | st.tuples(st.tuples(amount, amount), st.tuples(amount, amount))
    )
    kernel = []
    for axis in (0, 1):
        room = size[axis]
        if padding in ("same", "full"):
            room += largest
        elif isinstance(padding, int):
            room += 2 * padding
        elif isinstance(padding, tuple):
            room += sum(padding[axis]) if isinstance(padding[axis], tuple) else 2 * padding[axis]
        kernel.append(draw(st.integers(1, min(4, (room - 1) // dilation[axis] + 1))))
    return (
        size,
        tuple(kernel),
        {
            "stride": draw(st.sampled_from([stride, stride[0]])) if stride[0] == stride[1] else stride,
            "dilation": dilation,
            "padding": padding,
            "boundary": draw(st.sampled_from(BOUNDARIES)),
        },
    )


@st.composite
def layers(draw, largest=7, whole_numbers=False):
    """Draw a layer. With whole numbers every sum is exact, in whatever order it is made."""
    size, kernel, geometry = draw(geometries(largest))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    per_group, features_per_group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    geometry["groups"] = groups
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(
        st.sampled_from(["uint8", "int16"] if whole_numbers else ["uint8", "int32", "float32", "float64"])
    )
    low, high = (0, 256) if dtype == "uint8" else (-1000, 1000)
    image = rng.integers(low, high, (*size, groups * per_group)).astype(dtype)
    if dtype.startswith("float"):
        image = (image * rng.random(image.shape)).astype(dtype)
    bank = rng.integers(-9, 10, (groups * features_per_group, *kernel, per_group))
    bias = rng.integers(-99, 100, bank.shape[0])
    if not whole_numbers:
        bank, bias = bank * rng.random(bank.shape), bias * rng.random(bias.shape)
    return Layer(
        image=lay_out(image, draw(layouts())),
        bank=bank,
        bias=draw(st.sampled_from([None, bias])),
        flip=draw(st.booleans()),
        geometry=geometry,
    )


@st.composite
def wide_layers(draw, whole_numbers=False, dtypes=("uint8", "uint16", "int32", "float32", "float64")):
    """Draw a layer with rows and features enough to fill the tiles and strips of the fast algorithms."""
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    per_group = draw(st.integers(1, 4))
    features_per_group = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 9, 16, 33]))
    kernel = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 3)))
    least = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = draw(st.tuples(st.integers(least[0], least[0] + 60), st.integers(least[1], least[1] + 150)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = rng.integers(0, 256, (*size, groups * per_group))
    bank = rng.integers(-9, 10, (groups * features_per_group, *kernel, per_group))
    bias = rng.integers(-99, 100, bank.shape[0])
    if not whole_numbers:
        bank, bias = bank * rng.random(bank.shape), bias * rng.random(bias.shape)
    dtype = draw(st.sampled_from([name for name in dtypes if not (whole_numbers and name.startswith("float"))]))
    return Layer(
        image=lay_out(image.astype(dtype), draw(layouts())),
        bank=bank,
        bias=draw(st.sampled_from([None, bias])),
        flip=draw(st.booleans()),
        geometry={
            "stride": draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
            "padding": draw(st.sampled_from(["valid", "same", "full", ((1, 0), (3, 2))])),
            "dilation": dilation,
            "groups": groups,
            "boundary": draw(st.sampled_from(BOUNDARIES)),
        },
    )


def assert_maps(actual, expected, *, relative=1e-5):
    """Compare feature maps: dtype, then shape, then values relative to the largest magnitude (0: exactly)."""
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    tolerance = relative * max(float(np.abs(expected).max()), 1e-30)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance)
