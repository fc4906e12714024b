import assert from "node:assert/strict";
import { test } from "node:test";
import { sumsOf } from "../arithmetic.js";
import {
  LEFT, drawnAt, editorFrame, editorRange, frameOf, niceStep, nudgeOf, outputPlot, placeOfX, productPlot, signalsPlot,
  snapped, valueOfY, valueY,
} from "../drawing.js";
import { between } from "../signals.js";

/** @import { Setting } from "../arithmetic.js" */

/** @type {Setting} */
const SETTING = {
  f: { start: 0, samples: [1, 2, 0, -1] }, g: { start: 0, samples: [1, 0.5] }, mode: "full", flip: true, step: null,
};

/** How many marks of a class there are.
 * @param {string} text
 * @param {string} kind
 */
function count(text, kind) {
  return text.split(`class="${kind}`).length - 1;
}

test("each sample of f and of g is a stem", () => {
  const plot = signalsPlot(SETTING, 2, 400, 120);
  assert.equal(count(plot, "f stem"), 4);
  assert.equal(count(plot, "g stem"), 2);
});

test("there is a bar for each product, and none where nothing lies on each other", () => {
  assert.equal(count(productPlot(SETTING, 0, 400, 80), "product bar"), 1);
  assert.equal(count(productPlot(SETTING, 2, 400, 80), "product bar"), 2);
});

test("the output is drawn as far as it has come, the rest only where it is asked for, and faintly", () => {
  for (let step = 0; step < 5; step++) {
    const hidden = outputPlot(SETTING, step, 400, 120, false);
    assert.equal(count(hidden, "y stem"), step + 1);
    assert.equal(count(hidden, "y faint"), 0);
    const shown = outputPlot(SETTING, step, 400, 120, true);
    assert.equal(count(shown, "y stem"), step + 1);
    assert.equal(count(shown, "y faint stem"), 4 - step);
    assert.equal(count(shown, "marker"), 1);
  }
});

test("no plot holds a number that is none, in either view", () => {
  for (const step of [null, 0.25]) {
    for (const flip of [true, false]) {
      for (const f of [SETTING.f, { start: 0, samples: [0] }, { start: 3, samples: [-2] }]) {
        const setting = { ...SETTING, f, step, flip };
        const { first, values } = sumsOf(setting);
        for (let n = first; n < first + values.length; n++) {
          const text = signalsPlot(setting, n, 300, 120) + productPlot(setting, n, 300, 80) + outputPlot(setting, n, 300, 120, true);
          assert.doesNotMatch(text, /NaN|Infinity|undefined/);
        }
      }
    }
  }
});

test("a place is found again from where its value is drawn", () => {
  for (const step of [null, 0.5]) {
    for (const flip of [true, false]) {
      const setting = { ...SETTING, step, flip };
      const { first, values } = sumsOf(setting);
      for (let n = first; n < first + values.length; n++) {
        const plot = outputPlot(setting, n, 400, 120, false);
        const x = Number(/marker" cx="([\d.]+)"/.exec(plot)?.[1]);
        assert.equal(placeOfX(setting, 400, x), n);
        assert.equal(placeOfX(setting, 400, x + 0.4 * frameOf(setting, 400, 0, { low: 0, high: 1 }).unit), n);
      }
    }
  }
});

test("a height is a value, and the value is at that height", () => {
  const frame = editorFrame(SETTING.f, 300, 100, { low: -1, high: 2 });
  for (const value of [-1, 0, 0.7, 2]) assert.ok(Math.abs(valueOfY(frame, valueY(frame, value, true), true) - value) < 1e-9);
});

test("a hand draws the sample under it, in round numbers, and 0 at the zero line", () => {
  const range = editorRange([0, 1, 0.5]);
  const signal = { start: 0, samples: [0, 1, 0.5] };
  const frame = editorFrame(signal, 300, 100, range);
  const zero = drawnAt(signal, frame, LEFT + 1.5 * frame.unit, valueY(frame, 0, true) + 0.3);
  assert.deepEqual(zero, { index: 1, value: 0 });
  assert.ok(Object.is(zero.value, 0));
  assert.deepEqual(drawnAt(signal, frame, LEFT + 0.5 * frame.unit, -50), { index: 0, value: range.high });
  assert.equal(drawnAt(signal, frame, 9999, 10).index, 2);
  assert.equal(drawnAt(signal, frame, -9, 10).index, 0);
  assert.equal(snapped(0.30000001, { low: -1, high: 2 }), 0.3);
});

test("there is room above what is drawn, and below zero", () => {
  for (const samples of [[1], [0.2, -3], [0, 0], [1000]]) {
    const { low, high } = editorRange(samples);
    assert.ok(high >= Math.max(...samples) && low <= Math.min(...samples) && low < 0 && high > 0);
    assert.ok(nudgeOf({ low, high }) > 0 && nudgeOf({ low, high }) <= high / 10);
  }
});

test("steps are 1, 2 or 5 times a power of ten, and never smaller than asked for", () => {
  for (const [least, step] of [[0.03, 0.05], [1, 1], [1.1, 2], [4, 5], [7, 10], [0.2, 0.2], [51, 100]]) {
    assert.ok(Math.abs(niceStep(least) - step) < 1e-12, `${niceStep(least)} is not ${step}`);
  }
});

test("a quick hand leaves out no sample, and passes them on a straight line", () => {
  const range = { low: -1, high: 1 };
  assert.deepEqual(between({ index: 1, value: 0 }, { index: 4, value: 0.6 }, range), [[2, 0.2], [3, 0.4], [4, 0.6]]);
  assert.deepEqual(between({ index: 3, value: 1 }, { index: 1, value: 0 }, range), [[2, 0.5], [1, 0]]);
  assert.deepEqual(between({ index: 3, value: 1 }, { index: 3, value: 0.5 }, range), [[3, 0.5]]);
});
