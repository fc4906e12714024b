"""A kernel learns what a hidden one does: the steps are those of the mathematics, and all of them are kept."""

import numpy as np
import pytest
from scipy.signal import correlate

from conv_engine import LIBRARY, ConvError
from ui.learn_kernel import HIDDEN, MOST_STEPS, Lesson, curvatures, draw_hidden, learn, pixels_of, random_pixels

SOBEL = LIBRARY["sobel_x"].weights
BOTH = np.stack([SOBEL, LIBRARY["emboss"].weights])
NOISE = random_pixels(20, centred=True, seed=3)


def photo(side=24):
    """Something smooth, as photos are, with an edge."""
    rows, cols = np.mgrid[:side, :side] / side
    return (
        np.sin(5 * rows + cols) / 3 + (cols > 0.6) * 0.3 + np.random.default_rng(0).normal(0, 0.02, (side, side))
    )


def loss_of(picture, kernel, wanted):
    """Return the mean squared error of a map, by SciPy."""
    return np.square(correlate(picture, kernel, "valid") - wanted).mean()


def slope_of(picture, kernel, wanted):
    """Return the gradient of the loss by differences; they are exact for a parabola."""
    found = np.empty(kernel.shape)
    for at in np.ndindex(*kernel.shape):
        nudge = np.zeros(kernel.shape)
        nudge[at] = 0.5
        found[at] = loss_of(picture, kernel + nudge, wanted) - loss_of(picture, kernel - nudge, wanted)
    return found


def test_the_losses_and_the_wanted_maps_are_those_of_the_kernels():
    run = learn(photo(), BOTH, Lesson(steps=5))
    assert run.weights.shape == (6, 2, 3, 3)
    assert run.losses.shape == (6, 2)
    for number, kernel in enumerate(BOTH):
        wanted = correlate(photo(), kernel, "valid")
        np.testing.assert_allclose(run.wanted[..., number], wanted, atol=1e-12)
        for step in range(6):
            expected = loss_of(photo(), run.weights[step, number], wanted)
            assert run.losses[step, number] == pytest.approx(expected, rel=1e-9)
            assert run.errors[step, number] == np.abs(run.weights[step, number] - kernel).max()


def test_each_step_goes_against_the_slope_with_the_momentum_of_those_before():
    lesson = Lesson(rate=0.3, momentum=0.8, steps=12)
    run = learn(photo(), SOBEL[np.newaxis], lesson)
    kernel, velocity = run.weights[0, 0], np.zeros((3, 3))
    wanted = correlate(photo(), SOBEL, "valid")
    for step in range(1, 13):
        velocity = 0.8 * velocity + slope_of(photo(), kernel, wanted)
        kernel = kernel - 0.3 * velocity
        np.testing.assert_allclose(run.weights[step, 0], kernel, rtol=1e-9, atol=1e-12)


def test_a_kernel_of_a_bank_learns_as_if_it_were_alone():
    alone = learn(photo(), SOBEL[np.newaxis], Lesson(steps=20))
    beside = learn(photo(), BOTH, Lesson(steps=20))
    np.testing.assert_allclose(beside.weights[:, 0], alone.weights[:, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(beside.losses[:, 0], alone.losses[:, 0], rtol=1e-9)


def test_the_hidden_kernel_is_found():
    for hidden in (BOTH, LIBRARY["gaussian5"].weights[np.newaxis]):
        run = learn(NOISE, hidden, Lesson(rate=3, steps=200))
        assert run.trouble == ""
        assert run.errors[-1].max() < 0.005
        assert run.losses[-1].max() < 1e-6 * run.losses[0].max()


def test_curvatures_are_the_second_slopes_of_the_loss():
    picture, kernel = photo(12), np.random.default_rng(1).normal(size=(2, 3))
    wanted = np.zeros((11, 10))
    base = slope_of(picture, kernel, wanted).ravel()
    hessian = np.empty((6, 6))
    for at in range(6):
        nudge = np.zeros(6)
        nudge[at] = 1.0
        hessian[at] = slope_of(picture, kernel + nudge.reshape(2, 3), wanted).ravel() - base
    np.testing.assert_allclose(curvatures(picture, (2, 3)), np.linalg.eigvalsh(hessian), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("picture", [NOISE, photo()], ids=["noise", "photo"])
def test_below_the_limit_the_loss_falls_and_above_it_grows(momentum, picture):
    limit = learn(picture, SOBEL[np.newaxis], Lesson(1e-6, momentum, steps=1)).rate_limit
    assert limit == pytest.approx(2 * (1 + momentum) / curvatures(picture, (3, 3))[-1])
    below = learn(picture, SOBEL[np.newaxis], Lesson(0.97 * limit, momentum, steps=MOST_STEPS))
    above = learn(picture, SOBEL[np.newaxis], Lesson(1.05 * limit, momentum, steps=MOST_STEPS))
    assert below.losses[-1, 0] < below.losses[0, 0]
    assert below.trouble == ""
    assert above.losses[-1, 0] > above.losses[0, 0]
    assert above.trouble.startswith("The rate ")


def test_a_rate_that_is_too_high_stops_the_run_and_says_from_where_to_where_and_how_soon():
    run = learn(photo(), SOBEL[np.newaxis], Lesson(rate=30.0, momentum=0.0))
    assert 1 <= run.steps < 300
    assert run.losses[-1, 0] > 1e6 * run.losses[0, 0] >= run.losses[-2, 0]
    assert np.isfinite(run.losses).all()
    words = run.trouble.split()
    assert run.trouble.startswith("The rate 30 is too high: the loss grew from ")
    assert float(words[words.index("from") + 1]) == pytest.approx(run.losses[0, 0], rel=0.01)
    assert float(words[words.index("to") + 1]) == pytest.approx(run.losses[-1, 0], rel=0.1)
    assert f"in {run.steps} step" in run.trouble


def test_a_loss_that_only_creeps_up_is_told_at_the_end():
    limit = learn(NOISE, SOBEL[np.newaxis], Lesson(steps=1, momentum=0.0)).rate_limit
    run = learn(NOISE, SOBEL[np.newaxis], Lesson(rate=1.01 * limit, momentum=0.0, steps=300))
    assert run.steps == 300
    assert "in 300 steps" in run.trouble


def test_a_batch_of_all_windows_is_no_batch_and_small_ones_find_the_way_too():
    whole = learn(NOISE, SOBEL[np.newaxis], Lesson(steps=10))
    assert np.array_equal(learn(NOISE, SOBEL[np.newaxis], Lesson(steps=10, batch=18 * 18)).weights, whole.weights)
    small = learn(NOISE, SOBEL[np.newaxis], Lesson(steps=300, batch=16, rate=0.3))
    assert not np.allclose(small.weights[1], whole.weights[1])
    assert small.errors[-1, 0] < 0.05


def test_noise_on_the_map_is_of_the_size_that_was_asked_for_and_cannot_be_learned():
    run = learn(photo(60), SOBEL[np.newaxis], Lesson(noise=0.5, rate=1.5))
    clean = correlate(photo(60), SOBEL, "valid")
    noise = run.wanted[..., 0] - clean
    assert noise.std() == pytest.approx(0.5 * clean.std(), rel=0.05)
    assert run.losses[-1, 0] == pytest.approx(noise.var(), rel=0.05)


def test_the_same_seed_learns_the_same_and_another_one_begins_elsewhere():
    first, again, other = (learn(NOISE, BOTH, Lesson(steps=3, batch=8, noise=0.1, seed=s)) for s in (1, 1, 2))
    assert np.array_equal(first.weights, again.weights)
    assert not np.array_equal(first.weights[0], other.weights[0])


def test_pixels_are_scaled_so_that_middle_grey_is_0_or_black_is():
    pixels = np.array([[[0], [51], [255]]], dtype=np.uint8)
    assert pixels_of(pixels, centred=False).tolist() == [[0, 0.2, 1]]
    np.testing.assert_allclose(pixels_of(pixels, centred=True), [[-0.5, -0.3, 0.5]])


def test_a_flat_picture_has_no_limit_where_it_is_black_and_no_flattest_way():
    black = learn(np.zeros((8, 8)), SOBEL[np.newaxis], Lesson(steps=2))
    assert black.rate_limit == np.inf
    assert np.array_equal(black.weights[0], black.weights[-1])
    assert learn(np.ones((8, 8)), SOBEL[np.newaxis], Lesson(rate=0.01, steps=2)).condition == np.inf


def test_drawn_kernels_are_others_than_those_of_the_list_and_all_different():
    for seed in range(20):
        drawn = draw_hidden(4, seed)
        assert len({kernel.key for kernel in drawn}) == 4
        assert not {kernel.key for kernel in drawn} & set(HIDDEN)
        assert all(kernel.weights.ndim == 2 and max(kernel.weights.shape) <= 5 for kernel in drawn)
    assert len({draw_hidden(1, seed)[0].key for seed in range(20)}) > 5


@pytest.mark.parametrize(
    ("lesson", "name"),
    [
        (Lesson(steps=MOST_STEPS + 1), "steps"),
        (Lesson(steps=0), "steps"),
        (Lesson(noise=-0.1), "noise"),
        (Lesson(noise=float("nan")), "noise"),
        (Lesson(batch=-1), "batch"),
        (Lesson(rate=0.0), "rate"),
        (Lesson(momentum=1.0), "momentum"),
    ],
)
def test_numbers_out_of_their_range_are_refused_by_name(lesson, name):
    with pytest.raises(ConvError, match=name):
        learn(NOISE, SOBEL[np.newaxis], lesson)


def test_a_kernel_larger_than_the_picture_and_too_many_kernels_are_refused():
    with pytest.raises(ConvError, match="3"):
        learn(np.zeros((2, 9)), SOBEL[np.newaxis], Lesson())
    with pytest.raises(ConvError, match="hidden"):
        learn(NOISE, np.zeros((5, 3, 3)), Lesson())
