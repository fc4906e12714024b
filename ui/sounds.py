"""Sounds in, through a kernel, and out again: WAV files, echoes and low-pass filters.

Read with `scipy.io.wavfile`, and not with the standard library's `wave`: that one refuses samples in floating
point, and in Python 3.11 the extensible header in which most programs store 24 bits. Written with `wave`, in 16
bits.
"""

import io
import warnings
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from conv_engine import conv1d
from conv_engine.arrays import Doubles

__all__ = [
    "LONGEST",
    "Filtered",
    "Sound",
    "SoundError",
    "average_kernel",
    "echo_kernel",
    "filtered",
    "low_pass_kernel",
    "read_wav",
    "sample_sound",
    "spectrum",
    "write_wav",
]

LONGEST = 10.0
"""The longest sound that is taken, in seconds."""

_SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sounds" / "plucked_string.wav"
_LEAST_RATE, _MOST_RATE = 4_000, 96_000
_WANTED = "Choose a WAV file of up to 10 seconds."
_STRANGERS = (
    (b"ID3", "an MP3"),
    (b"\xff\xfb", "an MP3"),
    (b"\xff\xfa", "an MP3"),
    (b"\xff\xf3", "an MP3"),
    (b"\xff\xf2", "an MP3"),
    (b"OggS", "an Ogg"),
    (b"fLaC", "a FLAC"),
    (b"FORM", "an AIFF"),
    (b"\x1aE\xdf\xa3", "a WebM"),
)
_MOST_TAPS = 1001
_SEGMENT = 2048


class SoundError(ValueError):
    """A sound that cannot be used.

    Its message is one or two sentences for a person: what is wrong, with the value, and what would be right.
    """


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound of one channel.

    Attributes
    ----------
    name : str
        Of its file.
    samples : ndarray of shape (N,), float64
        From −1 to 1.
    rate : int
        Samples a second.
    notes : tuple of str
        Sentences on what was done to it, such as that two channels were made one.
    """

    name: str
    samples: Doubles
    rate: int
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples.size / self.rate


@cache
def sample_sound() -> Sound:
    """Return the sound that comes with the app: a plucked string, computed by ``tools/make_sound.py``."""
    return read_wav(_SAMPLE.read_bytes(), "Plucked string")


# --- Files ---------------------------------------------------------------------------------------------


def read_wav(data: bytes, name: str) -> Sound:
    """Read a WAV file.

    Parameters
    ----------
    data : bytes
        The file: 8, 16, 24 or 32 bits, or floating point, of any number of channels.
    name : str
        Of the file.

    Returns
    -------
    Sound
        Of several channels their mean.

    Raises
    ------
    SoundError
        If it is no WAV file, has no samples, or lasts longer than `LONGEST`.
    """
    rate, stored = _decode(data)
    if stored.shape[0] == 0:
        raise SoundError(f"This sound has no samples. {_WANTED}")
    if not _LEAST_RATE <= rate <= _MOST_RATE:
        raise SoundError(f"This sound has {rate:,} samples a second; {_LEAST_RATE:,} to {_MOST_RATE:,} are taken.")
    seconds = stored.shape[0] / rate
    if seconds > LONGEST:
        raise SoundError(
            f"This sound lasts {_lasting(seconds)}; up to {LONGEST:.0f} seconds are taken. Cut it first."
        )
    samples, notes = _as_one(_scaled(stored))
    if _is_cut(data):
        notes.append("Its file is cut short: what there is of it is used.")
    return Sound(name, samples, rate, tuple(notes))


def _decode(data: bytes) -> tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    from scipy.io import wavfile  # here, so that who brings no sound does not wait for it

    if not data:
        raise SoundError(f"This file is empty: it has 0 bytes. {_WANTED}")
    for signature, kind in _STRANGERS:
        if data.startswith(signature):
            raise SoundError(
                f"This looks like {kind} file. Save the sound as WAV: it holds the samples themselves."
            )
    if data[4:8] == b"ftyp":
        raise SoundError(
            "This looks like an MP4 or M4A file. Save the sound as WAV: it holds the samples themselves."
        )
    if data[:4] not in (b"RIFF", b"RIFX", b"RF64") or data[8:12] != b"WAVE":
        raise SoundError(f"This is no WAV file: it does not begin with RIFF and WAVE. {_WANTED}")
    try:
        with warnings.catch_warnings():
            # Chunks with names and pictures, which are passed over, and a last one that is cut short.
            warnings.simplefilter("ignore")
            rate, stored = wavfile.read(io.BytesIO(data))
    except Exception as error:  # for damaged files SciPy raises whatever comes, UnboundLocalError too
        raise SoundError(
            "This WAV file is damaged, cut short or compressed. Save it with 8, 16, 24 or 32 bits a sample (PCM)."
        ) from error
    return int(rate), stored


def _is_cut(data: bytes) -> bool:
    length = int.from_bytes(data[4:8], "big" if data[:4] == b"RIFX" else "little") + 8
    # Programs that write to a pipe do not know the length, and write the largest number.
    return len(data) < length < 2**31


def _scaled(stored: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Doubles:
    """Bring samples of any kind to −1 … 1; those of 24 bits come in the upper bytes of 32."""
    samples: Doubles = stored.astype(np.float64)
    if stored.dtype == np.uint8:
        samples -= 128.0
        samples /= 128.0
    elif stored.dtype.kind == "i":
        samples /= 2.0 ** (8 * stored.dtype.itemsize - 1)
    return samples


def _as_one(samples: Doubles) -> tuple[Doubles, list[str]]:
    notes = []
    if not np.isfinite(samples).all():
        raise SoundError(
            "This sound holds samples that are no numbers (NaN or infinity). Save it again as 16 bits."
        )
    if samples.ndim == 2:
        if samples.shape[1] > 1:
            notes.append(f"Its {samples.shape[1]} channels were made one: their mean.")
        samples = samples.mean(axis=1)
    loudest = float(np.abs(samples).max())
    if loudest > 1:
        notes.append(f"It reaches {loudest:.3g} times full scale, so all of it was made quieter.")
        samples = samples / loudest
    if loudest == 0:
        notes.append("It is silent: every sample is 0.")
    return samples, notes


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:,.1f} minutes" if seconds >= 120 else f"{seconds:.1f} seconds"


def write_wav(samples: Doubles, rate: int) -> bytes:
    """Write a WAV file of 16 bits.

    Parameters
    ----------
    samples : ndarray of shape (N,)
        From −1 to 1.
    rate : int
        Samples a second.

    Returns
    -------
    bytes
    """
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return sink.getvalue()


# --- Kernels -------------------------------------------------------------------------------------------


def echo_kernel(rate: int, delay: float, strength: float, count: int) -> Doubles:
    """Return a kernel of spikes: the sound itself, and echoes of it.

    Parameters
    ----------
    rate : int
        Samples a second.
    delay : float
        Seconds between two echoes.
    strength : float
        Of each echo, relative to the one before it.
    count : int
        How many echoes.

    Returns
    -------
    ndarray
        Zero but at 0, delay, 2 · delay, …

    Examples
    --------
    >>> echo_kernel(4, 0.5, 0.5, 2)
    array([1.  , 0.  , 0.5 , 0.  , 0.25])
    """
    apart = max(1, round(delay * rate))
    weights = np.zeros(count * apart + 1)
    weights[::apart] = strength ** np.arange(count + 1)
    return weights


def low_pass_kernel(rate: int, cutoff: float) -> Doubles:
    """Return a kernel that keeps what is lower than a frequency: a windowed sinc.

    Parameters
    ----------
    rate : int
        Samples a second.
    cutoff : float
        In Hz; above 0, below half the rate. There the response is a half.

    Returns
    -------
    ndarray of shape (M,), M odd
        Symmetric, of sum 1. The ideal low-pass filter is an endless sinc; this one is cut off where a Hamming
        window ends, the later the lower the frequency.

    References
    ----------
    A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 7, section "Design of FIR filters
    by windowing".
    """
    share = min(max(cutoff / rate, 1e-4), 0.5)
    # A Hamming window of M taps passes from all to nothing within 3.3 / M of the rate: here half the cutoff,
    # or more where the kernel would become too long.
    half = min(round(3.3 / share), _MOST_TAPS // 2)
    offsets = np.arange(-half, half + 1)
    windowed = np.sinc(2 * share * offsets) * np.hamming(offsets.size)
    weights: Doubles = windowed / windowed.sum()
    return weights


def average_kernel(rate: int, seconds: float) -> Doubles:
    """Return a moving average over a stretch of time, of an odd number of equal weights."""
    taps = 2 * max(0, round((seconds * rate - 1) / 2)) + 1
    return np.full(taps, 1 / taps)


class Filtered(NamedTuple):
    """A sound after a kernel.

    Attributes
    ----------
    samples : ndarray of float64
        From −1 to 1.
    loudest : float
        The largest magnitude that the sums had. Above 1 all samples were divided by it, so that none is clipped.
    """

    samples: Doubles
    loudest: float


def filtered(sound: Sound, kernel: Doubles, *, ring: bool) -> Filtered:
    """Convolve a sound with a kernel.

    Parameters
    ----------
    sound : Sound
        The sound.
    kernel : ndarray of shape (M,)
        The kernel.
    ring : bool
        True to keep what comes after the end (``"full"``), as for echoes; False to keep the length and the time of
        all (``"same"``), as for kernels that are symmetric.

    Returns
    -------
    Filtered
    """
    samples = conv1d(sound.samples, kernel, mode="full" if ring else "same")
    loudest = float(np.abs(samples).max())
    return Filtered(samples / loudest if loudest > 1 else samples, loudest)


def spectrum(samples: Doubles, rate: int) -> tuple[Doubles, Doubles]:
    """Return how strong each frequency is in a sound, on average.

    Parameters
    ----------
    samples : ndarray of shape (N,)
        The sound.
    rate : int
        Samples a second.

    Returns
    -------
    frequencies, power : ndarray of float64
        In Hz, without 0; and the mean square of the transforms of stretches of 2048 samples that overlap by half,
        each under a Hann window.

    References
    ----------
    P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Transactions on
    Audio and Electroacoustics 15, 1967.
    """
    padded = np.pad(samples, (0, max(0, _SEGMENT - samples.size)))
    stretches = np.lib.stride_tricks.sliding_window_view(padded, _SEGMENT)[:: _SEGMENT // 2]
    transforms = np.fft.rfft(stretches * np.hanning(_SEGMENT))
    power: Doubles = np.mean(np.abs(transforms) ** 2, axis=0)
    frequencies: Doubles = np.arange(1, power.size, dtype=np.float64)
    frequencies *= rate / _SEGMENT
    return frequencies, power[1:]
