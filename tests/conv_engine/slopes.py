"""Gradients to compare with: by finite differences, and by PyTorch (`tools/make_torch_reference.py`)."""

from pathlib import Path

import numpy as np


def numeric_gradient(function, array, step=1e-6):
    """Change one number at a time, a little up and a little down, and see how the function's value changes."""
    array = np.asarray(array, dtype=np.float64)
    found = np.empty(array.shape)
    for index in np.ndindex(*array.shape):
        nudge = np.zeros(array.shape)
        nudge[index] = step
        found[index] = (function(array + nudge) - function(array - nudge)) / (2 * step)
    return found


def torch_reference():
    """Read the file: {part: {name: array}}."""
    parts = {}
    with np.load(Path(__file__).with_name("torch_reference.npz"), allow_pickle=False) as file:
        for key in file.files:
            part, name = key.rsplit("/", 1)
            parts.setdefault(part, {})[name] = file[key]
    return parts


def assert_doubles(actual, expected, *, relative=1e-12):
    """Compare arrays: dtype, then shape, then values relative to the largest magnitude (0: exactly)."""
    expected = np.asarray(expected)
    assert actual.dtype == np.float64
    assert actual.shape == expected.shape
    tolerance = relative * max(float(np.abs(expected).max()), 1e-30)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance)
