import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Random } from "../../stage/test/helpers.js";
import { extentOf, outputAt, productRange, slidAt, spanAt, sumsOf, termsAt, valueAt } from "../arithmetic.js";

/** @import { Mode, Setting } from "../arithmetic.js" */

/** Made with NumPy, and held to the engine by tests/ui/test_signal_presets.py.
 * @type {(Setting & {first: number, values: number[]})[]}
 */
const CASES = JSON.parse(readFileSync(new URL("numpy_numbers.json", import.meta.url), "utf8"));

const die = { start: 1, samples: Array(6).fill(1 / 6) };

/** @param {Partial<Setting>} [changes] @returns {Setting} */
function dice(changes = {}) {
  return { f: die, g: die, mode: "full", flip: true, step: null, ...changes };
}

/** @param {Random} random @returns {Setting} */
function anySetting(random) {
  const signal = () => ({
    start: random.integer(-4, 4),
    samples: Array.from({ length: random.integer(1, 7) }, () => random.integer(-9, 9)),
  });
  return {
    f: signal(), g: signal(), mode: random.pick(/** @type {Mode[]} */ (["full", "same", "valid"])),
    flip: random.next() < 0.5, step: random.pick([null, 0.5]),
  };
}

test("the sums and their places are NumPy's", () => {
  assert.ok(CASES.length > 20);
  for (const expected of CASES) {
    const { first, values } = sumsOf(expected);
    assert.equal(first, expected.first);
    assert.equal(values.length, expected.values.length);
    values.forEach((value, i) => assert.ok(Math.abs(value - expected.values[i]) < 1e-12, `${value} is not ${expected.values[i]}`));
  }
});

test("two dice show 7 in a sixth of all throws, and 2 and 12 in a 36th", () => {
  const { first, values } = sumsOf(dice());
  assert.equal(first, 2);
  assert.equal(values.length, 11);
  for (const [total, ways] of [[2, 1], [7, 6], [12, 1], [4, 3]]) {
    assert.ok(Math.abs(values[total - first] - ways / 36) < 1e-15);
  }
});

test("every value is the sum of its terms, and a term is a sample of f times what of g lies on it", () => {
  const random = new Random(4);
  for (let run = 0; run < 200; run++) {
    const setting = anySetting(random);
    const { first, values } = sumsOf(setting);
    values.forEach((value, i) => {
      const n = first + i;
      let sum = 0;
      for (let k = -40; k <= 40; k++) {
        const a = setting.f.samples[k - setting.f.start] ?? 0;
        const at = setting.flip ? n - k : k - n;
        const b = setting.g.samples[at - setting.g.start] ?? 0;
        sum += a * b * (setting.step ?? 1);
      }
      assert.equal(value + 0, sum + 0);
      const terms = termsAt(setting, n);
      assert.equal(terms.reduce((total, { a, b }) => total + a * b, 0) * (setting.step ?? 1) + 0, sum + 0);
      assert.equal(valueAt(setting, n) + 0, sum + 0);
    });
  }
});

test("flipped, g runs backwards over its span; not flipped, forwards", () => {
  const g = { start: -1, samples: [1, 2, 3] };
  for (const [flip, samples, first] of /** @type {[boolean, number[], number][]} */ ([[true, [3, 2, 1], 4], [false, [1, 2, 3], 4]])) {
    const setting = dice({ g, flip });
    const span = spanAt(setting, 5);
    assert.deepEqual(span, { first, last: first + 2 });
    assert.deepEqual([0, 1, 2].map((i) => slidAt(setting, 5, span.first + i)), samples);
    assert.equal(slidAt(setting, 5, span.first - 1), undefined);
    assert.equal(slidAt(setting, 5, span.last + 1), undefined);
  }
});

test("nothing is ever drawn outside of the extent, and both ends of it are used", () => {
  const random = new Random(9);
  for (let run = 0; run < 100; run++) {
    const setting = anySetting(random);
    const { low, high } = extentOf(setting);
    const { fullFirst, full } = sumsOf(setting);
    const used = [setting.f.start, setting.f.start + setting.f.samples.length - 1];
    for (let n = fullFirst; n < fullFirst + full.length; n++) {
      const span = spanAt(setting, n);
      used.push(span.first, span.last, outputAt(setting, n));
    }
    assert.ok(Math.min(...used) >= low);
    assert.ok(Math.max(...used) <= high);
    assert.equal(Math.max(...used), high);
  }
});

test("the range of the products holds every product and 0", () => {
  assert.deepEqual(productRange(dice({ f: { start: 0, samples: [2, -1] }, g: { start: 0, samples: [3, -4] } })), { low: -8, high: 6 });
  assert.deepEqual(productRange(dice({ f: { start: 0, samples: [2] }, g: { start: 0, samples: [3] } })), { low: 0, high: 6 });
});
