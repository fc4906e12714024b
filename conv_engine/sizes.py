"""The size calculator: forwards from a setting to a size, backwards from a size to the settings that give it.

One axis at a time, for rows and columns do not mix. Forwards it is the plan's own formula; backwards that formula
is solved for the padding, so that no setting is tried in vain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from conv_engine.axis import AxisPlan, named_pads
from conv_engine.errors import ConvError, shown
from conv_engine.spec import PADDINGS, integer, is_list

__all__ = ["Setting", "fitting_sizes", "nearest_sizes", "plan_axis", "settings_for"]

_MOST = 32
"""The largest kernel, stride, dilation or padding that is looked for: more makes a list that nobody reads."""


@dataclass(frozen=True)
class Setting:
    """A kernel and how it is laid along one axis.

    Attributes
    ----------
    kernel, stride, dilation : int
        k taps, a window every s pixels, a tap every d pixels.
    padding : (int, int)
        Before and after the axis, in pixels.
    names : tuple of str
        The named paddings that stand for these numbers here: none, one or several of ``"valid"``, ``"same"`` and
        ``"full"``.
    unused : int
        The pixels at the end of the image that lie behind the last window.
    """

    kernel: int
    stride: int
    dilation: int
    padding: tuple[int, int]
    names: tuple[str, ...] = ()
    unused: int = 0


def plan_axis(
    size: int, kernel: int, *, stride: int = 1, padding: str | int | Sequence[int] = "valid", dilation: int = 1
) -> AxisPlan:
    """Plan one axis: the calculator forwards, with every number of the formula.

    Parameters
    ----------
    size : int
        n, the pixels of the image along the axis.
    kernel : int
        k, the taps of the kernel.
    stride, dilation : int
        s and d, in pixels, at least 1.
    padding : str, int or (int, int)
        ``"valid"``, ``"same"``, ``"full"``, pixels on both sides, or (before, after).

    Returns
    -------
    AxisPlan
        ``out`` is the size of the result, ``effective`` the span e of the kernel, ``before`` and ``after`` the
        padding, ``unused`` what is left over.

    Raises
    ------
    ConvError
        If a parameter is of the wrong kind or the kernel is larger than the padded axis.

    Examples
    --------
    >>> axis = plan_axis(64, 3, stride=2, padding="same")
    >>> axis.out, axis.before, axis.after
    (32, 0, 1)
    """
    size, kernel = integer("size", size, least=1), integer("kernel", kernel, least=1)
    stride, dilation = integer("stride", stride, least=1), integer("dilation", dilation, least=1)
    pads: str | tuple[int, int]
    if isinstance(padding, str):
        if padding not in PADDINGS:
            raise _padding_error(padding)
        pads = padding
    else:
        items = list(padding) if is_list(padding) else [padding, padding]  # type: ignore[arg-type]  # a list by now
        if len(items) != 2:
            raise _padding_error(padding)
        pads = integer("padding", items[0], least=0), integer("padding", items[1], least=0)
    effective = dilation * (kernel - 1) + 1
    before, after = named_pads(pads, size, effective, stride) if isinstance(pads, str) else pads
    axis = AxisPlan(size, kernel, stride, dilation, before, after, "zeros")
    if axis.effective > axis.padded:
        raise ConvError(
            f"kernel must not be larger than the padded axis: it must span at most {axis.padded} pixels, "
            f"got {axis.effective} (kernel size {kernel}, dilation {dilation})"
        )
    return axis


def settings_for(
    size: int,
    wanted: int,
    *,
    least_kernel: int = 1,
    most_kernel: int = 7,
    most_stride: int = 4,
    most_padding: int = 3,
    most_dilation: int = 2,
) -> list[Setting]:
    """Find every setting that makes `wanted` cells of an axis of `size` pixels: the calculator backwards.

    A padding is the same on both sides, as all libraries can express it, or one that ``"same"`` stands for. For a
    square picture and kernel a setting holds for both axes; else each axis is asked for by itself.

    Parameters
    ----------
    size, wanted : int
        n, the pixels of the image along the axis, and how many cells its convolution is to have.
    least_kernel, most_kernel : int
        The smallest and the largest kernel k that is looked for, at most 32.
    most_stride, most_padding, most_dilation : int
        The largest s, p on either side and d that are looked for, at most 32.

    Returns
    -------
    list of Setting
        The smallest first: by kernel, then dilation, then stride, then padding. Empty if there is none.

    Raises
    ------
    ConvError
        If a parameter is not an integer in its range.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016,
    chapters 2 and 5, relationships 6 and 15, solved for p.

    Examples
    --------
    >>> for found in settings_for(64, 32, least_kernel=3, most_kernel=3, most_dilation=1):
    ...     print(found.stride, found.padding, found.names, found.unused)
    2 (0, 1) ('same',) 0
    2 (1, 1) () 0
    """
    size, wanted = integer("size", size, least=1), integer("wanted", wanted, least=1)
    most_padding = integer("most_padding", most_padding, least=0, most=_MOST)
    found = []
    for kernel, dilation, stride in _shapes(least_kernel, most_kernel, most_stride, most_dilation):
        effective = dilation * (kernel - 1) + 1
        # size + 2p − e must lie from (wanted − 1)·s up to wanted·s − 1; halves are rounded inwards.
        least = max(-((size - effective - (wanted - 1) * stride) // 2), 0)
        most = min((wanted * stride - 1 - size + effective) // 2, most_padding)
        paddings = {(amount, amount) for amount in range(least, most + 1)}
        if -(-size // stride) == wanted:
            same = named_pads("same", size, effective, stride)
            paddings |= {same} if max(same) <= most_padding else set()
        if not paddings:
            continue
        named = {name: named_pads(name, size, effective, stride) for name in PADDINGS}
        for padding in sorted(paddings, key=sum):
            names = tuple(name for name in PADDINGS if named[name] == padding)
            unused = AxisPlan(size, kernel, stride, dilation, *padding, "zeros").unused
            found.append(Setting(kernel, stride, dilation, padding, names, unused))
    return found


def nearest_sizes(
    size: int,
    wanted: int,
    *,
    least_kernel: int = 1,
    most_kernel: int = 7,
    most_stride: int = 4,
    most_padding: int = 3,
    most_dilation: int = 2,
) -> tuple[int | None, int | None]:
    """Return the nearest numbers of cells that `settings_for` finds settings for.

    Parameters
    ----------
    size, wanted, least_kernel, most_kernel, most_stride, most_padding, most_dilation : int
        As `settings_for` takes them.

    Returns
    -------
    (int or None, int or None)
        The largest that is not above `wanted`, and the smallest that is not below it; None where there is none.
        Both are `wanted` where that can be had.

    Raises
    ------
    ConvError
        If a parameter is not an integer in its range.

    Examples
    --------
    >>> nearest_sizes(64, 50)
    (35, 52)
    """
    size, wanted = integer("size", size, least=1), integer("wanted", wanted, least=1)
    most_padding = integer("most_padding", most_padding, least=0, most=_MOST)
    found = set()
    for kernel, dilation, stride in _shapes(least_kernel, most_kernel, most_stride, most_dilation):
        effective = dilation * (kernel - 1) + 1
        found |= {
            (size + 2 * amount - effective) // stride + 1
            for amount in range(most_padding + 1)
            if size + 2 * amount >= effective
        }
        if max(named_pads("same", size, effective, stride)) <= most_padding:
            found.add(-(-size // stride))
    below = max((number for number in found if number <= wanted), default=None)
    return below, min((number for number in found if number >= wanted), default=None)


def _shapes(
    least_kernel: int, most_kernel: int, most_stride: int, most_dilation: int
) -> Iterator[tuple[int, int, int]]:
    """Check the limits of a search, and go through its kernels, dilations and strides."""
    most_kernel = integer("most_kernel", most_kernel, least=1, most=_MOST)
    least_kernel = integer("least_kernel", least_kernel, least=1, most=most_kernel)
    most_stride = integer("most_stride", most_stride, least=1, most=_MOST)
    most_dilation = integer("most_dilation", most_dilation, least=1, most=_MOST)
    for kernel, dilation, stride in product(
        range(least_kernel, most_kernel + 1), range(1, most_dilation + 1), range(1, most_stride + 1)
    ):
        if kernel > 1 or dilation == 1:  # a single tap has no neighbour to be apart from
            yield kernel, dilation, stride


def fitting_sizes(axis: AxisPlan) -> tuple[int | None, int]:
    """Return the nearest sizes of image for which the stride divides, so that nothing is left over.

    With the same kernel, stride, dilation and padding in pixels the last window then ends where the padded axis
    does.

    Parameters
    ----------
    axis : AxisPlan
        An axis of a plan, or one made with `plan_axis`.

    Returns
    -------
    (int or None, int)
        The largest size that fits and is not above `axis.size`, None if there is none of at least one pixel; and
        the smallest that is not below it. Both are `axis.size` where it fits.

    Examples
    --------
    >>> fitting_sizes(plan_axis(64, 3, stride=2))
    (63, 65)
    """
    over = (axis.padded - axis.effective) % axis.stride
    below = axis.size - over
    return (below if below >= 1 else None), (axis.size if over == 0 else below + axis.stride)


def _padding_error(padding: object) -> ConvError:
    words = ", ".join(repr(word) for word in PADDINGS)
    return ConvError(f"padding must be one of {words}, an integer ≥ 0 or (before, after), got {shown(padding)}")
