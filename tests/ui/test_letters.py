"""A pattern on a sentence: as many matches as counting says, whatever the letters."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.letter_figures import map_html, map_words, sum_html
from ui.letters import LONGEST_PATTERN, LONGEST_SENTENCE, LetterError, find_pattern, one_hot

RECT = "{http://www.w3.org/2000/svg}rect"

sentences = st.text(alphabet="abcTH? é中", min_size=1, max_size=LONGEST_SENTENCE).filter(str.strip)
patterns = st.text(alphabet="abcTH?é", min_size=1, max_size=LONGEST_PATTERN).filter(lambda text: text.strip("?"))


@given(sentences, patterns)
def test_the_map_counts_the_letters_that_match(sentence: str, pattern: str) -> None:
    text = sentence.strip().lower()
    if len(pattern) > len(text):
        with pytest.raises(LetterError, match="does not fit"):
            find_pattern(sentence, pattern)
        return
    matches = find_pattern(sentence, pattern)
    counted = [
        sum(
            wanted != "?" and wanted == letter
            for wanted, letter in zip(pattern.lower(), text[place:], strict=False)
        )
        for place in range(len(text) - len(pattern) + 1)
    ]
    assert matches.counts.tolist() == counted
    assert matches.most == len(pattern.replace("?", ""))
    assert matches.counts.max() <= matches.most


def test_a_pattern_is_found_where_it_stands_and_nowhere_else() -> None:
    matches = find_pattern("The other day they THought", "th")
    found = [place for place in range(25) if "the other day they thought"[place : place + 2] == "th"]
    assert matches.found == found
    assert matches.most == 2


def test_a_question_mark_fits_any_letter() -> None:
    assert find_pattern("cat cot cut c?t", "c?t").found == [0, 4, 8, 12]
    assert find_pattern("cat", "c?t").most == 2


def test_a_letter_is_1_in_its_channel_and_0_in_all_others() -> None:
    matches = find_pattern("abba", "ab")
    assert matches.channels == "ab"
    np.testing.assert_array_equal(matches.signal, [[1, 0, 0, 1], [0, 1, 1, 0]])
    np.testing.assert_array_equal(one_hot("ab", "ab"), np.eye(2))


@pytest.mark.parametrize(
    ("sentence", "pattern", "said"),
    [
        ("", "a", "sentence is empty"),
        ("  ", "a", "sentence is empty"),
        ("abc", "", "pattern is empty"),
        ("ab", "abc", "3 letters and the sentence 2"),
        ("abc", "??", "asks for nothing"),
        ("a" * 81, "a", "81 letters"),
        ("a" * 30, "a" * 13, "13 letters"),
    ],
)
def test_what_nothing_can_be_found_in_gets_a_sentence(sentence: str, pattern: str, said: str) -> None:
    with pytest.raises(LetterError, match=said):
        find_pattern(sentence, pattern)


def test_letters_whose_capitals_are_two_keep_their_place() -> None:
    assert find_pattern("straße İx", "x").found == [8]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("sentence", "pattern"), [("The other & <b>", "th"), ("a" * 80, "a" * 12), ("x", "x"), ("emoji 😀 here", "😀")]
)
def test_the_pictures_are_whole_and_say_what_they_show(sentence: str, pattern: str, dark: bool) -> None:
    matches = find_pattern(sentence, pattern)
    for place in {0, matches.counts.size - 1}:
        for html in (map_html(matches, place, dark), sum_html(matches, place, dark)):
            assert html.count("<img") == 2
            assert "<script" not in html
            for source in re.findall(r"base64,([^\"]+)", html):
                drawing = ElementTree.fromstring(base64.b64decode(source))
                _, _, width, height = map(float, drawing.attrib["viewBox"].split())
                across = [float(cell.attrib["x"]) + float(cell.attrib["width"]) for cell in drawing.iter(RECT)]
                down = [float(cell.attrib["y"]) + float(cell.attrib["height"]) for cell in drawing.iter(RECT)]
                assert max(across) <= width
                assert max(down) <= height
    assert sentence.lower()[:3] in map_words(matches)
    assert f"place {matches.found[0]}" in map_words(matches)
