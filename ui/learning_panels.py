"""The question of the page Learning, and its part where one kernel learns to do what a hidden one does."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from conv_engine import LIBRARY, ConvError, Kernel, stack
from conv_engine.arrays import Doubles
from ui import idea, state
from ui.choices import choose, reseed, same, seed_of
from ui.images import Pixels
from ui.layer import kernel_of
from ui.learn_kernel import (
    HIDDEN,
    LARGEST_SIDE,
    MOST_KERNELS,
    Lesson,
    Run,
    curvatures,
    draw_hidden,
    learn,
    pixels_of,
    random_pixels,
)
from ui.learning_player import pack_run, show_player
from ui.map_tiles import scale_number
from ui.pictures import working_picture
from ui.text import plain

__all__ = ["ask", "show_one_kernel"]

# What is learned from is small: the whole of it fits on the screen, and a run of 300 steps in a tenth of a second.
_SIDE = 64
# A weight that is off by so much is seen to be.
_SEEN = 0.05
_OWN, _SURPRISE = "own", "surprise"
_RATES = ("0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10", "30")
_MOMENTA = ("0", "0.5", "0.9", "0.95")
_BATCHES = {"0": "all", "16": "16", "64": "64", "256": "256"}
_NOISES = {"0": "none", "0.1": "10 %", "0.3": "30 %"}
_STEPS = ("100", "300", "1000")
_SOURCES = {
    "photo": "the photo, −½ to ½",
    "bright": "the photo, 0 to 1",
    "random": "random pixels",
}
_NAMED = {
    "sobel_x": "Sobel x",
    "sobel_y": "Sobel y",
    "gaussian": "Blur",
    "sharpen": "Sharpen",
    "emboss": "Emboss",
    "laplacian": "Laplacian",
    _OWN: "Your kernel",
    _SURPRISE: "Surprise me",
}


def ask(part: str) -> None:
    """Begin the page with its question, and what to do in the part that is shown."""
    to_do = {
        "one": "Hide a kernel. Another one starts as noise and sees nothing but the picture and the map that the "
        "hidden one makes of it. Guess what that does, press **Play** and watch the other one find out; then "
        "raise the learning rate until it fails.",
        "net": "Two layers shall tell which of four shapes is in a picture. Press **Train**: both layers learn, "
        "from pictures that the program draws. Beside them the same net learns with kernels made by hand.",
    }
    idea.question("Who draws the kernels?", to_do[part])


class _Hidden(NamedTuple):
    """What is hidden: the kernels' names and their weights, (K, kh, kw)."""

    names: tuple[str, ...]
    weights: Doubles


def show_one_kernel() -> None:
    """Show a kernel that learns to do what a hidden one does: the player, its settings and the words."""
    seed = seed_of("lseed")
    hidden_by = choose("pills", "The hidden kernel", "lk", _NAMED, HIDDEN[0])
    player, words = idea.halves()
    with words:
        count, source, lesson = _lesson(seed)
    pixels = working_picture(replace(state.experiment(), grey=True, size=_SIDE), state.photo()).pixels
    with player:
        try:
            hidden = _hide(hidden_by, count, seed)
            run, message, _ = state.remembered(
                "lesson",
                (id(pixels), source, hidden.names, hidden.weights.tobytes(), lesson),
                lambda: _record(pixels, source, hidden, lesson),
            )
        except ConvError as error:
            st.error(f"{plain(str(error))}. Choose another kernel, or another picture.")
            return
        show_player(message)
    with words:
        _explain(run, lesson, source, hidden_by)
    _notice_one(run, pixels, lesson, source)


def _lesson(seed: int) -> tuple[int, str, Lesson]:
    numbers = {str(number): str(number) for number in range(1, MOST_KERNELS + 1)}
    rate = choose("slider", "Learning rate", "lr", same(_RATES), "1")
    momentum = choose("slider", "Momentum", "lm", same(_MOMENTA), "0.9")
    source = choose("select", "Learn from", "lx", _SOURCES, "photo")
    batch = choose("segments", "Windows for each step", "lb", _BATCHES, "0")
    noise = choose("segments", "Noise on the wanted map", "ln", _NOISES, "0")
    with st.container(horizontal=True, gap="medium"):
        count = choose("segments", "Kernels", "lc", numbers, "1")
        steps = choose("segments", "Steps", "ls", same(_STEPS), "300")
    st.button(
        "Begin again from other noise",
        key="learning_reseed",
        on_click=reseed,
        args=("lseed", seed),
        width="stretch",
    )
    lesson = Lesson(float(rate), float(momentum), int(batch), float(noise), int(steps), seed)
    return int(count), source, lesson


def _hide(choice: str, count: int, seed: int) -> _Hidden:
    """Choose the kernels: the one that was asked for, and those that join it.

    Raises
    ------
    ConvError
        If the person's own kernel is too large.
    """
    if choice == _SURPRISE:
        drawn = draw_hidden(count, seed)
        return _Hidden(tuple(kernel.title for kernel in drawn), stack(drawn, channels=1)[..., 0])
    start = HIDDEN.index(choice) if choice in HIDDEN else 0
    chosen = [LIBRARY[(HIDDEN * 2)[start + number]] for number in range(count)]
    names = [kernel.title for kernel in chosen]
    if choice == _OWN:
        _, feature = state.chosen()
        kernel = kernel_of(feature)
        # On a picture in grey three slices act as their sum.
        weights = kernel.weights if kernel.weights.ndim == 2 else kernel.weights.sum(axis=2)
        if max(weights.shape) > LARGEST_SIDE:
            raise ConvError(
                f"your kernel must be at most {LARGEST_SIDE} × {LARGEST_SIDE} for its weights to be seen here, "
                f"got {weights.shape[0]} × {weights.shape[1]}"
            )
        own = Kernel("own", feature.name or kernel.title, "basic", weights, "", "", "")
        chosen, names = [own, *chosen[: count - 1]], [own.title, *names[: count - 1]]
    return _Hidden(tuple(names), stack(chosen, channels=1)[..., 0])


def _record(pixels: Pixels, source: str, hidden: _Hidden, lesson: Lesson) -> tuple[Run, bytes, Pixels]:
    run = learn(_picture(pixels, source, lesson.seed), hidden.weights, lesson)
    # The pixels are handed on, so that their identity is not given to others meanwhile.
    return run, pack_run(run, hidden.names), pixels


def _picture(pixels: Pixels, source: str, seed: int) -> Doubles:
    if source == "random":
        return random_pixels(_SIDE, centred=True, seed=seed)
    return pixels_of(pixels, centred=source == "photo")


def _explain(run: Run, lesson: Lesson, source: str, hidden_by: str) -> None:
    windows = math.prod(run.wanted.shape[:2])
    seen = f"{lesson.batch} windows drawn at random" if 0 < lesson.batch < windows else f"all {windows:,} windows"
    scale = "0 to 1" if source == "bright" else "−½ to ½, so that middle grey is 0"
    st.markdown(
        f"**Each step goes downhill.** The learner lays its kernel on {seen}, compares its map with the wanted "
        "one, and asks of each weight: would the error grow or shrink if you were larger? These answers are the "
        f"*gradient*. Every weight moves against its own, by the rate times it. Pixels count from {scale}."
    )
    if math.isfinite(run.rate_limit):
        with_momentum = f" and momentum {lesson.momentum:g}" if lesson.momentum else ""
        st.markdown(
            "**How large a step?** The error is a bowl, and its steepest wall has the curvature λ = "
            f"{scale_number(_steepest(run, lesson))}. A step of rate r changes what is wrong along it by the "
            "factor 1 − r · λ: if r is too large, it lands higher on the other side. With this "
            f"picture{with_momentum} all is lost from a rate of **{scale_number(run.rate_limit, 3)}** on; yours "
            f"is {scale_number(lesson.rate)}. (Goodfellow, Bengio and Courville, *Deep Learning*, sections 4.3 "
            "and 8.2.)"
        )
    if len(run.hidden) > 1:
        which = "" if hidden_by == _SURPRISE else " Those that join the first are the next ones of the list."
        st.markdown(
            f"**{len(run.hidden)} kernels, {len(run.hidden)} maps.** Each map has its own error, and the loss is "
            f"their sum: so each kernel learns as if it were alone.{which}"
        )


def _notice_one(run: Run, pixels: Pixels, lesson: Lesson, source: str) -> None:
    sentences = [_about_the_loss(run, lesson)]
    shape = run.hidden.shape[1], run.hidden.shape[2]
    other = "photo" if source == "random" else "random"
    here, there = ("random pixels", "the photo") if source == "random" else ("the photo", "random pixels")
    one, two = (_steepness(picture, shape) for picture in (run.picture, _picture(pixels, other, lesson.seed)))
    sentences.append(
        f"Neighbours in a photo are alike, so that many kernels make nearly the same map of it. On {here} the "
        f"bowl is {one}, on {there} it is {two}: the more, the longer the flattest way takes."
    )
    if source != "random":
        sentences.append(_about_the_zero(pixels, shape, lesson))
    if lesson.noise and not run.trouble:
        sentences.append(
            "The wanted map has noise, which no kernel can make: the loss stays at "
            f"{scale_number(float(run.losses[-1, 0]), 3)} at the end, and the weights are right only nearly."
        )
    idea.notice(*filter(None, sentences))


def _about_the_loss(run: Run, lesson: Lesson) -> str:
    if run.trouble:
        fewer = ", and less where few windows make each gradient a guess" if lesson.batch else ""
        return (
            f"{run.trouble} Along the steepest direction each step overshot by more than it had to go. Choose a "
            f"rate below {scale_number(run.rate_limit, 3)}{fewer}."
        )
    losses, errors = run.losses[:, 0], run.errors[:, 0]
    last = scale_number(float(errors[-1]), 2)
    fallen = np.flatnonzero(losses <= losses[0] / 100)
    if not losses[0]:
        return "Every pixel counts 0 here, so every kernel makes the same map: there is nothing to learn from."
    if not len(fallen):
        return (
            f"After {run.steps} steps the worst weight is still off by {last}. Try a larger rate, or more steps."
        )
    step = int(fallen[0])
    early = " The map looks right long before the kernel is." if errors[step] > _SEEN else ""
    return (
        f"At step {step} the loss is a hundredth of what it was, and the worst weight is off by "
        f"{scale_number(float(errors[step]), 2)}; at the end it is off by {last}.{early}"
    )


def _about_the_zero(pixels: Pixels, shape: tuple[int, int], lesson: Lesson) -> str:
    steep = [float(curvatures(pixels_of(pixels, centred=centred), shape)[-1]) for centred in (False, True)]
    if not all(steep):
        return ""
    bright, centred = (scale_number(2 * (1 + lesson.momentum) / each, 3) for each in steep)
    why = (
        "This is one reason why networks are fed with centred pictures."
        if steep[1] < steep[0]
        else "This picture is so dark that black is nearer to its middle than grey is."
    )
    return (
        f"Only the zero of the pixels is moved, and the rate that is just too high goes from {bright} (0 to 1) "
        f"to {centred} (−½ to ½). {why}"
    )


def _steepest(run: Run, lesson: Lesson) -> float:
    return 2 * (1 + lesson.momentum) / run.rate_limit


def _steepness(picture: Doubles, shape: tuple[int, int]) -> str:
    curved = curvatures(picture, shape)
    steepest, flattest = float(curved[-1]), float(curved[0])
    if flattest <= steepest * np.finfo(float).eps:
        return "quite flat in some direction"
    ratio = steepest / flattest
    return f"{f'{ratio:,.0f}' if ratio >= 10 else f'{ratio:.1f}'} times as steep one way as another"
