"""Make the sample sound of ``assets/sounds/``: a short melody on a plucked string.

    python tools/make_sound.py

The string is that of K. Karplus and A. Strong, "Digital Synthesis of Plucked-String and Drum Timbres", Computer
Music Journal 7(2), 1983: a burst of noise runs round a loop, and at each turn every sample becomes the mean of
itself and the one before it. So the sound itself is made by a kernel of two taps. The same NumPy makes the same
file, byte for byte.
"""

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

TARGET = Path(__file__).resolve().parent.parent / "assets" / "sounds" / "plucked_string.wav"

RATE = 22_050
SEED = 7
LOUDEST = 0.8
BEAT = 0.24
# MIDI numbers, and how many beats until the next one. An arpeggio, so that there is nothing to be copied.
MELODY = ((57, 1), (60, 1), (64, 1), (69, 1), (67, 1), (64, 1), (62, 1), (59, 1), (57, 2), (64, 1), (69, 5))


def pluck(frequency: float, seconds: float, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return a note of a plucked string, which begins at full scale and dies away."""
    period = round(RATE / frequency - 0.5)
    loop = random.uniform(-1, 1, period)
    # A mean would only push the string aside, and not be heard.
    loop -= loop.mean()
    samples = np.empty(round(seconds * RATE))
    for start in range(0, samples.size, period):
        kept = samples[start : start + period]
        kept[:] = loop[: kept.size]
        loop = 0.498 * (loop + np.roll(loop, 1))
    return samples


def melody() -> npt.NDArray[np.float64]:
    """Return all notes, each of which rings on under the next ones."""
    random = np.random.default_rng(SEED)
    total = sum(beats for _, beats in MELODY) * BEAT
    sound = np.zeros(round(total * RATE))
    beat = 0
    for note, beats in MELODY:
        start = round(beat * BEAT * RATE)
        sound[start:] += pluck(440 * 2 ** ((note - 69) / 12), (sound.size - start) / RATE + 0.001, random)[
            : sound.size - start
        ]
        beat += beats
    fade = round(0.3 * RATE)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return LOUDEST * sound / np.abs(sound).max()


def main() -> None:
    """Write the sample sound."""
    samples = np.rint(melody() * 32767).astype("<i2")
    with wave.open(str(TARGET), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
