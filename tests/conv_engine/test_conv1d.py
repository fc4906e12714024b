import numpy as np
import pytest
import scipy.signal
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import broadcast_kernel, conv1d, conv2d

NUMBERS = st.lists(st.integers(-1000, 1000), min_size=1, max_size=12)


@examples(300)
@given(NUMBERS, NUMBERS, st.sampled_from(["full", "same", "valid"]), st.booleans())
def test_it_is_scipy_convolve_and_unflipped_scipy_correlate(signal, kernel, mode, flip):
    reference = scipy.signal.convolve if flip else scipy.signal.correlate
    expected = reference(np.array(signal, float), np.array(kernel, float), mode=mode, method="direct")
    actual = conv1d(signal, kernel, mode=mode, flip=flip)
    assert actual.dtype == np.float64
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("flip", [True, False])
def test_it_is_conv2d_on_an_image_of_one_row(flip):
    signal, kernel = np.arange(9), np.array([1, 5, -2, 3])
    row = conv2d(signal.reshape(1, -1, 1), broadcast_kernel(kernel.reshape(1, -1), 1), padding="full", flip=flip)
    actual = conv1d(signal, kernel, flip=flip)
    assert actual.dtype == np.float64
    assert actual.shape == (12,)
    np.testing.assert_array_equal(actual, row[0, :, 0])


def test_full_and_flipped_are_the_defaults():
    actual = conv1d([1, 0, 0], [1, 2, 3])
    assert actual.dtype == np.float64
    assert actual.shape == (5,)
    np.testing.assert_array_equal(actual, [1, 2, 3, 0, 0])
