"""Bad input: each message names the parameter first, then the rule, then the value."""

import numpy as np
import pytest

from conv_engine import (
    LIBRARY,
    ConvError,
    ConvSpec,
    broadcast_kernel,
    conv1d,
    conv2d,
    plan2d,
    stack,
    trace2d,
)

IMAGE = np.arange(60.0).reshape(4, 5, 3)
BANK = np.ones((2, 3, 3, 3))
NAMED = "'valid', 'same', 'full'"
PADDINGS = f"{NAMED}, an integer ≥ 0, (rows, columns) or ((top, bottom), (left, right))"


def with_value(array, index, value):
    changed = array.astype(np.float64)
    changed[index] = value
    return changed


def read_only(array):
    array.setflags(write=False)
    return array


def assert_says(error, parameter, rule, value):
    message = str(error.value)
    assert isinstance(error.value, ValueError)
    assert message.startswith(f"{parameter} must "), message
    assert rule in message, message
    assert f"got {value}" in message, message
    assert len(message) < 300, message
    assert "\n" not in message, message


GEOMETRY = [
    # parameter, value, the rule, the value as it is told
    ("stride", 0, "an integer ≥ 1", "0"),
    ("stride", -1, "an integer ≥ 1", "-1"),
    ("stride", (1, 0), "an integer ≥ 1", "0 for the columns"),
    ("stride", (0, 1), "an integer ≥ 1", "0 for the rows"),
    ("stride", 1.0, "an integer ≥ 1", "1.0"),
    ("stride", np.float64(2), "an integer ≥ 1", "np.float64(2.0)"),
    ("stride", True, "an integer ≥ 1", "True"),
    ("stride", np.True_, "an integer ≥ 1", "np.True_"),
    ("stride", (1, False), "an integer ≥ 1", "False for the columns"),
    ("stride", 1j, "an integer ≥ 1", "1j"),
    ("stride", "2", "an integer ≥ 1", "'2'"),
    ("stride", None, "an integer ≥ 1", "None"),
    ("stride", (1, 2, 3), "a pair (rows, columns)", "(1, 2, 3)"),
    ("stride", (), "a pair (rows, columns)", "()"),
    ("stride", [[1, 1], [1, 1]], "an integer ≥ 1", "[1, 1] for the rows"),
    ("stride", 10**9 + 1, "an integer ≤ 1000000000", "1000000001"),
    ("stride", (10**5000, 1), "an integer ≤ 1000000000", "a value of type int for the rows"),
    ("stride", "a" * 500, "an integer ≥ 1", "'aaaa"),
    ("dilation", 0, "an integer ≥ 1", "0"),
    ("dilation", (2, 1.5), "an integer ≥ 1", "1.5 for the columns"),
    ("dilation", (2,), "a pair (rows, columns)", "(2,)"),
    ("groups", 0, "an integer ≥ 1", "0"),
    ("groups", (1, 1), "an integer ≥ 1", "(1, 1)"),
    ("groups", True, "an integer ≥ 1", "True"),
    ("groups", 2, "divide the 3 channels of the image", "2"),
    ("padding", -1, "an integer ≥ 0", "-1"),
    ("padding", (0, -2), "an integer ≥ 0", "-2 for the columns"),
    ("padding", ((0, 1), (-3, 0)), "an integer ≥ 0", "-3 for the left"),
    ("padding", ((0, 1.0), (0, 0)), "an integer ≥ 0", "1.0 for the bottom"),
    ("padding", 1.5, "an integer ≥ 0", "1.5"),
    ("padding", False, "an integer ≥ 0", "False"),
    ("padding", 1j, "an integer ≥ 0", "1j"),
    ("padding", 10**12, "an integer ≤ 1000000000", "1000000000000"),
    ("padding", "SAME", PADDINGS, "'SAME'"),
    ("padding", None, PADDINGS, "None"),
    ("padding", (1, 2, 3), PADDINGS, "(1, 2, 3)"),
    ("padding", (1, (2, 3)), PADDINGS, "(1, (2, 3))"),
    ("padding", ((1, 2, 3), (4, 5)), PADDINGS, "((1, 2, 3), (4, 5))"),
    ("padding", {"top": 1}, PADDINGS, "{'top': 1}"),
    ("boundary", "mirror", "one of 'zeros', 'reflect', 'replicate', 'circular'", "'mirror'"),
    ("boundary", 0, "one of 'zeros', 'reflect', 'replicate', 'circular'", "0"),
    ("boundary", ["zeros"], "one of 'zeros'", "['zeros']"),
]


@pytest.mark.parametrize(("parameter", "value", "rule", "told"), GEOMETRY)
def test_plan_and_convolution_refuse_a_bad_geometry_alike(parameter, value, rule, told):
    with pytest.raises(ConvError) as of_plan:
        plan2d(IMAGE.shape, BANK.shape, **{parameter: value})
    assert_says(of_plan, parameter, rule, told)
    with pytest.raises(ConvError) as of_conv:
        conv2d(IMAGE, BANK, **{parameter: value})
    assert str(of_conv.value) == str(of_plan.value)


@pytest.mark.parametrize(
    ("shapes", "options", "parameter", "rule", "told"),
    [
        (((4, 5), (2, 3, 3, 3)), {}, "image_shape", "3 integers (H, W, C)", "(4, 5)"),
        (((4, 5, 0), (2, 3, 3, 3)), {}, "image_shape", "an integer ≥ 1", "0 for C"),
        (((4, 5.0, 3), (2, 3, 3, 3)), {}, "image_shape", "an integer ≥ 1", "5.0 for W"),
        ((None, (2, 3, 3, 3)), {}, "image_shape", "3 integers", "None"),
        (((4, 5, 3), (3, 3)), {}, "bank_shape", "4 integers (K, kh, kw, C / groups)", "(3, 3)"),
        (((4, 5, 3), (0, 3, 3, 3)), {}, "bank_shape", "an integer ≥ 1", "0 for K"),
        (((4, 5, 3), (2, True, 3, 3)), {}, "bank_shape", "an integer ≥ 1", "True for kh"),
        (((4, 5, 3), (2, 3, 3, 2)), {}, "bank", "C / groups = 3 / 1 = 3 channels", "2 in shape (2, 3, 3, 2)"),
        (((4, 5, 4), (2, 3, 3, 4)), {"groups": 2}, "bank", "4 / 2 = 2 channels", "4 in shape"),
        (((4, 5, 3), (2, 1, 1, 1)), {"groups": 3}, "groups", "divide the 2 kernels of the bank", "3"),
        (((4, 5, 3), (2, 5, 3, 3)), {}, "bank", "at most 4 rows", "5 (kernel size 5, dilation 1)"),
        (((4, 5, 3), (2, 3, 4, 3)), {"dilation": (1, 2)}, "bank", "at most 5 columns", "7 (kernel size 4"),
        (((4, 5, 3), (2, 7, 3, 3)), {"padding": ((0, 2), (0, 0))}, "bank", "at most 6 rows", "7"),
    ],
)
def test_the_plan_refuses_shapes_that_do_not_fit(shapes, options, parameter, rule, told):
    with pytest.raises(ConvError) as error:
        plan2d(*shapes, **options)
    assert_says(error, parameter, rule, told)


@pytest.mark.parametrize(
    ("arguments", "parameter", "rule", "told"),
    [
        (
            {"image": IMAGE[:, :, 0]},
            "image",
            "3 axes (H, W, C)",
            "2 in shape (4, 5); add the channel axis with image[",
        ),
        ({"image": IMAGE[np.newaxis]}, "image", "3 axes (H, W, C)", "4 in shape (1, 4, 5, 3)"),
        ({"image": 3}, "image", "3 axes (H, W, C)", "0 in shape ()"),
        ({"image": IMAGE[:0]}, "image", "not be empty", "shape (0, 5, 3)"),
        ({"image": IMAGE[:, :, :0]}, "image", "not be empty", "shape (4, 5, 0)"),
        ({"image": IMAGE > 3}, "image", "integers or real floats", "bool"),
        ({"image": IMAGE * 1j}, "image", "integers or real floats", "complex128"),
        ({"image": IMAGE.astype(object)}, "image", "integers or real floats", "object"),
        ({"image": IMAGE.astype(str)}, "image", "integers or real floats", "<U"),
        ({"image": None}, "image", "integers or real floats", "object"),
        ({"image": [[1, 2], [3]]}, "image", "an array of numbers", "[[1, 2], [3]]"),
        ({"image": with_value(IMAGE, (1, 2, 0), np.nan)}, "image", "finite", "nan at index (1, 2, 0)"),
        ({"image": with_value(IMAGE, (3, 4, 2), -np.inf)}, "image", "finite", "-inf at index (3, 4, 2)"),
        (
            {"bank": BANK[0, :, :, 0]},
            "bank",
            "4 axes (K, kh, kw, C / groups)",
            "2 in shape (3, 3); broadcast_kernel(",
        ),
        ({"bank": BANK[0]}, "bank", "4 axes (K, kh, kw, C / groups)", "3 in shape (3, 3, 3); broadcast_kernel("),
        ({"bank": BANK[:0]}, "bank", "not be empty", "shape (0, 3, 3, 3)"),
        ({"bank": BANK > 0}, "bank", "integers or real floats", "bool"),
        ({"bank": BANK * 1j}, "bank", "integers or real floats", "complex128"),
        ({"bank": with_value(BANK, (1, 2, 0, 1), np.inf)}, "bank", "finite", "inf at index (1, 2, 0, 1)"),
        ({"bank": BANK[..., :2]}, "bank", "3 channels", "2 in shape (2, 3, 3, 2)"),
        ({"bias": 1.0}, "bias", "1 axis (K,)", "0 in shape ()"),
        ({"bias": [[1, 2]]}, "bias", "1 axis (K,)", "2 in shape (1, 2)"),
        ({"bias": [1, 2, 3]}, "bias", "shape (K,) = (2,)", "shape (3,)"),
        ({"bias": [True, False]}, "bias", "integers or real floats", "bool"),
        ({"bias": [0, np.nan]}, "bias", "finite", "nan at index (1,)"),
        ({"bias": []}, "bias", "not be empty", "shape (0,)"),
        ({"flip": 1}, "flip", "True or False", "1"),
        ({"flip": "no"}, "flip", "True or False", "'no'"),
        ({"method": "fast"}, "method", "one of 'auto', 'direct', 'numpy', 'naive'", "'fast'"),
        ({"method": ["auto"]}, "method", "one of 'auto'", "['auto']"),
        ({"method": None}, "method", "one of 'auto'", "None"),
        ({"out": [[0.0]]}, "out", "a NumPy array of float32", "[[0.0]]"),
        ({"out": np.zeros((2, 3, 2))}, "out", "dtype float32", "float64"),
        ({"out": np.zeros((2, 3, 3), np.float32)}, "out", "shape (oh, ow, K) = (2, 3, 2)", "(2, 3, 3)"),
        ({"out": read_only(np.zeros((2, 3, 2), np.float32))}, "out", "writeable", "a read-only array"),
        ({"image": IMAGE * 1e300}, "image and bank", "small enough for every value to fit float32", "inf"),
        ({"image": IMAGE * 1e306, "bank": BANK * 1e300}, "image and bank", "fit float32", "inf"),
        ({"image": np.full_like(IMAGE, 3e38)}, "image and bank", "at most 3.4e+38", "inf"),
    ],
)
def test_the_convolution_refuses_bad_arrays(arguments, parameter, rule, told):
    with pytest.raises(ConvError) as error:
        conv2d(**{"image": IMAGE, "bank": BANK, **arguments})
    assert_says(error, parameter, rule, told)


def test_a_sum_of_opposite_overflows_is_refused_too():
    with pytest.raises(ConvError) as error:
        conv2d(np.full((1, 2, 1), 1e300), np.array([[[[1e300], [-1e300]]]]))
    # Whether it is infinite or no number depends on whether products are rounded before they are added.
    assert_says(error, "image and bank", "fit float32", "nan" if "nan" in str(error.value) else "inf")


def test_the_result_must_not_be_written_over_the_image():
    image = np.ones((3, 3, 1), dtype=np.float32)
    with pytest.raises(ConvError) as error:
        conv2d(image, np.ones((1, 1, 1, 1)), out=image)
    assert_says(error, "out", "not overlap the image", "an array that does")
    assert (image == 1).all()


@pytest.mark.parametrize(
    ("arguments", "parameter", "rule", "told"),
    [
        ({"row": 2}, "row", "from 0 to 1", "2"),
        ({"row": -1}, "row", "from 0 to 1", "-1"),
        ({"row": True}, "row", "from 0 to 1", "True"),
        ({"col": 3}, "col", "from 0 to 2", "3"),
        ({"col": 0.0}, "col", "from 0 to 2", "0.0"),
        ({"feature": 2}, "feature", "from 0 to 1", "2"),
        ({"feature": None}, "feature", "from 0 to 1", "None"),
        ({"image": IMAGE[:3]}, "plan", "the shape of the image, (3, 5, 3)", "one for (4, 5, 3)"),
        ({"bank": BANK[:1]}, "plan", "the shape of the bank, (1, 3, 3, 3)", "one for (2, 3, 3, 3)"),
        ({"plan": "valid"}, "plan", "a Plan2D made by plan2d", "'valid'"),
        ({"bias": [1]}, "bias", "shape (K,) = (2,)", "shape (1,)"),
        ({"bank": BANK[0]}, "bank", "4 axes", "3 in shape (3, 3, 3)"),
        ({"image": with_value(IMAGE, (0, 0, 0), np.nan)}, "image", "finite", "nan at index (0, 0, 0)"),
        ({"flip": 0}, "flip", "True or False", "0"),
        ({"image": IMAGE * 1e300}, "image and bank", "fit float32", "inf"),
    ],
)
def test_the_trace_refuses_bad_cells_arrays_and_plans(arguments, parameter, rule, told):
    good = {"image": IMAGE, "bank": BANK, "bias": None, "plan": plan2d(IMAGE.shape, BANK.shape)}
    with pytest.raises(ConvError) as error:
        trace2d(**{**good, "row": 0, "col": 0, "feature": 0, **arguments})
    assert_says(error, parameter, rule, told)


@pytest.mark.parametrize(
    ("look", "row", "col", "parameter", "last", "told"),
    [
        ("window", 2, 0, "row", 1, "2"),
        ("window", 0, -1, "col", 2, "-1"),
        ("window", 0.5, 0, "row", 1, "0.5"),
        ("reach", 4, 0, "row", 3, "4"),
        ("reach", 0, 5, "col", 4, "5"),
        ("reach", False, 0, "row", 3, "False"),
    ],
)
def test_the_plan_refuses_cells_and_pixels_out_of_range(look, row, col, parameter, last, told):
    with pytest.raises(ConvError) as error:
        getattr(plan2d(IMAGE.shape, BANK.shape), look)(row, col)
    assert_says(error, parameter, f"an integer from 0 to {last}", told)


@pytest.mark.parametrize(
    ("arguments", "parameter", "rule", "told"),
    [
        ({"signal": []}, "signal", "not be empty", "shape (0,)"),
        ({"signal": [[1, 2]]}, "signal", "1 axis (N,)", "2 in shape (1, 2)"),
        ({"signal": [1, np.nan]}, "signal", "finite", "nan at index (1,)"),
        ({"signal": [1j]}, "signal", "integers or real floats", "complex128"),
        ({"kernel": 3}, "kernel", "1 axis (M,)", "0 in shape ()"),
        ({"kernel": [True]}, "kernel", "integers or real floats", "bool"),
        ({"kernel": [np.inf]}, "kernel", "finite", "inf at index (0,)"),
        ({"mode": "half"}, "mode", "one of 'full', 'same', 'valid'", "'half'"),
        ({"flip": 1}, "flip", "True or False", "1"),
        ({"signal": [1e300], "kernel": [1e300]}, "signal and kernel", "fit float64", "inf"),
    ],
)
def test_conv1d_refuses_bad_input(arguments, parameter, rule, told):
    with pytest.raises(ConvError) as error:
        conv1d(**{"signal": [1, 2, 3], "kernel": [1], **arguments})
    assert_says(error, parameter, rule, told)


@pytest.mark.parametrize(
    ("make", "parameter", "rule", "told"),
    [
        (lambda: broadcast_kernel([1, 2], 3), "kernel2d", "2 axes (kh, kw)", "1 in shape (2,)"),
        (lambda: broadcast_kernel([[np.nan]], 3), "kernel2d", "finite", "nan at index (0, 0)"),
        (lambda: broadcast_kernel([[]], 3), "kernel2d", "not be empty", "shape (1, 0)"),
        (lambda: broadcast_kernel([[1]], 0), "channels", "an integer ≥ 1", "0"),
        (lambda: broadcast_kernel([[1]], 2.0), "channels", "an integer ≥ 1", "2.0"),
        (lambda: stack([], 3), "kernels", "one Kernel or more", "()"),
        (lambda: stack(["box"], 3), "kernels", "one Kernel or more", "('box',)"),
        (lambda: stack([LIBRARY["box"]], True), "channels", "an integer ≥ 1", "True"),
        (lambda: stack([LIBRARY["luma"]], 1), "channels", "be 3 for the kernel 'luma'", "1"),
        (lambda: ConvSpec.of(padding="all"), "padding", NAMED, "'all'"),
    ],
)
def test_banks_and_specs_refuse_bad_input(make, parameter, rule, told):
    with pytest.raises(ConvError) as error:
        make()
    assert_says(error, parameter, rule, told)
