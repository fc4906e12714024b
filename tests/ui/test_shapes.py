"""The pictures of shapes: what is drawn is what is said, as many of each, all of it inside."""

import numpy as np
import pytest

from conv_engine import ConvError
from ui.shapes import SHAPES, SIDE, draw_shape, draw_shapes

# Points along a side of a cell, to count what a line covers.
FINE = 16


def counted(inside):
    """Return which part of each cell is covered, by counting points; `inside` takes rows and columns of points."""
    at = (np.arange(SIDE * FINE) + 0.5) / FINE - 0.5
    points = inside(at[:, np.newaxis], at[np.newaxis, :])
    return points.reshape(SIDE, FINE, SIDE, FINE).mean(axis=(1, 3))


def assert_drawn(picture, expected):
    # The line's edge is soft by one cell, whichever way it runs: the parts differ a little, their sum hardly.
    assert np.abs(picture - expected).max() < 0.3
    assert picture.sum() == pytest.approx(expected.sum(), rel=0.06)


def test_a_circle_is_a_ring():
    expected = counted(lambda r, c: np.abs(np.hypot(r - 7, c - 8) - 5) <= 0.75)
    assert_drawn(draw_shape("circle", 7, 8, 5), expected)


def test_a_square_is_a_frame_whose_sides_are_as_far_out():
    expected = counted(lambda r, c: np.abs(np.maximum(np.abs(r - 7), np.abs(c - 8)) - 4) <= 0.75)
    assert_drawn(draw_shape("square", 7, 8, 5), expected)


def test_a_cross_is_two_bars():
    def inside(r, c):
        down, right = np.abs(r - 7), np.abs(c - 8)
        return (np.minimum(down, right) <= 0.75) & (np.maximum(down, right) <= 5.5)

    assert_drawn(draw_shape("cross", 7, 8, 5), counted(inside))


def test_a_triangle_stands_on_its_side_with_its_corner_up():
    picture = draw_shape("triangle", 8, 8, 6, width=1)
    # Its three corners are a radius away, the middle of its lower side half of one.
    assert picture[3, 8] > 0.4
    assert picture[11, 8] > 0.9
    assert picture[11, 4] > 0.9
    assert picture[11, 12] > 0.9
    assert picture[8, 8] == 0
    assert picture[5, 4] == 0
    np.testing.assert_allclose(picture[:, 4], picture[:, 12], atol=1e-12)


def test_a_quarter_turn_brings_cross_and_square_onto_themselves_and_turns_the_triangle():
    for shape in ("cross", "square", "circle"):
        straight, turned = (draw_shape(shape, 7.5, 7.5, 5, turn=turn) for turn in (0, np.pi / 2))
        np.testing.assert_allclose(turned, straight, atol=1e-9)
    straight, turned = (draw_shape("triangle", 7.5, 7.5, 5, turn=turn) for turn in (0, np.pi / 2))
    # Anticlockwise on the screen: the corner that was up is at the left.
    np.testing.assert_allclose(turned, np.rot90(straight), atol=1e-9)


@pytest.mark.parametrize("count", [1, 4, 10, 401])
def test_there_are_as_many_of_each_shape(count):
    pictures, labels = draw_shapes(count, 0.1, 1)
    assert pictures.shape == (count, SIDE, SIDE, 1)
    assert pictures.dtype == np.float64
    found = np.bincount(labels, minlength=len(SHAPES))
    assert found.max() - found.min() <= 1
    assert found.sum() == count


def test_without_noise_the_whole_shape_is_inside_and_bright_enough():
    pictures, _ = draw_shapes(800, 0.0, 5)
    assert pictures.min() == 0
    assert pictures.max() <= 1
    assert (pictures.max(axis=(1, 2, 3)) >= 0.5).all()
    # No line is cut by the border: what is covered there is less than a line is wide.
    border = np.concatenate([pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1]], axis=1)
    assert (border.mean(axis=(1, 2)) < 0.3).all()
    assert ((pictures > 0.3).sum(axis=(1, 2, 3)) > 8).all()


def test_noise_has_the_size_that_was_asked_for_and_changes_nothing_else():
    clean, noisy = (draw_shapes(200, noise, 9) for noise in (0.0, 0.25))
    assert np.array_equal(clean.labels, noisy.labels)
    difference = noisy.pictures - clean.pictures
    assert difference.std() == pytest.approx(0.25, rel=0.02)
    assert abs(difference.mean()) < 0.005


def test_the_same_seed_draws_the_same_and_another_one_none_of_them():
    first, again, other = (draw_shapes(40, 0.0, seed).pictures for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not any(np.array_equal(a, b) for a in first for b in other)


def test_no_cell_tells_the_shape():
    """A straight line through the pixels is not enough: the shapes lie anywhere."""
    pictures, labels = draw_shapes(1200, 0.0, 1)
    flat = np.c_[pictures.reshape(1200, -1), np.ones(1200)]
    known = flat[:800]
    fit = np.linalg.solve(known.T @ known + np.eye(257), known.T @ np.eye(4)[labels[:800]])
    right = ((flat[800:] @ fit).argmax(axis=1) == labels[800:]).mean()
    assert right < 0.75


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((0, 0.1, 1), "count"), ((10**6, 0.1, 1), "count"), ((4, -0.1, 1), "noise"), ((4, 2.0, 1), "noise")],
)
def test_numbers_out_of_their_range_are_refused_by_name(arguments, name):
    with pytest.raises(ConvError, match=name):
        draw_shapes(*arguments)


def test_another_shape_is_refused():
    with pytest.raises(ConvError, match="star"):
        draw_shape("star", 7, 7, 5)
