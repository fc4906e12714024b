"""A call that is made again: checked and computed in one step of the compiled kernel.

For a small picture the checks of a call take longer than its arithmetic. But where a call with such arrays and
such parameters has passed them once, the next one need only be held against it: the same types and shapes, the
same numbers in the bank and the bias. `compiled.c` does so, reading the arrays' heads where NumPy keeps them, and
convolves; whatever is not the same in every respect is left to `conv2d`'s own way.

Source: NumPy's C interface, `PyArrayObject`, "Python types and C-structures" in its manual. The layout is held
against what NumPy says of an array before it is relied on.
"""

import ctypes
import sys
from functools import cache

import numpy as np

from conv_engine.arrays import Doubles, FeatureMaps, Numbers
from conv_engine.compiled_layer import CompiledLayer
from conv_engine.layer import Course

__all__ = ["DONE", "UNSURE", "Repeat", "is_repeatable"]

DONE, OTHER, UNSURE = range(3)
"""What `Repeat.run` returns, as in `compiled.c`."""

_HEAD = object.__basicsize__
_FLAGS = 0x501  # in one piece, aligned, writeable


class _Wanted(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_void_p),
        ("axes", ctypes.c_longlong),
        ("shape", ctypes.c_longlong * 4),
        ("bytes", ctypes.c_longlong),
        ("numbers", ctypes.c_char_p),
    )

    @classmethod
    def of(cls, array: Numbers, numbers: bytes | None = None) -> "_Wanted":
        return cls(id(array.dtype), array.ndim, (ctypes.c_longlong * 4)(*array.shape), array.nbytes, numbers)


class _Asked(ctypes.Structure):
    _fields_ = (
        ("head", ctypes.c_longlong),
        ("image", _Wanted),
        ("bank", _Wanted),
        ("bias", _Wanted),
        ("out", _Wanted),
        ("layer", ctypes.c_void_p),
        ("rows", ctypes.c_longlong),
        ("floats", ctypes.c_longlong),
        ("sure", ctypes.c_double),
    )


class Repeat:
    """What a call was asked for with, and how it is made again.

    Attributes
    ----------
    shape : tuple of int
        That of the maps, (oh, ow, K).
    course : Course
        The algorithm and its errors.
    """

    def __init__(
        self,
        image: Numbers,
        bank: Numbers,
        bias: Doubles | None,
        out: FeatureMaps,
        layer: CompiledLayer,
        course: Course,
        sure: float,
    ) -> None:
        self.shape, self.course = out.shape, course
        arrays = image, bank, bias, out
        self._asked = _Asked(
            _HEAD,
            _Wanted.of(image),
            _Wanted.of(bank, bank.tobytes()),
            _Wanted() if bias is None else _Wanted.of(bias, bias.tobytes()),
            _Wanted.of(out),
            layer.addresses[image.dtype],
            layer.rows,
            layer.floats,
            sure,
        )
        # The types are known by where they are, and so must not go away.
        self._kept = layer, [None if array is None else array.dtype for array in arrays]
        self._address, self._repeat = ctypes.addressof(self._asked), layer.library.repeat

    @classmethod
    def of(
        cls, image: Numbers, bank: Numbers, bias: object, out: FeatureMaps, course: Course, sure: float
    ) -> "Repeat | None":
        """Take note of a call that was made; None for one that cannot be made again so.

        Parameters
        ----------
        image, bank, bias, out
            The arrays of the call, `bias` being None or anything that it took.
        course : Course
            What was done with them.
        sure : float
            The magnitude of a value that shows that rounding errors are small enough.
        """
        layer = course.apply
        if not isinstance(layer, CompiledLayer) or image.dtype not in layer.addresses:
            return None
        if not (bias is None or type(bias) is np.ndarray) or not _is_known(layer.library):
            return None
        return cls(image, bank, bias, out, layer, course, sure)

    def run(self, image: Numbers, bank: Numbers, bias: object, out: object) -> int:
        """Convolve if these arrays are as those before; the image and the bank must be plain NumPy arrays.

        Returns
        -------
        int
            `DONE`; `UNSURE` where the maps are written and their rounding errors have to be looked at; or another
            number where nothing was done.
        """
        if type(out) is not np.ndarray or (bias is not None and type(bias) is not np.ndarray):
            return OTHER
        at = None if bias is None else id(bias)
        found: int = self._repeat(self._address, id(image), id(bank), at, id(out))
        return found


def is_repeatable(course: Course) -> bool:
    """Tell whether a call is worth being noted: one of the compiled kernel, by one thread, that fits float32."""
    return type(course.apply) is CompiledLayer and course.apply.piece is None and course.fits


@cache
def _is_known(library: ctypes.CDLL) -> bool:
    """Tell whether NumPy's arrays lie in memory as `compiled.c` takes them to."""
    if sys.implementation.name != "cpython":  # elsewhere `id` is no address
        return False
    found = np.zeros(6, dtype=np.int64)
    for array in (np.zeros((3, 4, 5), dtype=np.float32)[1:], np.zeros(7, dtype=np.uint8)):
        library.probe(_HEAD, id(array), found.ctypes.data)
        flags = array.flags.num & _FLAGS
        wanted = [array.ctypes.data, array.ndim, array.shape[0], array.strides[0], id(array.dtype), flags]
        if found.tolist() != wanted:
            return False
    return True
