"""Chains as text: what is written is read back, and what is no chain is refused with a sentence."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine.receptive import receptive_field
from ui.chain_text import (
    KINDS,
    LARGEST_AMOUNT,
    LARGEST_SIDE,
    LONGEST_CHAIN,
    MOST_LAYERS,
    Chain,
    ChainError,
    Link,
    format_chain,
    format_padding,
    parse_chain,
    parse_padding,
    parse_pair,
)

amounts = st.integers(1, LARGEST_AMOUNT)
pairs = st.tuples(amounts, amounts)
pads = st.tuples(st.integers(0, LARGEST_AMOUNT), st.integers(0, LARGEST_AMOUNT))
paddings = st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(pads, pads))
links = st.builds(Link, st.sampled_from(list(KINDS)), pairs, pairs, paddings, pairs)
sides = st.integers(1, LARGEST_SIDE)
chains = st.builds(
    Chain, st.lists(links, min_size=1, max_size=MOST_LAYERS).map(tuple), st.none() | st.tuples(sides, sides)
)


@settings(max_examples=200)
@given(chains)
def test_what_is_written_is_read_back_and_needs_no_escape_in_an_address(chain):
    text = format_chain(chain)
    assert parse_chain(text) == chain
    assert re.fullmatch(r"[a-z0-9.-]+", text)


def test_the_longest_chain_may_be_read():
    side = (LARGEST_AMOUNT, LARGEST_AMOUNT - 1)
    link = Link("c", side, side, (side, side), side)
    chain = Chain((link,) * MOST_LAYERS, (LARGEST_SIDE, LARGEST_SIDE - 1))
    assert len(format_chain(chain)) <= LONGEST_CHAIN
    assert parse_chain(format_chain(chain)) == chain


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        # The sizes that the papers give.
        ("32x32.c5.m2s2.c5.m2s2.c5", [28, 14, 10, 5, 1]),
        ("227.c11s4.m3s2.c5p2.m3s2.c3p1.c3psame.c3p1-1-1-1.m3s2", [55, 27, 27, 13, 13, 13, 13, 6]),
        ("224.c7s2p3.m3s2p1.c3p1.c3p1", [112, 56, 56, 56]),
    ],
)
def test_a_text_gives_the_layers_that_it_says(text, sizes):
    chain = parse_chain(text)
    assert chain.size is not None
    stages = receptive_field(chain.size, chain.layers())
    assert [stage.size for stage in stages] == [(size, size) for size in sizes]


def test_every_part_of_a_layer_is_read_for_rows_and_columns():
    (link,) = parse_chain(" C3x5S2x1P0-1-2-3D4x6 ").links
    assert link == Link("c", (3, 5), (2, 1), ((0, 1), (2, 3)), (4, 6))
    assert parse_chain("c1p0").links == parse_chain("c1pvalid").links == parse_chain("c1").links


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Layer 1 is written such as c3s2p1 or m2s2, got “”"),
        ("32x32", "1 to 12 layers, got 0"),
        (".".join(["c3"] * 13), "1 to 12 layers, got 13"),
        ("c3..m2", "Layer 2 is written"),
        ("x3", "Layer 1, “x3”: A layer begins with c, a convolution, or m, a pooling, got “x”"),
        ("c0", "The kernel must be from 1 to 64, got 0"),
        ("c65", "The kernel must be from 1 to 64, got 65"),
        ("c3.c3s0", "Layer 2, “c3s0”: The stride must be from 1 to 64, got 0"),
        ("c3p65", "The padding must be from 0 to 64, got 65"),
        ("c3phalf", "The padding is valid, same, full, a number"),
        ("c3p1-2", "The padding is valid, same, full, a number"),
        ("c3p1-2-3-4-5", "The padding is valid, same, full, a number"),
        ("c3d2x3x4", "The dilation is a whole number, or two such as 3x5"),
        ("0x5.c3", "The picture must be from 1 to 20,000, got 0"),
        ("5x20001.c3", "got 20001"),
        ("c" + "9" * 400, "The kernel is a whole number"),
        ("c3" * 1000, "up to 500 characters, got 2,000"),
        ("c٣", "Layer 1 is written"),
        ("²x3.c3", "The picture is a whole number"),
        ("c3<script>", "Layer 1 is written"),
        ("c-3", "Layer 1 is written"),
    ],
)
def test_what_is_no_chain_is_refused_with_a_sentence(text, message):
    with pytest.raises(ChainError, match=re.escape(message)) as caught:
        parse_chain(text)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 300


@settings(max_examples=300)
@given(st.text(max_size=60) | st.text("cmspdx0123456789.-vaidlsmefu", max_size=40))
def test_no_text_does_anything_but_give_a_chain_or_a_sentence(text):
    try:
        chain = parse_chain(text)
    except ChainError:
        return
    assert parse_chain(format_chain(chain)) == chain
    assert 1 <= len(chain.links) <= MOST_LAYERS


def test_fields_take_what_people_type():
    assert parse_pair(" 3 × 5 ", "It") == parse_pair("3,5", "It") == (3, 5)
    assert parse_pair("7", "It") == (7, 7)
    assert parse_padding(" Same") == "same"
    assert parse_padding("1 x 2") == ((1, 1), (2, 2))
    assert parse_padding("0-1-0-1") == ((0, 1), (0, 1))
    assert [format_padding(parse_padding(text)) for text in ("full", "2", "1x2", "0-1-2-3")] == [
        *("full", "2", "1x2", "0-1-2-3")
    ]
    with pytest.raises(ChainError, match="It is a whole number"):
        parse_pair("3.5", "It")


def test_layers_are_counted_by_their_kind():
    assert parse_chain("c3.c3.m2.c1.m2").names == ("conv 1", "conv 2", "pool 1", "conv 3", "pool 2")


def test_layers_are_added_changed_removed_and_moved_and_the_chain_before_stays():
    chain = parse_chain("9.c1.c2.m3")
    assert format_chain(chain.added(1, Link("m", (5, 5)))) == "9x9.c1.m5.c2.m3"
    assert format_chain(chain.changed(1, Link("m", (5, 5)))) == "9x9.c1.m5.m3"
    assert format_chain(chain.removed(0)) == "9x9.c2.m3"
    assert format_chain(chain.moved(0, 2)) == "9x9.c2.m3.c1"
    assert format_chain(chain.moved(2, 0)) == "9x9.m3.c1.c2"
    assert chain == parse_chain("9.c1.c2.m3")
    with pytest.raises(ChainError, match="1 to 12 layers, got 0"):
        parse_chain("c3").removed(0)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"kind": "x"}, "A layer begins with c, a convolution, or m, a pooling, got “x”"),
        ({"kernel": (3, 65)}, "The kernel must be from 1 to 64, got 65"),
        ({"padding": ((0, 0), (0, 65))}, "The padding must be from 0 to 64, got 65"),
        ({"padding": "half"}, "The padding is valid, same, full"),
    ],
)
def test_a_layer_that_cannot_be_is_not_made(parts, message):
    with pytest.raises(ChainError, match=message):
        Link(**parts)
