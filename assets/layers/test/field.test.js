import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../stage/test/helpers.js";
import { inside, moved, seenBy, winner } from "../field.js";

/** @import { Random } from "../../stage/test/helpers.js" */
/** @import { Cell, Geometry } from "../field.js" */

/**
 * Layers of every kind on a photo: sizes follow from kernels, strides and padding.
 *
 * @param {Random} random
 */
function anyStack(random) {
  const photo = [random.integer(12, 20), random.integer(12, 20)];
  /** @type {Geometry[]} */
  const layers = [];
  let [size, units] = [photo, random.integer(1, 3)];
  const first = units;
  for (let count = random.integer(1, 4); layers.length < count;) {
    const kind = random.pick(/** @type {Geometry["kind"][]} */ (["conv", "relu", "max", "average"]));
    const side = () => (kind === "relu" ? 1 : random.integer(1, 3));
    const kernel = /** @type {[number, number]} */ ([side(), side()]);
    const stride = /** @type {[number, number]} */ (kind === "relu" ? [1, 1] : [random.integer(1, 2), random.integer(1, 2)]);
    const before = /** @type {[number, number]} */ (kind === "conv" ? [random.integer(0, 1), random.integer(0, 1)] : [0, 0]);
    const next = size.map((n, axis) => Math.floor((n + 2 * before[axis] - kernel[axis]) / stride[axis]) + 1);
    if (next.some((n) => n < 1)) break;
    const made = kind === "conv" ? random.integer(1, 4) : units;
    const sources = Array.from({ length: made }, (_, unit) =>
      kind === "conv" ? Array.from({ length: units }, (_, i) => i).filter(() => random.integer(0, 2) > 0) : [unit]);
    layers.push({ kind, size: /** @type {[number, number]} */ (next), kernel, stride, before, sources });
    [size, units] = [next, made];
  }
  return { photo, layers, first };
}

/**
 * All that a cell looks at, cell by cell: the oracle, which knows nothing of spans.
 *
 * @param {Geometry[]} layers
 * @param {Cell} cell
 * @returns {Set<string>[]} of the photo (as units of a layer before the first), and of each layer before the cell's
 */
function walked(layers, { layer, unit, row, col }) {
  let cells = new Set([`${unit} ${row} ${col}`]);
  const found = [];
  for (let index = layer; index >= 0; index--) {
    const { kernel, stride, before, sources } = layers[index];
    const next = new Set();
    for (const one of cells) {
      const [u, r, c] = one.split(" ").map(Number);
      for (const source of sources[u]) {
        for (let i = 0; i < kernel[0]; i++) {
          for (let j = 0; j < kernel[1]; j++) {
            next.add(`${source} ${r * stride[0] - before[0] + i} ${c * stride[1] - before[1] + j}`);
          }
        }
      }
    }
    cells = next;
    found.unshift(cells);
  }
  return found;
}

test("what is seen reaches as far as a walk from cell to cell, in every layer, and on the maps that it meets", () => {
  forAll(71, 150, (random) => {
    const { layers } = anyStack(random);
    const layer = random.integer(0, layers.length - 1);
    const { size, sources } = layers[layer] ?? { size: [1, 1], sources: [[]] };
    const cell = { layer, unit: random.integer(0, sources.length - 1), row: random.integer(0, size[0] - 1), col: random.integer(0, size[1] - 1) };
    return { layers, cell };
  }, ({ layers, cell }) => {
    if (layers.length === 0) return;
    const seen = seenBy(layers, cell);
    const oracle = walked(layers, cell);
    assert.equal(seen.layers.length, cell.layer);
    [seen.photo, ...seen.layers].forEach((field, index) => {
      const cells = [...oracle[index]].map((one) => one.split(" ").map(Number));
      if (cells.length === 0) return; // all its weights are 0: nothing is seen, whatever the span
      const ends = (/** @type {number} */ axis) => {
        const along = cells.map((one) => one[axis]);
        return [Math.min(...along), Math.max(...along)];
      };
      assert.deepEqual(field.rows, ends(1));
      assert.deepEqual(field.cols, ends(2));
      if ("units" in field) assert.deepEqual(field.units, [...new Set(cells.map((one) => one[0]))].sort((a, b) => a - b));
    });
  });
});

test("what lies on padding is cut off, and a field all on padding is none", () => {
  assert.deepEqual(inside({ rows: [-2, 3], cols: [4, 9] }, 10, 8), { rows: [0, 3], cols: [4, 7] });
  assert.deepEqual(inside({ rows: [8, 12], cols: [-1, 9] }, 10, 8), { rows: [8, 9], cols: [0, 7] });
  assert.equal(inside({ rows: [-3, -1], cols: [0, 1] }, 10, 8), null);
  assert.equal(inside({ rows: [0, 1], cols: [8, 9] }, 10, 8), null);
});

test("of equal values a max pooling hands on the first, row by row", () => {
  const values = [1, 5, 2, 0, 5, 5, 9, 0, 5];
  assert.deepEqual(winner(values, 3, { rows: [0, 1], cols: [0, 1] }), { row: 0, col: 1 });
  assert.deepEqual(winner(values, 3, { rows: [1, 2], cols: [0, 1] }), { row: 2, col: 0 });
  assert.deepEqual(winner([-3, -2, -2, -4], 2, { rows: [0, 1], cols: [0, 1] }), { row: 0, col: 1 });
});

test("a moved cell stays on its map", () => {
  const cell = { layer: 1, unit: 2, row: 3, col: 4 };
  assert.deepEqual(moved(cell, 1, -1, [9, 9]), { layer: 1, unit: 2, row: 4, col: 3 });
  assert.deepEqual(moved(cell, -8, 80, [9, 9]), { layer: 1, unit: 2, row: 0, col: 8 });
});
