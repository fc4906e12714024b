"""Two layers learn to tell shapes: forwards as loops would, backwards down the slope, and better than by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import correlate

from conv_engine import LIBRARY, ConvError
from conv_engine.losses import cross_entropy
from conv_engine.optimise import Adam
from ui.background import StoppedError
from ui.learn_shapes import FEATURES, HAND_MADE, POOLS, Exam, Task, begin, hand_made_bank, namesakes, train
from ui.shapes import SHAPES, draw_shapes

PICTURES, LABELS = draw_shapes(6, 0.2, 4)
SHORT = Task(noise=0.1, steps=150, tested=400)


def scores_by_loops(net, picture):
    """Convolve, cut, pool and weigh, feature by feature."""
    side = 12 // net.pool
    pooled = np.zeros((side, side, FEATURES))
    for feature in range(FEATURES):
        raw = correlate(picture[:, :, 0], net.bank[feature, :, :, 0], "valid") + net.bias[feature]
        kept = np.maximum(raw, 0)
        for row, col in np.ndindex(side, side):
            rows, cols = (slice(at * net.pool, (at + 1) * net.pool) for at in (row, col))
            pooled[row, col, feature] = kept[rows, cols].max()
    return [(pooled * kernel).sum() + offset for kernel, offset in zip(net.dense, net.offsets, strict=True)]


@pytest.mark.parametrize("pool", POOLS)
def test_the_scores_are_those_of_the_loops(pool):
    net = begin(Task(pool=pool), hand=False)
    net = replace(net, bias=np.linspace(-0.3, 0.3, FEATURES), offsets=np.array([0.1, 0.2, -0.3, 0.4]))
    expected = [scores_by_loops(net, picture) for picture in PICTURES]
    np.testing.assert_allclose(net.scores(PICTURES), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("fixed", [False, True])
def test_the_gradients_of_both_layers_are_the_slopes_of_the_loss(fixed):
    net = begin(Task(pool=4), hand=False)
    adam = Adam()
    _, memory, loss = net.learn(PICTURES, LABELS, adam, None, fixed=fixed)
    assert loss == pytest.approx(cross_entropy(net.scores(PICTURES), LABELS).value)
    # After its first step Adam remembers the gradient, times what is left of its running mean.
    found = [first / (1 - adam.beta1) for first in memory.first]
    names = ["dense", "offsets"] if fixed else ["bank", "bias", "dense", "offsets"]
    assert len(found) == len(names)
    chance = np.random.default_rng(0)
    for name, gradient in zip(names, found, strict=True):
        values = getattr(net, name)
        assert gradient.shape == values.shape
        for at in (np.unravel_index(place, values.shape) for place in chance.integers(0, values.size, 12)):
            sides = []
            for nudge in (1e-6, -1e-6):
                moved = values.copy()
                moved[at] += nudge
                sides.append(cross_entropy(replace(net, **{name: moved}).scores(PICTURES), LABELS).value)
            assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-3, abs=1e-7)


def test_steps_on_the_same_pictures_lower_their_loss():
    net, memory, adam, losses = begin(Task(), hand=False), None, Adam(0.01), []
    for _ in range(30):
        net, memory, loss = net.learn(PICTURES, LABELS, adam, memory, fixed=False)
        losses.append(loss)
    assert losses[-1] < 0.2 * losses[0]


@pytest.mark.parametrize("key", HAND_MADE)
def test_hand_made_kernels_are_those_of_the_library_in_a_frame_and_of_one_size(key):
    bank = hand_made_bank(key)
    assert bank.shape == (FEATURES, 5, 5, 1)
    np.testing.assert_allclose(np.abs(bank).sum(axis=(1, 2, 3)), 2)
    for made, (name, sign) in zip(bank[..., 0], HAND_MADE[key][1], strict=True):
        weights = sign * LIBRARY[name].weights
        start = (5 - weights.shape[0]) // 2
        inner = made[start : start + weights.shape[0], start : start + weights.shape[1]]
        np.testing.assert_allclose(inner * np.abs(weights).sum() / 2, weights, atol=1e-12)
        assert np.count_nonzero(made) == np.count_nonzero(weights)


def test_a_kernel_of_the_library_is_its_own_namesake_whatever_its_size_and_others_are_less_near():
    bank = np.zeros((3, 5, 5, 1))
    bank[0, 1:4, 1:4, 0] = 3 * LIBRARY["sobel_y"].weights
    bank[1, :, :, 0] = np.random.default_rng(2).normal(size=(5, 5))
    (title, cosine), (_, other), (_, nothing) = namesakes(bank)
    assert title == LIBRARY["sobel_y"].title
    assert cosine == pytest.approx(1)
    frames = [kernel.weights for kernel in LIBRARY.values() if kernel.weights.shape == (5, 5)]
    flat = bank[1].ravel()
    assert other >= max(flat @ w.ravel() / np.linalg.norm(flat) / np.linalg.norm(w) for w in frames) - 1e-12
    assert 0 < other < 1
    assert nothing == 0


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def outcome(told):
    return train(SHORT, lambda share, moments: told.append((share, moments)))


def test_learned_kernels_beat_hand_made_ones_on_unseen_pictures(outcome):
    assert outcome.exam.accuracy > 0.75
    assert outcome.exam.accuracy > outcome.hand_exam.accuracy + 0.1
    assert outcome.hand_exam.accuracy > 1.5 / len(SHAPES)


def test_the_exam_is_what_the_nets_answer(outcome):
    for net, exam in ((outcome.learned, outcome.exam), (outcome.hand, outcome.hand_exam)):
        assert len(exam.given) == SHORT.tested
        np.testing.assert_array_equal(exam.given[:50], net.scores(outcome.unseen.pictures[:50]).argmax(axis=1))
        np.testing.assert_array_equal(exam.labels, outcome.unseen.labels)


def test_only_the_learned_kernels_have_moved(outcome):
    assert np.array_equal(outcome.hand.bank, hand_made_bank("edges"))
    assert not outcome.hand.bias.any()
    assert not np.allclose(outcome.learned.bank, begin(SHORT, hand=False).bank)
    for net, hand in ((outcome.learned, False), (outcome.hand, True)):
        assert not np.allclose(net.dense, begin(SHORT, hand=hand).dense)
    assert np.array_equal(begin(SHORT, hand=False).dense, begin(SHORT, hand=True).dense)


def test_moments_are_told_as_they_come_from_the_noise_to_the_end(outcome, told):
    shares = [share for share, _ in told]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert told[-1][1] == outcome.moments
    assert outcome.moments[0].step == 0
    assert np.array_equal(outcome.moments[0].bank, begin(SHORT, hand=False).bank)
    assert outcome.moments[-1].step == SHORT.steps
    assert np.array_equal(outcome.moments[-1].bank, outcome.learned.bank)
    assert outcome.moments[-1].accuracy == outcome.exam.accuracy
    assert outcome.moments[-1].hand_accuracy == outcome.hand_exam.accuracy


def test_the_pictures_of_the_exam_are_none_that_were_learned_from(outcome, monkeypatch):
    drawn = []

    def drawing(count, noise, seed):
        found = draw_shapes(count, noise, seed)
        drawn.append(found.pictures)
        return found

    monkeypatch.setattr("ui.learn_shapes.draw_shapes", drawing)
    monkeypatch.setattr("ui.learn_shapes._LOOKS", 1)
    # As many as are drawn at a time to learn from: the same seed would draw the same ones.
    train(replace(SHORT, steps=70, tested=2048), lambda share, moments: None)
    unseen, *learned_from = drawn
    assert len(learned_from) == 3  # 70 steps of 64 pictures
    seen = {picture.tobytes() for part in learned_from for picture in part}
    assert len(seen) == sum(map(len, learned_from))
    assert not {picture.tobytes() for picture in unseen} & seen


def test_an_exam_counts_what_was_taken_for_what():
    exam = Exam(given=np.array([0, 1, 1, 3, 3]), labels=np.array([0, 0, 1, 2, 2]))
    assert exam.accuracy == 0.4
    assert exam.wrong.tolist() == [1, 3, 4]
    assert exam.confusion.tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]]


def test_who_is_told_can_stop_the_run():
    told = []

    def tell(share, moments):
        told.append(share)
        if share > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(SHORT, tell)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("wrong", "name"), [({"pool": 5}, "pool"), ({"hand": "luck"}, "hand"), ({"steps": 0}, "steps")]
)
def test_what_cannot_be_is_refused_by_name(wrong, name):
    with pytest.raises(ConvError, match=name):
        Task(**wrong)
