import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../keys.js";
import { mapOf, strongestCell, valueAt } from "../message.js";
import { boxOf } from "../pictures.js";
import { fieldText, inLines, readout, scaleOf, sidesText, sizeText, valueText } from "../words.js";

/** @import { LayersMessage } from "../message.js" */

/**
 * @param {Float32Array | Int16Array} values (2, rows, cols)
 * @param {[number, number]} sent rows, cols
 * @param {object} header
 * @returns {LayersMessage}
 */
function messageOf(values, [rows, cols], header) {
  const layer = { title: "Max pooling 2 × 2", kind: "max", names: ["a", "b"], lows: [0, 0], highs: [8, 8], limit: 8, ...header };
  return /** @type {LayersMessage} */ (/** @type {unknown} */ ({
    header: { photoShape: [9, 9, 1], layers: [layer] }, maps: [{ values, rows, cols }], pin: { layer: 0, unit: 0, row: 0, col: 0 },
  }));
}

test("a value that was sent exactly is read exactly, and one that was not is about so much", () => {
  const exact = messageOf(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 0.1), [2, 2], { size: [2, 2], exact: true, step: 1 });
  assert.deepEqual(valueAt(exact, { layer: 0, unit: 1, row: 1, col: 0 }), { value: 6, kind: "exact" });
  assert.equal(valueText({ value: 6, kind: "exact" }), "= 6");
  assert.equal(valueText({ value: Math.fround(0.1), kind: "exact" }), "≈ 0.1");
  assert.equal(valueText({ value: 0, kind: "exact" }), "= 0");
  const sampled = messageOf(Int16Array.of(0, 1, 2, 32767, 0, -32767, 1, 0), [2, 2], { size: [4, 3], exact: false, step: 2 });
  assert.deepEqual(valueAt(sampled, { layer: 0, unit: 0, row: 2, col: 2 }), { value: 8, kind: "rounded" });
  assert.deepEqual(valueAt(sampled, { layer: 0, unit: 1, row: 1, col: 2 }), { value: -8, kind: "near" });
  assert.match(valueText({ value: -8, kind: "near" }), /^about −8, at the nearest cell/);
  assert.match(valueText({ value: 1e-9, kind: "rounded" }), /^about 1e−9$/);
});

test("the strongest cell is the first of the greatest, where it was sent", () => {
  const message = messageOf(Int16Array.of(5, 7, 7, 1, -4, -3, -3, -9), [2, 2], { size: [6, 6], exact: false, step: 3 });
  assert.deepEqual(strongestCell(message, 0, 0), { layer: 0, unit: 0, row: 0, col: 3 });
  assert.deepEqual(strongestCell(message, 0, 1), { layer: 0, unit: 1, row: 0, col: 3 });
  assert.deepEqual([...mapOf(message, 0, 1)], [-4, -3, -3, -9]);
});

test("fields are said with their ends, their size, and what of them is padding", () => {
  assert.equal(fieldText({ rows: [3, 3], cols: [-1, 4] }), "row 3, columns −1…4");
  assert.equal(sizeText({ rows: [0, 2], cols: [1, 4] }, 9, 9), "3 × 4");
  assert.equal(sizeText({ rows: [-1, 1], cols: [-1, 1] }, 9, 9), "3 × 3, 5 of 9 on padding");
  assert.equal(sizeText({ rows: [-2, -1], cols: [0, 0] }, 9, 9), "2 × 1, all of it padding");
});

test("the readout names the layer, the unit, the cell, the value and what it sees", () => {
  const message = messageOf(new Float32Array(8), [2, 2], { size: [2, 2], exact: true, step: 1 });
  const cell = { layer: 0, unit: 1, row: 1, col: 0 };
  const seen = { photo: { rows: /** @type {[number, number]} */ ([2, 3]), cols: /** @type {[number, number]} */ ([0, 1]) }, layers: [] };
  assert.deepEqual(readout(message, cell, { value: 2.5, kind: "exact" }, seen, { row: 3, col: 1 }), [
    "Layer 1 of 1, Max pooling 2 × 2; unit 2 of 2: b",
    "Row 1, column 0: value = 2.5",
    "It sees rows 2…3, columns 0…1 of the photo: 2 × 2 pixels",
    "The largest value of its window is at row 3, column 1 of layer 0.",
  ]);
});

test("arrows move, with Shift further; Home, Enter and Escape do what the legend says; other keys are left alone", () => {
  assert.deepEqual(actionOf("ArrowUp", false), { kind: "move", rows: -1, cols: 0 });
  assert.deepEqual(actionOf("ArrowRight", true), { kind: "move", rows: 0, cols: 8 });
  assert.deepEqual(["Home", "Enter", " ", "Escape"].map((key) => actionOf(key, false)?.kind), ["strongest", "pin", "pin", "back"]);
  assert.equal(actionOf("Tab", false), null);
  assert.equal(actionOf("toString", false), null);
});

test("a box about a small cell is large enough to be seen, and has it in its middle", () => {
  assert.deepEqual(boxOf({ rows: [10, 10], cols: [20, 20] }, 1, 1), { x: 17, y: 7, wide: 7, tall: 7 });
  assert.deepEqual(boxOf({ rows: [1, 2], cols: [0, 3] }, 10, 10), { x: 0, y: 10, wide: 40, tall: 20 });
});

test("a scale has no more of the colours than the maps have values", () => {
  assert.deepEqual(scaleOf({ lows: [-3, 0], highs: [8, -1], limit: 8 }), { text: "−8 … 0 … 8", side: "both" });
  assert.deepEqual(scaleOf({ lows: [0, 1], highs: [8, 2.5], limit: 8 }), { text: "0 … 8", side: "above" });
  assert.deepEqual(scaleOf({ lows: [-4, -3], highs: [-1, 0], limit: 4 }), { text: "−4 … 0", side: "below" });
  assert.deepEqual(scaleOf({ lows: [0], highs: [0], limit: 0 }), { text: "0 everywhere", side: "zero" });
});

test("beside the maps rows and columns have a line each, and the size no more", () => {
  const field = { rows: /** @type {[number, number]} */ ([-1, 3]), cols: /** @type {[number, number]} */ ([4, 4]) };
  assert.equal(inLines(fieldText(field)), "rows −1…3,\ncolumn 4");
  assert.equal(sidesText(field), "5 × 1");
});
