"""One layer, spelt as PyTorch, Keras and ONNX spell it.

The three agree on the sum and on kernels that are not flipped, and differ in what padding they can say: PyTorch
pads the same on both sides, Keras only knows valid and same, ONNX takes a number for every side but only zeros.
What a layer cannot say itself, a padding in front of it says; what cannot be said at all gets a comment with the
reason.

Sources: the reference pages of `torch.nn.Conv2d`, `torch.nn.functional.pad`, `torch.nn.ReflectionPad2d` and
`torch.nn.CircularPad2d` (PyTorch), of `keras.layers.Conv2D`, `keras.layers.ZeroPadding2D` and `keras.ops.pad`
(Keras 3) and of the operators Conv and Pad (ONNX).
"""

from collections.abc import Mapping
from types import MappingProxyType

from conv_engine.plan import Plan2D
from conv_engine.spec import choice

__all__ = ["FRAMEWORKS", "spelling"]

FRAMEWORKS = ("pytorch", "keras", "onnx")
"""The libraries and formats whose spelling is known."""

_ONNX_MODES: Mapping[str, str] = MappingProxyType({"reflect": "reflect", "replicate": "edge", "circular": "wrap"})


def spelling(plan: Plan2D, framework: str) -> str:
    """Write a layer in the words of a framework.

    The weights and the bias are handed over as they are, in the framework's own order of axes; where ``flip=True``
    turned them, they are to be turned first, for none of the three flips.

    Parameters
    ----------
    plan : Plan2D
        The plan of the layer, made with `plan2d`. Its sizes decide what ``"same"`` stands for.
    framework : str
        ``"pytorch"``, ``"keras"`` or ``"onnx"``.

    Returns
    -------
    str
        One or more lines of code, with comments (#) where there is something to know; comments alone where the
        framework cannot do the layer.

    Raises
    ------
    ConvError
        If the framework is none of these.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> print(spelling(plan2d((64, 64, 3), (8, 3, 3, 3), stride=2, padding=1), "pytorch"))
    nn.Conv2d(3, 8, kernel_size=3, stride=2, padding=1)
    >>> print(spelling(plan2d((64, 64, 3), (8, 3, 3, 3), stride=2, padding="same"), "onnx"))
    Conv(x, w, b, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    """
    framework = choice("framework", framework, FRAMEWORKS)
    return {"pytorch": _pytorch, "keras": _keras, "onnx": _onnx}[framework](plan)


def _pytorch(plan: Plan2D) -> str:
    spec, ((top, bottom), (left, right)) = plan.spec, plan.pads
    lines, words = list[str](), [f"{plan.image_shape[2]}", f"{plan.bank_shape[0]}"]
    words.append(f"kernel_size={_short(plan.bank_shape[1:3])}")
    words += _unless_one("stride", spec.stride)
    excess = _excess(plan, "PyTorch")
    if excess:
        return excess
    if (top, left) != (bottom, right):
        mode = "" if spec.boundary == "zeros" else f', mode="{spec.boundary}"'
        lines.append("# nn.Conv2d pads the same on both sides, so the padding goes in front of it.")
        lines.append(f"x = F.pad(x, ({left}, {right}, {top}, {bottom}){mode})  # left, right, top, bottom")
    elif _is_padded(plan):
        # padding="same" is refused for strides, so there the same numbers stand in its place.
        is_same = spec.padding == "same" and spec.stride == (1, 1)
        words.append('padding="same"' if is_same else f"padding={_short((top, left))}")
        if spec.boundary != "zeros":
            words.append(f'padding_mode="{spec.boundary}"')
    words += _unless_one("dilation", spec.dilation)
    words += [f"groups={spec.groups}"] if spec.groups > 1 else []
    lines.append(f"nn.Conv2d({', '.join(words)})")
    return "\n".join(lines)


def _keras(plan: Plan2D) -> str:
    spec, ((top, bottom), (left, right)) = plan.spec, plan.pads
    if max(spec.stride) > 1 and max(spec.dilation) > 1:
        return "# Keras cannot: its Conv2D refuses strides > 1 together with dilation_rate > 1."
    words = [f"{plan.bank_shape[0]}", f"kernel_size={_short(plan.bank_shape[1:3])}"]
    words += _unless_one("strides", spec.stride)
    lines = list[str]()
    if _is_padded(plan) and spec.boundary == "zeros":
        if spec.padding == "same":
            words.append('padding="same"')
        else:
            lines.append("# keras.layers.Conv2D takes no numbers for its padding, so that goes in front of it.")
            lines.append(f"x = keras.layers.ZeroPadding2D((({top}, {bottom}), ({left}, {right})))(x)")
    elif _is_padded(plan):
        if spec.boundary != "reflect":
            return (
                f'# Keras cannot on every backend: "{spec.boundary}" padding is not among those that '
                "keras.ops.pad supports on TensorFlow (constant, reflect and symmetric)."
            )
        excess = _excess(plan, "Keras on TensorFlow")
        if excess:
            return excess
        lines.append("# keras.layers.Conv2D pads with zeros only, so the padding goes in front of it.")
        lines.append(
            f'x = keras.ops.pad(x, ((0, 0), ({top}, {bottom}), ({left}, {right}), (0, 0)), mode="reflect")'
        )
    words += _unless_one("dilation_rate", spec.dilation)
    words += [f"groups={spec.groups}"] if spec.groups > 1 else []
    lines.append(f"keras.layers.Conv2D({', '.join(words)})")
    return "\n".join(lines)


def _onnx(plan: Plan2D) -> str:
    spec, ((top, bottom), (left, right)) = plan.spec, plan.pads
    lines, words = list[str](), [f"kernel_shape={list(plan.bank_shape[1:3])}"]
    words += [f"strides={list(spec.stride)}"] if spec.stride != (1, 1) else []
    if _is_padded(plan) and spec.boundary == "zeros":
        if spec.padding == "same":
            words.append('auto_pad="SAME_UPPER"')
        else:
            words.append(f"pads={[top, left, bottom, right]}")
    elif _is_padded(plan):
        since = " Wrapping needs opset 19." if spec.boundary == "circular" else ""
        lines.append(f"# Conv pads with zeros only, so the padding goes in front of it.{since}")
        lines.append(
            f'x = Pad(x, pads={[0, 0, top, left, 0, 0, bottom, right]}, mode="{_ONNX_MODES[spec.boundary]}")'
        )
    words += [f"dilations={list(spec.dilation)}"] if spec.dilation != (1, 1) else []
    words += [f"group={spec.groups}"] if spec.groups > 1 else []
    lines.append(f"Conv(x, w, b, {', '.join(words)})")
    return "\n".join(lines)


def _is_padded(plan: Plan2D) -> bool:
    return plan.pads != ((0, 0), (0, 0))


def _excess(plan: Plan2D, who: str) -> str:
    """Say, in a comment, that there is more padding than the framework can copy; "" if there is not."""
    boundary = plan.spec.boundary
    if boundary not in ("reflect", "circular"):
        return ""
    for pads, size, what in zip(plan.pads, plan.image_shape[:2], ("rows", "columns"), strict=True):
        most = size - 1 if boundary == "reflect" else size
        if max(pads) > most:
            rule = f'"{boundary}" padding is at most {most} for {size} {what}'
            return f"# {who} cannot: {rule}, here it is {max(pads)}."
    return ""


def _short(pair: tuple[int, ...]) -> str:
    """Write a pair of equal numbers as one of them."""
    return f"{pair[0]}" if pair[0] == pair[1] else f"({pair[0]}, {pair[1]})"


def _unless_one(word: str, pair: tuple[int, int]) -> list[str]:
    return [] if pair == (1, 1) else [f"{word}={_short(pair)}"]
