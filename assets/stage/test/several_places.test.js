import assert from "node:assert/strict";
import { test } from "node:test";

import { filledBy, gridOf, leaderOf, middle, nearest, shared, standsOf, stepsOf, travelling } from "../several_places.js";
import { anyExperiment, axisPlan, forAll, modelOf } from "./helpers.js";

/** @import { Experiment, Random } from "./helpers.js" */

/**
 * The pixels of the photo that the middles of all windows lie on, found by laying the windows one after the other.
 *
 * @param {Experiment} experiment
 * @param {0 | 1} axis
 */
function middles(experiment, axis) {
  const { before, out } = axisPlan(experiment, axis);
  const [stride, dilation] = [experiment.stride?.[axis] ?? 1, experiment.dilation?.[axis] ?? 1];
  return Array.from({ length: out }, (_, i) => {
    const taps = Array.from({ length: experiment.kernel[axis] }, (_, tap) => i * stride - before + tap * dilation);
    return (taps[0] + taps[taps.length - 1]) / 2;
  });
}

/** Two or three settings on the same photo.
 * @param {Random} random
 * @returns {Experiment[]}
 */
function anyGroup(random) {
  const first = anyExperiment(random, { channels: 1 });
  const others = Array.from({ length: random.integer(1, 2) }, () => anyExperiment(random, { channels: 1 }));
  return [first, ...others];
}

/** @param {Experiment[]} group */
const gridsOf = (group) => group.map((experiment) => gridOf(modelOf(experiment)));

/**
 * @template T
 * @param {Random} random
 * @param {(group: Experiment[]) => T} more
 */
function drawn(random, more) {
  const group = anyGroup(random);
  const source = random.integer(0, group.length - 1);
  const cell = { row: random.integer(0, axisPlan(group[source], 0).out - 1), col: random.integer(0, axisPlan(group[source], 1).out - 1) };
  return { group, source, cell, ...more(group) };
}

test("the middle of a window is half-way between its first and its last tap", () => {
  forAll(1, 300, (random) => anyExperiment(random), (experiment) => {
    gridOf(modelOf(experiment)).forEach((axis, i) => {
      const truth = middles(experiment, /** @type {0 | 1} */ (i));
      assert.deepEqual(Array.from({ length: axis.out }, (_, index) => middle(axis, index)), truth);
    });
  });
});

test("the nearest window is the nearest of all, and of two the one before", () => {
  forAll(2, 400, (random) => ({ experiment: anyExperiment(random), place: random.integer(-40, 80) / 4 }), ({ experiment, place }) => {
    gridOf(modelOf(experiment)).forEach((axis, i) => {
      let best = 0;
      middles(experiment, /** @type {0 | 1} */ (i)).forEach((at, index, all) => {
        if (Math.abs(at - place) < Math.abs(all[best] - place)) best = index;
      });
      assert.equal(nearest(axis, place), best);
    });
  });
});

test("the one with the most windows leads, of several the first", () => {
  forAll(3, 200, anyGroup, (group) => {
    const steps = group.map((experiment) => axisPlan(experiment, 0).out * axisPlan(experiment, 1).out);
    const grids = gridsOf(group);
    assert.deepEqual(grids.map(stepsOf), steps);
    assert.equal(leaderOf(grids), steps.findIndex((count) => steps.every((other) => count >= other)));
  });
});

test("at the same step each is at its cell of that number, or at its last when it is done", () => {
  forAll(4, 300, (random) => drawn(random, () => ({})), ({ group, source, cell }) => {
    const step = cell.row * axisPlan(group[source], 1).out + cell.col;
    standsOf(gridsOf(group), "step", source, cell).forEach((stand, i) => {
      const cells = [];
      for (let row = 0; row < axisPlan(group[i], 0).out; row++) {
        for (let col = 0; col < axisPlan(group[i], 1).out; col++) cells.push({ row, col });
      }
      const own = Math.min(step, cells.length - 1);
      assert.deepEqual(stand, { ...cells[own], step: own, rowsOff: 0, colsOff: 0, done: step >= cells.length });
    });
  });
});

test("at the same place no window of any of them is nearer", () => {
  forAll(5, 300, (random) => drawn(random, () => ({})), ({ group, source, cell }) => {
    const at = [middles(group[source], 0)[cell.row], middles(group[source], 1)[cell.col]];
    const stands = standsOf(gridsOf(group), "place", source, cell);
    stands.forEach(({ row, col, step, rowsOff, colsOff, done }, i) => {
      const [rows, cols] = [middles(group[i], 0), middles(group[i], 1)];
      assert.equal(Math.abs(rowsOff), Math.min(...rows.map((place) => Math.abs(place - at[0]))));
      assert.equal(Math.abs(colsOff), Math.min(...cols.map((place) => Math.abs(place - at[1]))));
      assert.deepEqual([rowsOff, colsOff], [rows[row] - at[0], cols[col] - at[1]]);
      assert.equal(step, row * cols.length + col);
      assert.equal(done, false);
    });
    const { row, col } = stands[source];
    assert.deepEqual({ row, col }, cell, "who is asked for goes there itself");
  });
});

test("valid has no window on the photo's corner, and same has", () => {
  const photo = /** @type {const} */ ({ image: [6, 6, 1], kernel: [3, 3] });
  const grids = gridsOf([{ ...photo, image: [6, 6, 1], kernel: [3, 3] }, { image: [6, 6, 1], kernel: [3, 3], padding: "same" }]);
  const [valid, same] = standsOf(grids, "place", 1, { row: 0, col: 0 });
  assert.deepEqual([valid.row, valid.col, valid.rowsOff, valid.colsOff], [0, 0, 1, 1]);
  assert.deepEqual([same.rowsOff, same.colsOff], [0, 0]);
});

for (const together of /** @type {const} */ (["step", "place"])) {
  test(`at the same ${together} a map is filled as far as it has come, never less than before, and in the end wholly`, () => {
    forAll(6, 60, anyGroup, (group) => {
      const grids = gridsOf(group);
      const leader = leaderOf(grids);
      const cols = axisPlan(group[leader], 1).out;
      const farthest = grids.map(() => 0);
      for (let step = 0; step < stepsOf(grids[leader]); step++) {
        const cell = { row: Math.floor(step / cols), col: step % cols };
        standsOf(grids, together, leader, cell).forEach((stand, i) => {
          farthest[i] = Math.max(farthest[i], stand.step + 1);
        });
        const last = step === stepsOf(grids[leader]) - 1;
        assert.deepEqual(filledBy(grids, together, leader, step), last ? grids.map(stepsOf) : farthest);
      }
    });
  });

  test(`at the same ${together} a window travels where its next cell is the one after`, () => {
    forAll(7, 60, anyGroup, (group) => {
      const grids = gridsOf(group);
      const leader = leaderOf(grids);
      const cols = axisPlan(group[leader], 1).out;
      const at = (/** @type {number} */ step) =>
        standsOf(grids, together, leader, { row: Math.floor(step / cols), col: step % cols }).map((stand) => stand.step);
      const steps = stepsOf(grids[leader]);
      for (let step = 0; step < steps; step++) {
        const truth = step + 1 < steps ? at(step).map((own, i) => at(step + 1)[i] - own === 1) : grids.map(() => false);
        assert.deepEqual(travelling(grids, together, leader, step), truth);
      }
    });
  });
}

test("shared are the windows that lie at the same places, all of them", () => {
  forAll(8, 300, anyGroup, (group) => {
    const [one, other] = gridsOf(group);
    for (const axis of /** @type {const} */ ([0, 1])) {
      const [here, there] = [middles(group[0], axis), middles(group[1], axis)];
      /** @type {[number[], number[]]} */
      const pairs = [[], []];
      here.forEach((place, i) => there.forEach((also, j) => {
        if (place === also) pairs[0].push(i), pairs[1].push(j);
      }));
      assert.deepEqual(shared(one[axis], other[axis]), pairs);
    }
  });
});
