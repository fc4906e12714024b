"""Why a result has its size, where the odd row of “same” goes, and what is left over: in sentences.

All numbers come from a plan, and every sentence can be checked by counting windows.
"""

from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D
from conv_engine.sizes import fitting_sizes, plan_axis
from conv_engine.spellings import spelling

__all__ = ["leftover_sentences", "odd_one_sentences", "size_sentence", "size_sentences"]

_MOST_NAMED = 4
"""Rows or columns that are named one by one; of more, the first few and the last."""


# --- The size ------------------------------------------------------------------------------------------


def size_sentences(plan: Plan2D) -> list[str]:
    """Say why the maps have their size.

    Parameters
    ----------
    plan : Plan2D

    Returns
    -------
    list of str
        What goes in and what comes out, and one sentence for both axes where they are alike, else one for each.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> for sentence in size_sentences(plan2d((64, 64, 3), (1, 3, 3, 3), stride=2, padding="same")):
    ...     print(sentence)
    A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells.
    Along rows and columns alike: with “same”, every 2nd of the 64 pixels gets a window, and 64 / 2 = 32.
    """
    height, width, _ = plan.image_shape
    rows, cols, _ = plan.output_shape
    spec = plan.spec
    stride = f"{spec.stride[0]}" if spec.stride[0] == spec.stride[1] else "{} × {}".format(*spec.stride)
    first = (
        f"A {height} × {width} picture with stride {stride} and {_padding_words(plan)} gives {rows} × {cols} "
        f"{'cell' if rows * cols == 1 else 'cells'}."
    )
    name = spec.padding if isinstance(spec.padding, str) else ""
    if plan.row_axis == plan.col_axis:
        return [first, f"Along rows and columns alike: {size_sentence(plan.row_axis, 'pixel', name)}"]
    return [
        first,
        f"Down the rows: {size_sentence(plan.row_axis, 'row', name)}",
        f"Along the columns: {size_sentence(plan.col_axis, 'column', name)}",
    ]


def size_sentence(axis: AxisPlan, what: str = "pixel", padding: str = "") -> str:
    """Say why an axis has as many windows as it has.

    Parameters
    ----------
    axis : AxisPlan
    what : str
        What lies along it, in the singular.
    padding : str
        The name of the padding, ``"valid"``, ``"same"`` or ``"full"``; empty for one in numbers.

    Returns
    -------
    str
        A sentence that begins with a small letter, for it stands behind the name of the axis.
    """
    if padding == "same":
        every = f"every {_ordinal(axis.stride)} of the {axis.size} {what}s" if axis.stride > 1 else f"each {what}"
        if axis.size == 1:
            every = f"the only {what}"
        if axis.stride == 1:
            return f"with “same”, {every} gets a window, and so there {_is(axis.out)} {axis.out}."
        share = f"{axis.size} / {axis.stride} = {_share(axis.size, axis.stride)}"
        if axis.size % axis.stride:
            share += f", rounded up to {axis.out}"
        return f"with “same”, {every} gets a window, and {share}."
    total = axis.before + axis.after
    there = f"the {axis.size} {what}s" if axis.size > 1 else f"the only {what}"
    if total:
        there += f" and {total} of padding make {axis.padded} places, of which"
    else:
        there = f"of {there},"
    rest = axis.padded - axis.effective
    steps = axis.out - 1
    if rest == 0:
        return f"{there} the first window takes all {axis.effective}, and so there is 1 window."
    exact = rest == steps * axis.stride
    over = "" if exact else f" and {rest - steps * axis.stride} left over"
    return (
        f"{there} the first window takes {axis.effective}; the other {rest} have room for "
        f"{_counted(steps, 'step')} of {axis.stride}{over}, and so there {_is(axis.out)} "
        f"{_counted(axis.out, 'window')}."
    )


# --- The odd one ---------------------------------------------------------------------------------------


def odd_one_sentences(plan: Plan2D, *, once: bool = False) -> list[str]:
    """Say where the odd row or column of a lopsided padding goes, and what PyTorch makes of it.

    PyTorch's own padding is the same on both sides (the reference page of `torch.nn.Conv2d`), so that a lopsided
    one goes in front of the layer.

    Parameters
    ----------
    plan : Plan2D
    once : bool
        Whether what holds of rows and columns alike is said of the rows only, followed by a sentence that says so.

    Returns
    -------
    list of str
        Empty where the padding is the same on both sides of both axes. Else: where the odd one goes, for each axis
        that has it; what the nearest padding would do that is the same on both sides; and last, after a sentence
        that ends with a colon, the code that matches, in lines.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> print(odd_one_sentences(plan2d((64, 64, 3), (1, 3, 3, 3), stride=2, padding="same"))[0])
    The padding of the rows is lopsided: 0 at the top and 1 at the bottom.
    """
    sentences = []
    for axis, what, start, end in _axes(plan, once):
        if axis.before != axis.after:
            sentences.append(
                f"The padding of the {what}s is lopsided: {axis.before} at the {start} and {axis.after} at the "
                f"{end}."
            )
    if not sentences:
        return []
    if plan.spec.padding == "same":
        sentences.append(
            "“Same” needs an odd number there, and the odd one goes to the end, as in TensorFlow and in "
            "SAME_UPPER of ONNX. SAME_LOWER of ONNX puts it at the start."
        )
    for axis, what, start, _ in _axes(plan, once):
        if axis.before != axis.after:
            sentences.append(_even_padding(axis, what, start))
    sentences += _alike(plan, once)
    code = spelling(plan, "pytorch")
    cannot = all(line.startswith("#") for line in code.splitlines())
    sentences.append("PyTorch has no setting that matches:" if cannot else "In PyTorch this matches exactly:")
    return [*sentences, code]


def _even_padding(axis: AxisPlan, what: str, start: str) -> str:
    """Say what the same padding on both sides, as much as the larger of the two, would do instead."""
    even = max(axis.before, axis.after)
    other = plan_axis(axis.size, axis.kernel, stride=axis.stride, padding=(even, even), dilation=axis.dilation)
    begin = f"With padding={even} for the {what}s in PyTorch"
    size = (
        f"there are {other.out} {what}s of cells as well"
        if other.out == axis.out
        else f"there are {other.out} {what}s of cells in place of {axis.out}"
    )
    shift = even - axis.before
    if shift == 0:
        same = "all" if other.out == axis.out else f"the first {axis.out}"
        return f"{begin} {size}, {same} of them at the same places as here."
    where = f"each window lies {_counted(shift, what)} nearer to the {start}"
    if shift % axis.stride == 0 and other.out - shift // axis.stride == axis.out:
        drop = shift // axis.stride
        first = f"the first {what} is" if drop == 1 else f"the first {drop} {what}s are"
        return f"{begin} {size}; where {first} cut off, the others are those of here."
    return f"{begin} {size}, but {where}, so the values differ."


# --- Leftovers -----------------------------------------------------------------------------------------


def leftover_sentences(plan: Plan2D, *, once: bool = False) -> list[str]:
    """Say which rows and columns no window visits, and which sizes would fit.

    Parameters
    ----------
    plan : Plan2D
    once : bool
        Whether what holds of rows and columns alike is said of the rows only, followed by a sentence that says so.

    Returns
    -------
    list of str
        For each axis that has them: the leftovers at the end and the nearest sizes without any; what is left over
        of the padding; and the gaps that stride or dilation leave between the taps. Empty where every pixel is
        used. Rows and columns are counted from 0.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> print(leftover_sentences(plan2d((64, 9, 3), (1, 3, 3, 3), stride=2))[0])
    The last row, row 63, is never visited: 64 − 3 = 61 is no multiple of the stride 2. 63 or 65 rows would fit.
    """
    sentences = []
    for axis, what, _, end in _axes(plan, once):
        if axis.unused:
            sentences.append(_left_over(axis, what))
        if unread := min((axis.padded - axis.effective) % axis.stride, axis.after):
            sentences.append(f"Of the padding at the {end} {_counted(unread, what)} {_is(unread)} never read.")
        gaps = [place for place in range(axis.size - axis.unused) if not axis.visited[place]]
        if gaps:
            why = (
                f"the stride {axis.stride} is more than the {axis.effective} that the kernel spans"
                if axis.stride > axis.effective == axis.kernel
                else f"no tap comes there, at stride {axis.stride} and dilation {axis.dilation}"
            )
            sentences.append(f"{_named(gaps, what)} {_is(len(gaps))} passed over: {why}.")
    return [*sentences, *_alike(plan, once)] if sentences else []


def _left_over(axis: AxisPlan, what: str) -> str:
    first, count = axis.size - axis.unused, axis.unused
    which = (
        f"The last {what}, {what} {first}, is"
        if count == 1
        else f"The last {count} {what}s, {first} to {axis.size - 1}, are"
    )
    total = axis.before + axis.after
    padded = f"{axis.size} + {total} − {axis.effective}" if total else f"{axis.size} − {axis.effective}"
    below, above = fitting_sizes(axis)
    fits = f"{above} {what}s" if below is None else f"{below} or {above} {what}s"
    return (
        f"{which} never visited: {padded} = {axis.padded - axis.effective} is no multiple of the stride "
        f"{axis.stride}. {fits} would fit."
    )


def _named(places: list[int], what: str) -> str:
    count = len(places)
    if count == 1:
        return f"{what.capitalize()} {places[0]}"
    if count <= _MOST_NAMED:
        return f"{what.capitalize()}s {', '.join(map(str, places[:-1]))} and {places[-1]}"
    some = ", ".join(map(str, places[: _MOST_NAMED - 1]))
    return f"{count} {what}s ({some}, … {places[-1]})"


# --- Words ---------------------------------------------------------------------------------------------


def _axes(plan: Plan2D, once: bool) -> tuple[tuple[AxisPlan, str, str, str], ...]:
    rows, cols = (plan.row_axis, "row", "top", "bottom"), (plan.col_axis, "column", "left", "right")
    return (rows,) if once and plan.row_axis == plan.col_axis else (rows, cols)


def _alike(plan: Plan2D, once: bool) -> list[str]:
    return ["All this holds for the columns, too."] if len(_axes(plan, once)) == 1 else []


def _padding_words(plan: Plan2D) -> str:
    if isinstance(plan.spec.padding, str):
        return f"“{plan.spec.padding}”"
    (top, bottom), (left, right) = plan.pads
    if top == bottom == left == right:
        return f"padding {top}" if top else "no padding"
    return f"padding {top} (top), {bottom} (bottom), {left} (left) and {right} (right)"


def _share(number: int, parts: int) -> str:
    """Write a quotient: exactly where two digits behind the point do, else as nearly as they do."""
    whole, rest = divmod(number, parts)
    if not rest:
        return str(whole)
    exact = rest * 100 % parts == 0
    digits = f"{number / parts:.2f}".rstrip("0").rstrip(".")
    return digits if exact else f"{whole} and {rest}/{parts}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
