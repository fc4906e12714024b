"""The banks to begin with show what their stories say."""

import numpy as np
import pytest

from conv_engine import LIBRARY, conv2d
from ui.experiment import MOST_FEATURES, OWN, Experiment
from ui.layer import kernel_of
from ui.presets import PRESETS, random_bank

ARROWS = {
    "↑": (-1, 0),
    "↗": (-1, 1),
    "→": (0, 1),
    "↘": (1, 1),
    "↓": (1, 0),
    "↙": (1, -1),
    "←": (0, -1),
    "↖": (-1, -1),
}


@pytest.mark.parametrize("key", PRESETS)
def test_each_bank_fits_an_experiment_and_its_address(key):
    features = PRESETS[key].make()
    assert 2 <= len(features) <= MOST_FEATURES
    experiment = Experiment(features=features)
    assert Experiment.from_query(experiment.to_query()).experiment == experiment


def test_each_edge_is_brightest_towards_its_arrow():
    features = PRESETS["compass"].make()
    assert [feature.name for feature in features] == [f"brighter {arrow}" for arrow in ARROWS]
    rows, cols = np.mgrid[-1:2, -1:2]
    for towards in ARROWS.values():
        slope = (rows * towards[0] + cols * towards[1])[:, :, np.newaxis]
        answers = [
            conv2d(slope, kernel_of(feature).weights[np.newaxis, :, :, np.newaxis]).item() for feature in features
        ]
        best = features[int(np.argmax(answers))].name
        assert ARROWS[best.split()[1]] == towards
        assert sum(answers) == 0


def test_the_edge_to_the_right_is_sobels():
    (right,) = (feature for feature in PRESETS["compass"].make() if feature.name == "brighter →")
    assert np.array_equal(kernel_of(right).weights, LIBRARY["sobel_x"].weights)


def test_the_scales_keep_the_level_and_lose_more_and_more():
    image = np.random.default_rng(1).normal(size=(60, 60, 1))
    spreads = []
    for feature in PRESETS["scales"].make():
        weights = kernel_of(feature).weights
        assert weights.sum() == pytest.approx(1)
        spreads.append(conv2d(image, weights[np.newaxis, :, :, np.newaxis]).std())
    assert spreads == sorted(spreads, reverse=True)
    assert len(set(spreads)) == len(spreads)


@pytest.mark.parametrize("initialiser", ["glorot", "he"])
def test_a_random_bank_is_that_of_its_seed_and_fits_an_address(initialiser):
    bank = random_bank(initialiser, 8, 3, 3, 5)
    assert bank == random_bank(initialiser, 8, 3, 3, 5) != random_bank(initialiser, 8, 3, 3, 6)
    assert len(bank) == 8
    assert all(feature.kernel == OWN and np.array(feature.weights).shape == (3, 3, 3) for feature in bank)
    experiment = Experiment(features=bank)
    assert Experiment.from_query(experiment.to_query()).experiment == experiment
