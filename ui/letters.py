"""A sentence as a signal of many channels, and a kernel that finds a pattern in it.

Each letter is a channel of its own, which is 1 where the sentence has that letter and 0 elsewhere ("one-hot"). The
kernel has the same channels, and its pattern in them. At each place the products of 1 and 1 are counted: so many
letters match. Case does not matter, and a ``?`` in the pattern is a column of zeros: it asks for nothing.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from conv_engine import conv1d

__all__ = [
    "LONGEST_PATTERN",
    "LONGEST_SENTENCE",
    "WILDCARD",
    "LetterError",
    "Matches",
    "find_pattern",
    "one_hot",
]

LONGEST_SENTENCE = 80
LONGEST_PATTERN = 12
WILDCARD = "?"
"""Fits any letter, and counts for none."""


class LetterError(ValueError):
    """A sentence or a pattern that nothing can be found in; its message is a sentence for a person."""


class Matches(NamedTuple):
    """What a kernel of letters makes of a sentence.

    Attributes
    ----------
    sentence, pattern : str
        As they were compared: in small letters, without line breaks.
    channels : str
        The letters of the pattern, each once, in alphabetical order: all other channels have weights of 0.
    signal : ndarray of shape (C, N), uint8
        The sentence in these channels.
    kernel : ndarray of shape (C, M), uint8
        The pattern in these channels.
    counts : ndarray of shape (N − M + 1,), int
        The map: how many letters match where the pattern begins at that place.
    most : int
        The largest possible count: the letters of the pattern that are no ``?``.
    """

    sentence: str
    pattern: str
    channels: str
    signal: npt.NDArray[np.uint8]
    kernel: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.intp]
    most: int

    @property
    def found(self) -> list[int]:
        """The places where all letters match."""
        places: list[int] = np.flatnonzero(self.counts == self.most).tolist()
        return places


def one_hot(text: str, channels: str) -> npt.NDArray[np.uint8]:
    """Write a text as channels of zeros and ones.

    Parameters
    ----------
    text : str
        N letters.
    channels : str
        C letters, one for each channel.

    Returns
    -------
    ndarray of shape (C, N), uint8

    Examples
    --------
    >>> one_hot("abba", "ab")
    array([[1, 0, 0, 1],
           [0, 1, 1, 0]], dtype=uint8)
    """
    return np.array([[letter == channel for letter in text] for channel in channels], dtype=np.uint8)


def find_pattern(sentence: str, pattern: str) -> Matches:
    """Lay a pattern on a sentence at all places, and count the letters that match.

    Parameters
    ----------
    sentence : str
        1 to 80 letters of any script.
    pattern : str
        1 to 12 letters, of which ``?`` fits any; not longer than the sentence.

    Returns
    -------
    Matches

    Raises
    ------
    LetterError
        If one of them is empty or too long, or the pattern asks for nothing.

    Examples
    --------
    >>> find_pattern("The other", "th").counts.tolist()
    [2, 0, 0, 0, 0, 2, 0, 0]
    """
    text, wanted = _plain(sentence).strip(), _plain(pattern)
    if not text:
        raise LetterError("The sentence is empty: type some letters.")
    if not wanted:
        raise LetterError("The pattern is empty: type a letter or more, such as “th”.")
    if len(text) > LONGEST_SENTENCE:
        raise LetterError(f"The sentence has {len(text)} letters; up to {LONGEST_SENTENCE} can be shown.")
    if len(wanted) > LONGEST_PATTERN:
        raise LetterError(f"The pattern has {len(wanted)} letters; up to {LONGEST_PATTERN} can be shown.")
    if len(wanted) > len(text):
        raise LetterError(
            f"The pattern has {len(wanted)} letters and the sentence {len(text)}: it does not fit on it anywhere."
        )
    channels = "".join(sorted(set(wanted) - {WILDCARD}))
    if not channels:
        raise LetterError(
            "The pattern asks for nothing: besides “?”, which fits any letter, it needs one to find."
        )
    signal, kernel = one_hot(text, channels), one_hot(wanted, channels)
    maps = [conv1d(row, weights, mode="valid", flip=False) for row, weights in zip(signal, kernel, strict=True)]
    counts = np.rint(np.sum(maps, axis=0)).astype(np.intp)
    return Matches(text, wanted, channels, signal, kernel, counts, len(wanted) - wanted.count(WILDCARD))


def _plain(text: str) -> str:
    """Make small letters, each of one sign: “ß” in capitals is two, and would move all after it."""
    small = (letter.lower() if len(letter.lower()) == 1 else letter for letter in " ".join(text.splitlines()))
    return "".join(letter if letter.isprintable() else " " for letter in small)
