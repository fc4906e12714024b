"""What is said beside two signals: what is computed, what it means for these two, and what to notice."""

from fractions import Fraction

import numpy as np

from ui.map_tiles import scale_number
from ui.signal_presets import DRAWN, SIGNALS, Settings, result_of

__all__ = ["about_signals", "to_notice", "told"]

_ROUNDING = 1e-12


def told(value: float) -> str:
    """Write a number for a sentence: whole, as a short decimal, as a fraction, or in six digits after ≈.

    Parameters
    ----------
    value : float
        Finite. What the rounding of sums has added to a fraction is left out.

    Returns
    -------
    str

    Examples
    --------
    >>> told(0.1 + 0.2), told(1 / 6 + 1 / 6), told(1 / 7**5)
    ('0.3', '1/3', '≈ 5.95e−5')
    """
    near = Fraction(value).limit_denominator(1000)
    if value != 0 and abs(near.numerator / near.denominator - value) <= _ROUNDING * abs(value):
        decimal = scale_number(near.numerator / near.denominator)
        exact = Fraction(decimal.replace("−", "-")) == near
        return decimal if exact else f"{near.numerator}/{near.denominator}".replace("-", "−")
    text = scale_number(value)
    return text if float(text.replace("−", "-")) == value else f"≈ {text}"


def about_signals(settings: Settings) -> list[str]:
    """Say what is computed, and what it means for these two signals.

    Parameters
    ----------
    settings : Settings
        What is shown.

    Returns
    -------
    list of str
        Two or three paragraphs of Markdown.
    """
    return [_operation(settings), _meaning(settings), _mode(settings)]


def _operation(settings: Settings) -> str:
    area = settings.step is not None
    variable, total = ("t", "area") if area else ("n", "sum")
    if settings.flip:
        formula = "y(t) = ∫ f(τ) · g(t − τ) dτ" if area else "y[n] = Σ f[k] · g[n − k]"
        how = (
            "**Convolution.** The orange g is flipped, so that it runs backwards, and its own 0 is moved to "
            f"{variable}."
        )
    else:
        formula = "y(t) = ∫ f(τ) · g(τ − t) dτ" if area else "y[n] = Σ f[k] · g[k − n]"
        how = (
            f"**Cross-correlation.** The orange g is moved to {variable} as it is, not flipped. This is what the "
            "layers of a CNN compute, and call convolution."
        )
    rule = f"Multiply what lies on each other; the {total} of the products is the output there:"
    return f"{how} {rule}\n\n**{formula}**"


def _meaning(settings: Settings) -> str:
    first, second = settings.names
    if first == second == "dice" and settings.step is None and settings.flip:
        result = result_of(settings.first, settings.second, "full", True)
        chances = dict(zip(result.places, result.values.tolist(), strict=True))
        seven = chances[7]
        ways = sum(1 for one in range(1, 7) for other in range(1, 7) if one + other == 7)
        return (
            f"Two dice show n in total when one shows k and the other n − k: exactly the pairs that lie on each "
            f"other. For n = 7 there are {ways} pairs of {6 * 6}, so **P(7) = {told(seven)}**. The two "
            "flat signals make a triangle: totals in the middle have the most pairs."
        )
    if DRAWN in (first, second):
        return "You drew here, so nobody has seen this output before. Guess its next value before you step on."
    if first == "spikes":
        second_title = SIGNALS[second].title.lower()
        copied = f"{SIGNALS['spikes'].meaning} Here it is the {second_title} that is copied."
        if not settings.flip and settings.second.samples != settings.second.samples[::-1]:
            return f"{copied} Not flipped, it comes out backwards: this is why convolution flips."
        return copied
    return SIGNALS[second].meaning


def _mode(settings: Settings) -> str:
    samples, taps = len(settings.first.samples), len(settings.second.samples)
    kept = len(result_of(settings.first, settings.second, settings.mode, settings.flip).values)
    return {
        "full": f"*Full* keeps every place where the two touch: {samples} + {taps} − 1 = {kept}.",
        "same": f"*Same* keeps as many places as f has samples, the middle ones: {kept} of {samples + taps - 1}.",
        "valid": "*Valid* keeps the places where the shorter lies wholly on the longer, so that nothing outside "
        f"is taken for 0: {max(samples, taps)} − {min(samples, taps)} + 1 = {kept}.",
    }[settings.mode]


def to_notice(settings: Settings) -> list[str]:
    """Say what to notice; each sentence is computed for these two signals.

    Parameters
    ----------
    settings : Settings
        What is shown.

    Returns
    -------
    list of str
        Sentences of Markdown.
    """
    sentences = []
    size = settings.step or 1.0
    first, second = np.array(settings.first.samples), np.array(settings.second.samples)
    full = result_of(settings.first, settings.second, "full", settings.flip, settings.step).values
    what = "sum" if settings.step is None else "area"
    f, g, y = (told(float(array.sum() * size)) for array in (first, second, full))
    if not any(text.startswith("≈") for text in (f, g, y)):
        sentences.append(
            f"The {what} of the full output is the {what} of f times that of g: {f} · {_factor(g)} = {y}."
        )
    else:
        f, g, y = (scale_number(float(array.sum() * size), 4) for array in (first, second, full))
        sentences.append(
            f"The {what} of the full output is the {what} of f times that of g: about {f} · {_factor(g)}, which "
            f"is about {y}."
        )
    if np.array_equal(second, second[::-1]):
        sentences.append("g is its own mirror image. Switch the flip off: the output keeps its shape.")
    else:
        other = result_of(settings.first, settings.second, "full", not settings.flip, settings.step).values
        apart = float(np.abs(other - full).max())
        sentences.append(
            "Switch the flip: g is not its own mirror image, and "
            + (
                f"some values of the output change by up to {scale_number(apart, 3)}."
                if apart > _ROUNDING * float(np.abs(full).max())
                else "yet on this f the output has the same values."
            )
        )
    length = first.size + second.size - 1
    if settings.step is None:
        sentences.append(f"The output is longer than both: it reaches over {length} places.")
    else:
        spans = ", ".join(told(float(count * size)) for count in (first.size, second.size))
        sentences.append(
            f"f and g are {spans.replace(', ', ' and ')} long. The output is {told(float((length + 1) * size))} "
            f"long: the lengths add up. With a smaller Δt it comes closer to that of smooth signals."
        )
    return sentences


def _factor(text: str) -> str:
    return f"({text})" if text.startswith("−") else text
