"""A sentence and a pattern to be typed, and where the pattern is found."""

import streamlit as st

from ui import state
from ui.feature_edits import noted
from ui.idea import halves, notice
from ui.letter_figures import map_html, sum_html
from ui.letters import LONGEST_PATTERN, LONGEST_SENTENCE, WILDCARD, LetterError, Matches, find_pattern
from ui.page import is_dark
from ui.text import plain

__all__ = ["show_sentence"]

_SENTENCE = "The other day they thought the weather there was rather nice"
_PATTERN = "the"
_LAST = "letters found"


def show_sentence() -> None:
    """Show a sentence, a pattern, the map of what matches, and words on them."""
    st.markdown(
        "Type a sentence and a pattern. The pattern is a kernel: it slides over the letters, and at each place "
        f"the map says how many of them match. A “{WILDCARD}” in the pattern fits any letter: try “th{WILDCARD}r”."
    )
    sentence, pattern = _fields()
    try:
        matches = find_pattern(sentence, pattern)
        state.keep(_LAST, (sentence, pattern))
    except LetterError as error:
        st.error(f"{plain(str(error))} Below is what was there before.")
        matches = find_pattern(*(state.kept(_LAST) or (_SENTENCE, _PATTERN)))
    place = _place(matches)
    st.html(map_html(matches, place, is_dark()))
    picture, words = halves()
    with picture:
        _slider(matches, place)
        st.html(sum_html(matches, place, is_dark()))
        count = int(matches.counts[place])
        st.markdown(
            f"At place {place} the products sum to **{count}** of {matches.most}"
            + (": the pattern is found." if count == matches.most else ".")
        )
    with words:
        _words(matches)


def _fields() -> tuple[str, str]:
    sentence = state.detail("l_text", _SENTENCE)[: 2 * LONGEST_SENTENCE]
    pattern = state.detail("l_find", _PATTERN)[: 2 * LONGEST_PATTERN]
    left, right = st.columns((3, 1), gap="medium")
    left.text_input(
        "Sentence",
        sentence,
        max_chars=LONGEST_SENTENCE,
        key=state.mirror("letters_text", sentence, typed=True),
        on_change=_take,
        args=("l_text", "letters_text"),
    )
    right.text_input(
        "Pattern",
        pattern,
        max_chars=LONGEST_PATTERN,
        key=state.mirror("letters_find", pattern, typed=True),
        on_change=_take,
        args=("l_find", "letters_find"),
    )
    return sentence, pattern


@noted
def _take(name: str, key: str) -> None:
    state.set_detail(name, str(state.value_of(key)))
    state.set_detail("l_at", "")


@noted
def _take_place(key: str) -> None:
    state.set_detail("l_at", str(state.value_of(key)))


def _place(matches: Matches) -> int:
    text = state.detail("l_at")
    best = int(matches.counts.argmax())
    return min(int(text), matches.counts.size - 1) if text.isdecimal() and len(text) < 4 else best


def _slider(matches: Matches, place: int) -> None:
    last = matches.counts.size - 1
    key = f"letters_at.{last}"
    # A slider needs a choice: a pattern as long as the sentence has one place.
    if last:
        st.slider(
            "Where the pattern lies",
            0,
            last,
            place,
            key=state.mirror(key, place),
            on_change=_take_place,
            args=(key,),
        )


def _words(matches: Matches) -> None:
    channels = len(set(matches.sentence))
    st.markdown(
        f"**Letters become channels.** A photo has three channels; this sentence has {channels}, one for each of "
        "its different letters. A channel is 1 where its letter stands and 0 elsewhere (*one-hot*)."
    )
    used = "".join(dict.fromkeys(matches.pattern.replace(WILDCARD, "")))
    ones = int(matches.kernel.sum())
    st.markdown(
        f"**The kernel** has a weight for each channel and each place in the pattern: {ones} of them are 1, in "
        f"the channels {_listed(used)}, and all others are 0. At each place the products are summed over all "
        "channels, as in a CNN: a 1 on a 1 counts."
    )
    st.markdown(
        "Networks that read text, or the letters of DNA, begin with such kernels. Theirs are learned, so their "
        "weights are not just 0 and 1."
    )
    found = matches.found
    best = int(matches.counts.max())
    sentences = [
        f"The largest possible value is {matches.most}, the letters to be matched. It is reached "
        + (f"at {len(found)} place{'' if len(found) == 1 else 's'}." if found else f"nowhere: {best} at best."),
    ]
    near = int((matches.counts == matches.most - 1).sum()) if matches.most > 1 else 0
    if near:
        sentences.append(
            f"At {near} more place{'' if near == 1 else 's'} all letters but one match. A kernel does not say yes "
            "or no: it says how much."
        )
    wild = matches.pattern.count(WILDCARD)
    if wild:
        sentences.append(
            f"{wild} place{'' if wild == 1 else 's'} of the pattern fit{'s' if wild == 1 else ''} anything: a "
            "column of zeros adds nothing, whatever lies under it."
        )
    sentences.append(
        f"{len(matches.sentence)} letters and a pattern of {len(matches.pattern)} make a map of "
        f"{len(matches.sentence)} − {len(matches.pattern)} + 1 = {matches.counts.size} values (*valid*). The "
        "pattern is not flipped: this is cross-correlation."
    )
    notice(*sentences)


def _listed(letters: str) -> str:
    names = [f"“{plain(letter)}”" if letter != " " else "space" for letter in letters]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
