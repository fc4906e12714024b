"""The part of the page Learning where two layers learn which shape is in a picture."""

from functools import partial
from typing import TypeAlias

import numpy as np
import streamlit as st

from ui import background, idea, state
from ui.background import Job
from ui.choices import choose, reseed, same, seed_of
from ui.learn_shapes import HAND_MADE, Moment, Outcome, Task, hand_made_bank, namesakes, train
from ui.learning_pictures import accuracy_html, confusion_html, kernels_html, shapes_html, share
from ui.page import is_dark
from ui.shapes import SHAPES, ShapeSet, draw_shapes
from ui.text import plain

__all__ = ["show_two_layers"]

_ShapesJob: TypeAlias = Job[tuple[Moment, ...], Outcome]

_SHAPE_NOISES = ("0", "0.1", "0.2", "0.3", "0.4")
_POOL_WORDS = {"2": "2 × 2", "4": "4 × 4", "6": "6 × 6", "12": "all of it"}
_NONE = "none"
_GUESSES = {_NONE: "no guess", **{str(number): str(number) for number in range(25, 101, 5)}}
_JOB = "shapes job"
_EVERY = 0.5
_MOST_WRONG = 10


def show_two_layers() -> None:
    """Show two layers that learn which shape is in a picture: the settings, the run and what came out."""
    seed = seed_of("sseed")
    picture, words = idea.halves()
    with words:
        noise = choose("slider", "Noise in the pictures", "sn", same(_SHAPE_NOISES), "0.2")
        pool = choose("segments", "Pooled over", "sp", _POOL_WORDS, "4")
        hand = choose(
            "select", "Made by hand", "sh", {key: title for key, (title, _) in HAND_MADE.items()}, "edges"
        )
    task = Task(noise=float(noise), pool=int(pool), hand=hand, seed=seed)
    known: tuple[Task, _ShapesJob] | None = state.kept(_JOB)
    with picture:
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Train" if known is None else "Train again",
                key="shapes_train",
                type="primary",
                on_click=_train,
                args=(task,),
            )
            st.button("Other pictures", key="shapes_reseed", on_click=reseed, args=("sseed", seed))
        # Here in every run: what leaves the page for a while forgets what was chosen.
        choose(
            "slider",
            "Guess first: how many of 100 unseen pictures will it get right?",
            "sg",
            _GUESSES,
            _NONE,
        )
        if known is None:
            _show_examples(task)
        else:
            # It looks by itself only while there is something to come; at the end the whole page is run again.
            live = not known[1].is_over
            watch = partial(_watch, known[0], known[1], task, live)
            st.fragment(watch, run_every=_EVERY if live else None)()
    with words:
        _explain_net(task)
        if known is not None and known[1].result is not None:
            _notice_net(known[1].result)


def _train(task: Task) -> None:
    state.touch()
    before: tuple[Task, _ShapesJob] | None = state.kept(_JOB)
    job = background.start(partial(train, task), before[1] if before else None)
    state.keep(_JOB, (task, job))


def _watch(task: Task, job: _ShapesJob, wanted: Task, live: bool) -> None:
    """Show how far a run is; called again and again by the browser while it lasts."""
    if live and job.is_over:
        st.rerun()
    if job.status == "waiting":
        before = job.ahead
        st.info(
            f"{background.AT_ONCE} other runs are at work, and {before or 'none'} "
            f"{'is' if before == 1 else 'are'} before yours in the line. It begins by itself."
        )
        st.button("Stop", key="shapes_stop", on_click=job.stop)
        return
    moments = job.latest
    if job.status == "running":
        step = moments[-1].step if moments else 0
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.progress(job.share, f"Step {step:,} of {task.steps:,}")
            st.button("Stop", key="shapes_stop", on_click=job.stop)
    elif job.status == "stopped":
        reached = f"after step {moments[-1].step:,} of {task.steps:,}" if moments else "before it began"
        st.info(f"Stopped {reached}. What it had learned until then is below.")
    elif job.status == "failed":
        st.error("The run has failed, and the server's log says why. Train again, or choose other settings.")
    if task != wanted and job.is_over:
        st.info("This run was made with other settings than those beside it. Train again to see what they do.")
    if moments:
        st.html(accuracy_html(moments, task.steps, is_dark()))
        st.markdown("**The first layer, from noise to what it uses**")
        st.html(kernels_html(moments, hand_made_bank(task.hand), is_dark()))
    if job.result is not None:
        _show_outcome(job.result)


def _show_examples(task: Task) -> None:
    count = 3 * len(SHAPES)
    pictures, labels = draw_shapes(count, task.noise, task.seed)
    order = np.argsort(labels, kind="stable")
    shown = ShapeSet(pictures[order], labels[order])
    st.markdown(f"**{count} of the pictures**, each of 16 × 16 cells")
    st.html(shapes_html(shown, [SHAPES[label] for label in shown.labels]))


def _show_outcome(outcome: Outcome) -> None:
    tested = outcome.task.tested
    better, worse = outcome.exam.accuracy, outcome.hand_exam.accuracy
    learned, hand = share(better, tested), share(worse, tested)
    if better > worse:
        which = "The learned kernels do better"
    elif better < worse:
        which = "Here the hand-made kernels do better"
    else:
        which = "Both do equally well"
    st.markdown(
        f"**{which}.** Right about unseen pictures: {learned} with learned kernels, {hand} with hand-made ones."
    )
    guess = state.detail("sg", _NONE)
    if guess != _NONE and guess in _GUESSES:
        st.markdown(f"You guessed {guess} of 100 for the learned kernels; it is {100 * better:.1f}.")
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(confusion_html(outcome.exam, "Learned", is_dark()))
    with right:
        st.html(confusion_html(outcome.hand_exam, "Hand-made", is_dark()))
    wrong = outcome.exam.wrong[:_MOST_WRONG]
    if len(wrong):
        st.markdown(f"**Where the learned net is wrong**: {len(wrong)} of its {len(outcome.exam.wrong)} mistakes")
        captions = [
            f"{SHAPES[outcome.exam.labels[number]]}, taken for {SHAPES[outcome.exam.given[number]]}"
            for number in wrong
        ]
        st.html(shapes_html(ShapeSet(outcome.unseen.pictures[wrong], outcome.unseen.labels[wrong]), captions))


def _explain_net(task: Task) -> None:
    seen = task.steps * task.batch
    st.markdown(
        "**End to end.** Picture → 8 kernels of 5 × 5 → all below 0 becomes 0 (*ReLU*) → the largest value of "
        "each part of a map (*pooling*) → a score for each shape. The error of the scores is handed back through "
        f"all of it, and both layers move downhill together: {task.steps:,} steps of {task.batch} pictures, "
        f"{seen:,} in all, none of them twice. It takes some seconds, and the page stays yours meanwhile."
    )
    side = 12 // task.pool
    where = (
        "Each map becomes one number: where something was is forgotten, so a kernel must be good at finding "
        "something that only one shape has."
        if side == 1
        else f"Each map becomes {side} × {side} numbers: roughly where something was is kept."
    )
    st.markdown(f"**Pooling decides what is asked of a kernel.** {where}")
    st.markdown(
        "**A fair match.** The other net has the same second layer, sees the same pictures in the same order "
        f"and takes as many steps. Only its kernels are given, {HAND_MADE[task.hand][0]}, and stay as they are. "
        f"Both are tested on {task.tested:,} pictures that neither has learned from."
    )


def _notice_net(outcome: Outcome) -> None:
    moments = outcome.moments
    last = outcome.exam.accuracy
    near = next(moment for moment in moments if moment.accuracy >= 0.9 * last)
    sentences = [
        f"After {near.step:,} of {outcome.task.steps:,} steps it is at {100 * near.accuracy:.1f} % already, "
        "nine tenths of what it reaches: first the kernels take shape, then they are polished.",
        _mistake(outcome),
        _names(outcome),
    ]
    idea.notice(*sentences)


def _names(outcome: Outcome) -> str:
    near = namesakes(outcome.learned.bank)
    cosines = [cosine for _, cosine in near]
    best = int(np.argmax(cosines))
    return (
        f"Hardly a learned kernel has a name. Number {best + 1} comes nearest: its cosine with "
        f"“{plain(near[best][0])}” is {cosines[best]:.2f}, where 1 is the same up to a factor. The median of all "
        f"{len(near)} is {np.median(cosines):.2f}."
    )


def _mistake(outcome: Outcome) -> str:
    table = outcome.exam.confusion.copy()
    np.fill_diagonal(table, 0)
    if not table.any():
        return "It made no mistake on these pictures. Raise the noise until it does."
    row, col = divmod(int(table.argmax()), len(SHAPES))
    return (
        f"Its most frequent mistake: a {SHAPES[row]} taken for a {SHAPES[col]}, {int(table[row, col])} of "
        f"{int(outcome.exam.confusion[row].sum())} times."
        + (" In noise, at this size, you would hesitate, too." if outcome.task.noise else "")
    )
