import assert from "node:assert/strict";
import { test } from "node:test";
import { forAll } from "../../stage/test/helpers.js";
import { LEGEND, PHOTO_LEGEND, kernelAction, photoAction } from "../keys.js";
import { LARGEST_PATCH, movedPatch, patchAbout, patchBetween, resizedPatch } from "../patch.js";
import { cellsBetween, followed } from "../strokes.js";

/** @import { Random } from "../../stage/test/helpers.js" */
/** @import { Patch, Size } from "../patch.js" */
/** @import { Cell, Stroke, Touch } from "../strokes.js" */

/** @param {Random} random */
function anyCell(random) {
  return { row: random.integer(0, 14), col: random.integer(0, 14) };
}

/**
 * What becomes of a row of touches.
 *
 * @param {Touch[]} touches
 */
function played(touches) {
  /** @type {Stroke | null} */
  let stroke = null;
  /** @type {Cell[]} */
  const cells = [];
  const ends = [];
  for (const touch of touches) {
    const course = followed(stroke, touch);
    stroke = course.stroke;
    cells.push(...course.cells);
    if (course.end !== "nothing") ends.push(course.end);
  }
  return { stroke, cells, ends };
}

test("a press paints its cell, a drag each further cell once, and the release ends it as one change", () => {
  const { cells, ends, stroke } = played([
    { kind: "down", pointer: 1, cell: { row: 0, col: 0 } },
    { kind: "move", pointer: 1, cell: { row: 0, col: 0 } },
    { kind: "move", pointer: 1, cell: { row: 0, col: 1 } },
    { kind: "move", pointer: 1, cell: { row: 0, col: 1 } },
    { kind: "move", pointer: 1, cell: null },
    { kind: "move", pointer: 1, cell: { row: 2, col: 1 } },
    { kind: "up", pointer: 1, cell: null },
    { kind: "move", pointer: 1, cell: { row: 3, col: 3 } },
  ]);
  assert.deepEqual(cells, [[0, 0], [0, 1], [1, 1], [2, 1]].map(([row, col]) => ({ row, col })));
  assert.deepEqual(ends, ["finish"]);
  assert.equal(stroke, null);
});

test("a press beside the grid begins nothing", () => {
  assert.deepEqual(played([{ kind: "down", pointer: 1, cell: null }, { kind: "up", pointer: 1, cell: null }]), {
    stroke: null, cells: [], ends: [],
  });
});

test("a second finger takes the stroke back: it wants to zoom", () => {
  const { stroke, ends } = played([
    { kind: "down", pointer: 1, cell: { row: 0, col: 0 } },
    { kind: "down", pointer: 2, cell: { row: 1, col: 1 } },
    { kind: "move", pointer: 1, cell: { row: 1, col: 0 } },
    { kind: "up", pointer: 1, cell: null },
    { kind: "up", pointer: 2, cell: null },
  ]);
  assert.equal(stroke, null);
  assert.deepEqual(ends, ["revert"]);
});

test("another pointer that moves is not followed, and a stroke that the browser takes away is taken back", () => {
  const { cells, ends } = played([
    { kind: "down", pointer: 1, cell: { row: 0, col: 0 }, other: true },
    { kind: "move", pointer: 9, cell: { row: 2, col: 2 } },
    { kind: "cancel", pointer: 1, cell: null },
  ]);
  assert.equal(cells.length, 1);
  assert.deepEqual(ends, ["revert"]);
});

test("Shift and the second button count as they were at the press", () => {
  const { stroke } = played([
    { kind: "down", pointer: 1, cell: { row: 0, col: 0 }, other: true },
    { kind: "move", pointer: 1, cell: { row: 1, col: 0 } },
  ]);
  assert.equal(stroke?.other, true);
});

test("the way between two cells is straight, has no gaps, begins after the first and ends at the last", () => {
  forAll(21, 500, (random) => [anyCell(random), anyCell(random)], ([from, to]) => {
    const way = [from, ...cellsBetween(from, to)];
    assert.deepEqual(way[way.length - 1], to);
    assert.equal(way.length - 1, Math.max(Math.abs(to.row - from.row), Math.abs(to.col - from.col)));
    for (let i = 1; i < way.length; i++) {
      assert.ok(Math.abs(way[i].row - way[i - 1].row) <= 1 && Math.abs(way[i].col - way[i - 1].col) <= 1);
    }
    const length = Math.hypot(to.row - from.row, to.col - from.col) || 1;
    for (const { row, col } of way) {
      const off = Math.abs((to.row - from.row) * (from.col - col) - (from.row - row) * (to.col - from.col)) / length;
      assert.ok(off <= 0.5 + 1e-9, `${row} ${col} is ${off} off`);
    }
  });
});

/**
 * @param {Patch} patch
 * @param {Size} photo
 */
function assertInside(patch, photo) {
  const { row, col, rows, cols } = patch;
  for (const size of [rows, cols]) assert.ok(size >= 1 && size <= LARGEST_PATCH);
  assert.ok(row >= 0 && col >= 0 && row + rows <= photo.rows && col + cols <= photo.cols, JSON.stringify(patch));
}

/** @param {Random} random */
function anySize(random) {
  return { rows: random.integer(1, 40), cols: random.integer(1, 40) };
}

test("a patch is inside of the photo, whatever is clicked, dragged, moved and resized", () => {
  forAll(22, 1000, (random) => ({
    photo: anySize(random), kernel: { rows: random.integer(1, 15), cols: random.integer(1, 15) },
    from: { row: random.integer(-5, 45), col: random.integer(-5, 45) },
    to: { row: random.integer(-5, 45), col: random.integer(-5, 45) },
    steps: [random.integer(-50, 50), random.integer(-50, 50)],
  }), ({ photo, kernel, from, to, steps: [rows, cols] }) => {
    const patches = [patchAbout(from, kernel, photo), patchBetween(from, to, photo)];
    for (const patch of patches) {
      assertInside(patch, photo);
      assertInside(movedPatch(patch, rows, cols, photo), photo);
      assertInside(resizedPatch(patch, rows, cols, photo), photo);
    }
  });
});

test("a click lifts a patch of the kernel's size about the pixel, pushed in at the border", () => {
  const photo = { rows: 32, cols: 32 };
  assert.deepEqual(patchAbout({ row: 10, col: 20 }, { rows: 3, cols: 5 }, photo), { row: 9, col: 18, rows: 3, cols: 5 });
  assert.deepEqual(patchAbout({ row: 10, col: 20 }, { rows: 2, cols: 4 }, photo), { row: 10, col: 19, rows: 2, cols: 4 });
  assert.deepEqual(patchAbout({ row: 0, col: 31 }, { rows: 3, cols: 4 }, photo), { row: 0, col: 28, rows: 3, cols: 4 });
  assert.deepEqual(patchAbout({ row: 1, col: 1 }, { rows: 15, cols: 15 }, { rows: 4, cols: 3 }), { row: 0, col: 0, rows: 4, cols: 3 });
});

test("a drag takes both ends in, from whichever corner, and stops at 15", () => {
  const photo = { rows: 32, cols: 32 };
  const patch = { row: 3, col: 4, rows: 3, cols: 6 };
  assert.deepEqual(patchBetween({ row: 3, col: 4 }, { row: 5, col: 9 }, photo), patch);
  assert.deepEqual(patchBetween({ row: 5, col: 9 }, { row: 3, col: 4 }, photo), patch);
  assert.deepEqual(patchBetween({ row: 20, col: 2 }, { row: 1, col: 30 }, photo), { row: 6, col: 2, rows: 15, cols: 15 });
});

test("each key that the legend names does something, and no other does", () => {
  const arrows = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
  const named = {
    "← → ↑ ↓": arrows, "+ −": ["+", "-"], Space: [" "], 0: ["0"], S: ["s", "S"], C: ["c"], "M, F, R": ["m", "F", "r"],
    "Shift ← → ↑ ↓": arrows, "N, Z, X": ["n", "z", "x"], Escape: ["Escape"],
  };
  assert.deepEqual(new Set(LEGEND.map(([keys]) => keys)), new Set(Object.keys(named)));
  for (const [label, keys] of Object.entries(named)) {
    for (const key of keys) assert.notEqual(kernelAction(key, label.startsWith("Shift")), null, key);
  }
  assert.deepEqual(PHOTO_LEGEND.map(([keys]) => keys), ["← → ↑ ↓", "Shift ← → ↑ ↓", "Enter"]);
  for (const key of ["Tab", "Enter", "q", "F5", "toString", "constructor", ""]) assert.equal(kernelAction(key, false), null, key);
  for (const key of ["Tab", " ", "+", "toString", ""]) assert.equal(photoAction(key, false), null, key);
});

test("arrows move the cell or the patch, with Shift they move the weights or resize the patch", () => {
  assert.deepEqual(kernelAction("ArrowDown", false), { kind: "move", rows: 1, cols: 0 });
  assert.deepEqual(kernelAction("ArrowLeft", true), { kind: "do", deed: "shift left" });
  assert.deepEqual(photoAction("ArrowRight", false), { kind: "move", rows: 0, cols: 1 });
  assert.deepEqual(photoAction("ArrowUp", true), { kind: "resize", rows: -1, cols: 0 });
  assert.deepEqual(photoAction("Enter", false), { kind: "lift" });
});
