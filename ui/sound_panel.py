"""A sound before and after a kernel, to be heard and seen."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from conv_engine.arrays import Doubles
from ui import state
from ui.charts import show_chart
from ui.feature_edits import noted
from ui.idea import halves, notice
from ui.map_tiles import scale_number
from ui.own_file import own_file
from ui.page import is_dark
from ui.sound_figures import sound_kernel_figure, spectrum_figure, wave_figure
from ui.sounds import (
    LONGEST,
    Filtered,
    Sound,
    average_kernel,
    echo_kernel,
    filtered,
    low_pass_kernel,
    read_wav,
    sample_sound,
    spectrum,
    write_wav,
)
from ui.text import plain

__all__ = ["show_sound"]

_EFFECTS = {"echo": "Echo", "low": "Low-pass", "average": "Moving average"}
_SOUND = "own sound"
_CUTOFFS = (200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000)


class _Slider(NamedTuple):
    """A number that can be set: what it is called, its unit, its ends, its step, and where it begins."""

    label: str
    least: int
    most: int
    step: int
    start: int


# In whole numbers, for the address.
_SLIDERS = {
    "delay": _Slider("Delay, milliseconds", 20, 600, 10, 300),
    "strength": _Slider("Strength of each echo, % of the one before", 10, 90, 5, 60),
    "count": _Slider("Echoes", 1, 5, 1, 3),
    "span": _Slider("Width, tenths of a millisecond", 1, 50, 1, 10),
}


class _Heard(NamedTuple):
    """All that is shown of a sound and a kernel, made once."""

    sound: Sound
    kernel: Doubles
    result: Filtered
    before: bytes
    after: bytes


def show_sound() -> None:
    """Show a sound, the kernel, what comes of it, and words on them."""
    sound = _chosen()
    st.markdown(
        "Listen to the sound before and after. Then change the kernel: guess first what you will hear, and what "
        "the spectrum will show."
    )
    effect = _choices()
    heard = _heard(sound, effect)
    picture, words = halves()
    with picture:
        _pictures(heard)
    with words:
        _words(heard, effect)


def _heard(sound: Sound, effect: str) -> _Heard:
    values = tuple(_value(name) for name in _SLIDERS)
    cutoff = _cutoff()

    def make() -> _Heard:
        kernel = _kernel(effect, sound.rate)
        result = filtered(sound, kernel, ring=effect == "echo")
        return _Heard(
            sound, kernel, result, write_wav(sound.samples, sound.rate), write_wav(result.samples, sound.rate)
        )

    # With the sound in it, so that its identity is not given to another one meanwhile.
    return state.remembered("sound", (id(sound), effect, values, cutoff), make)


def _kernel(effect: str, rate: int) -> Doubles:
    if effect == "echo":
        return echo_kernel(rate, _value("delay") / 1000, _value("strength") / 100, _value("count"))
    if effect == "low":
        return low_pass_kernel(rate, _cutoff())
    return average_kernel(rate, _value("span") / 10_000)


# --- What can be set -----------------------------------------------------------------------------------


def _chosen() -> Sound:
    own: Sound | None = state.kept(_SOUND)
    return own if own is not None and state.detail("a_sound", "sample") == "own" else sample_sound()


def _choices() -> str:
    asked = state.detail("a_effect", "echo")
    effect = asked if asked in _EFFECTS else "echo"
    own: Sound | None = state.kept(_SOUND)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="sound_choices"):
        if own is not None:
            titles = {"sample": sample_sound().name, "own": own.name}
            st.segmented_control(
                "Sound",
                tuple(titles),
                format_func=lambda key: plain(titles[key]),
                required=True,
                key=state.mirror("sound_name", "own" if _chosen() is own else "sample"),
                on_change=_take,
                args=("sound", "sound_name"),
            )
        st.segmented_control(
            "Kernel",
            tuple(_EFFECTS),
            format_func=_EFFECTS.__getitem__,
            required=True,
            key=state.mirror("sound_effect", effect),
            on_change=_take,
            args=("effect", "sound_effect"),
        )
        with st.popover("Your own sound"):
            own_file(
                "A sound as WAV",
                "sound",
                ("wav",),
                _keep_sound,
                "The sound stays as it was.",
                f"Up to {LONGEST:.0f} seconds; 8, 16, 24 or 32 bits, mono or stereo. It stays in this session's "
                "memory.",
            )
    if effect == "low":
        st.select_slider(
            "Cutoff, Hz",
            _allowed(),
            _cutoff(),
            key=state.mirror(f"sound_cutoff.{len(_allowed())}", _cutoff()),
            on_change=_take,
            args=("cutoff", f"sound_cutoff.{len(_allowed())}"),
        )
        return effect
    names = ("delay", "strength", "count") if effect == "echo" else ("span",)
    for column, name in zip(st.columns(len(names), gap="medium"), names, strict=True):
        label, least, most, step, _ = _SLIDERS[name]
        key = f"sound_{name}"
        with column:
            st.slider(
                label,
                least,
                most,
                _value(name),
                step,
                key=state.mirror(key, _value(name)),
                on_change=_take,
                args=(name, key),
            )
    return effect


def _allowed() -> tuple[int, ...]:
    """Return the cutoffs that are below half the rate of the sound."""
    return tuple(cutoff for cutoff in _CUTOFFS if cutoff < 0.45 * _chosen().rate)


def _cutoff() -> int:
    allowed, text = _allowed(), state.detail("a_cutoff", "800")
    return int(text) if text in map(str, allowed) else 800


def _value(name: str) -> int:
    _, least, most, step, start = _SLIDERS[name]
    text = state.detail(f"a_{name}", str(start))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else start
    return least + step * round((min(max(number, least), most) - least) / step)


@noted
def _take(name: str, key: str) -> None:
    state.set_detail(f"a_{name}", str(state.value_of(key)))


def _keep_sound(data: bytes, name: str) -> None:
    state.keep(_SOUND, read_wav(data, name))
    state.set_detail("a_sound", "own")


# --- What is shown -------------------------------------------------------------------------------------


def _pictures(heard: _Heard) -> None:
    sound, dark = heard.sound, is_dark()
    longest = max(sound.samples.size, heard.result.samples.size) / sound.rate
    for title, samples, data in (
        ("Before", sound.samples, heard.before),
        ("After", heard.result.samples, heard.after),
    ):
        st.markdown(f"**{title}**")
        st.audio(data, format="audio/wav")
        after = title == "After"
        show_chart(wave_figure(samples, sound.rate, longest, after, dark), f"sound_{title}")
    st.markdown("**Spectrum**: how strong each frequency is")
    show_chart(spectrum_figure(sound.samples, heard.result.samples, sound.rate, dark), "sound_spectrum")


def _words(heard: _Heard, effect: str) -> None:
    sound = heard.sound
    if sound is sample_sound():
        st.markdown(
            f"**A plucked string**, {sound.seconds:.1f} seconds. Nobody played it: it was computed, by a kernel "
            "of two taps that runs round a loop of noise (Karplus and Strong, 1983)."
        )
    else:
        notes = " ".join(sound.notes)
        st.markdown(
            f"**{plain(sound.name)}**, {sound.seconds:.1f} seconds, {sound.rate:,} samples a second. "
            f"{plain(notes)}"
        )
    st.markdown(_about(heard, effect))
    show_chart(sound_kernel_figure(heard.kernel, sound.rate, effect != "echo", is_dark()), "sound_kernel")
    notice(*_to_notice(heard, effect))


def _about(heard: _Heard, effect: str) -> str:
    taps = heard.kernel.size
    if effect == "echo":
        spikes = int(np.count_nonzero(heard.kernel))
        return (
            f"The kernel is {spikes} spikes among {taps:,} weights. The first lets the sound through; each later "
            "one adds a whole copy of it, later and lower. A hall is such a kernel, of thousands of spikes."
        )
    if effect == "low":
        return (
            f"A sinc under a window, {taps:,} weights that sum to 1. It keeps waves slower than {_cutoff():,} a "
            "second, and faster ones cancel under it: their hills and valleys are weighted alike."
        )
    return (
        f"{taps:,} equal weights, the mean of {scale_number(1000 * taps / heard.sound.rate, 3)} ms. A wave of "
        "exactly this length is gone, but some faster ones come through: see the hills that stay in the spectrum."
    )


def _to_notice(heard: _Heard, effect: str) -> list[str]:
    sound, result = heard.sound, heard.result
    sentences = []
    loudest = result.loudest
    if loudest > 1:
        sentences.append(
            f"The sums reach {scale_number(loudest, 3)} times full scale. All of the sound was divided by that, "
            "so that nothing is clipped."
        )
    else:
        sentences.append(
            f"The loudest sample reaches {scale_number(loudest, 3)} of full scale: nothing is clipped."
        )
    sizes = f"{sound.samples.size:,} samples went in, {result.samples.size:,} came out"
    if effect == "echo":
        longer = (result.samples.size - sound.samples.size) / sound.rate
        sentences.append(f"{sizes}, {scale_number(longer, 3)} s longer: the last echoes ring on (*full*).")
    else:
        edge = _cutoff() if effect == "low" else sound.rate / heard.kernel.size
        before, after = (_share_above(samples, sound.rate, edge) for samples in (sound.samples, result.samples))
        sentences.append(
            f"Of the power, {_percent(before)} lay above {scale_number(edge, 3)} Hz before, and {_percent(after)} "
            "does after."
        )
        sentences.append(f"{sizes} (*same*). The kernel is its own mirror image: nothing comes earlier or later.")
    products = sound.samples.size * int(np.count_nonzero(heard.kernel))
    sentences.append(
        f"Written out, this is {products:,} products of a sample and a weight. Long kernels go through a Fourier "
        "transform instead, with the same result."
    )
    return sentences


def _share_above(samples: Doubles, rate: int, edge: float) -> float:
    frequencies, power = spectrum(samples, rate)
    return float(power[frequencies > edge].sum() / (power.sum() or 1.0))


def _percent(share: float) -> str:
    return f"{scale_number(100 * share, 2)} %"
