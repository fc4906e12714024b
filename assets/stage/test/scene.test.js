import assert from "node:assert/strict";
import { test } from "node:test";
import { cellAt, cellOfStep } from "../model.js";
import { ADD, BIAS, MULTIPLY, PARTS, SUM, TAKE, WRITE, makeScene, movedFocus, nextFocus, travel } from "../scene.js";
import { readoutText } from "../readout.js";
import { anyExperiment, forAll, modelOf } from "./helpers.js";

/** @import { Model } from "../model.js" */
/** @import { View } from "../scene.js" */
/** @import { Random } from "./helpers.js" */

/**
 * @param {Random} random
 * @param {Model} model
 * @returns {View}
 */
function anyView(random, model) {
  const pointed = { row: random.integer(0, model.outRows - 1), col: random.integer(0, model.outCols - 1) };
  return {
    step: random.integer(0, model.steps - 1),
    fraction: random.next(),
    feature: random.integer(0, model.features - 1),
    pointed: random.next() < 0.3 ? pointed : null,
    still: random.next() < 0.3,
  };
}

/** @param {Random} random */
function anyCase(random) {
  const experiment = anyExperiment(random);
  const model = modelOf(experiment);
  return { experiment, model, view: anyView(random, model), others: [1, 2, 3].map(() => anyView(random, model)) };
}

test("the same view gives the same scene, whatever was looked at before", () => {
  forAll(1, 200, anyCase, ({ experiment, model, view, others }) => {
    const first = makeScene(model, view);
    for (const other of others) makeScene(model, other);
    assert.deepEqual(makeScene(model, view), first);
    assert.deepEqual(makeScene(modelOf(experiment), view), first);
  });
});

test("a scene changes neither the model nor the view it is made from", () => {
  forAll(2, 100, anyCase, ({ experiment, model, view }) => {
    const before = { ...view };
    makeScene(model, Object.freeze(view));
    assert.deepEqual(view, before);
    assert.deepEqual(model, modelOf(experiment));
  });
});

test("at rest the window stands on the first tap of the step's cell, and its arithmetic is that cell's", () => {
  forAll(3, 200, anyCase, ({ model, view }) => {
    const scene = makeScene(model, { ...view, fraction: 0, pointed: null });
    const { row, col } = cellOfStep(model, view.step);
    assert.deepEqual(scene.cursor, { row, col });
    assert.deepEqual(scene.cell, cellAt(model, row, col, view.feature));
    assert.deepEqual(scene.windowAt, { row: scene.cell.rowPositions[0], col: scene.cell.colPositions[0] });
    assert.equal(scene.pointed, false);
  });
});

test("on its way the window moves along its row only, and no further than the next cell", () => {
  forAll(4, 300, anyCase, ({ model, view }) => {
    const { windowAt, cell, cursor } = makeScene(model, { ...view, pointed: null, still: false });
    const { stride } = model.payload.header;
    const come = windowAt.col - cell.colPositions[0];
    assert.equal(windowAt.row, cell.rowPositions[0]);
    if (cursor.col === model.outCols - 1) assert.equal(come, 0);
    else assert.ok(Math.abs(come - travel(view.fraction) * stride[1]) < 1e-9 && come <= stride[1]);
  });
});

test("the end of a step's way is where the next step begins", () => {
  const model = modelOf({
    image: [5, 9, 1],
    kernel: [2, 2],
    stride: [1, 3],
    padding: [
      [0, 0],
      [1, 0],
    ],
  });
  const view = { step: 0, fraction: 1, feature: 0, pointed: null, still: false };
  assert.deepEqual(makeScene(model, view).windowAt, makeScene(model, { ...view, step: 1, fraction: 0 }).windowAt);
});

test("where things must keep still nothing travels", () => {
  forAll(5, 200, anyCase, ({ model, view }) => {
    const still = { ...view, still: true };
    assert.deepEqual(makeScene(model, still), makeScene(model, { ...still, fraction: 0 }));
  });
});

test("pointing shows the pointed cell, while the cursor and what is filled in stay with the step", () => {
  forAll(6, 200, anyCase, ({ model, view }) => {
    const pointed = cellOfStep(model, (view.step * 7 + 3) % model.steps);
    const scene = makeScene(model, { ...view, pointed });
    assert.equal(scene.pointed, true);
    assert.deepEqual(scene.cell, cellAt(model, pointed.row, pointed.col, view.feature));
    assert.deepEqual(scene.windowAt, { row: scene.cell.rowPositions[0], col: scene.cell.colPositions[0] });
    assert.deepEqual(scene.cursor, cellOfStep(model, view.step));
    assert.equal(scene.revealed, makeScene(model, { ...view, pointed: null }).revealed);
  });
});

test("as many cells are filled in as steps were made, this one with them", () => {
  forAll(7, 100, anyCase, ({ model, view }) => assert.equal(makeScene(model, view).revealed, view.step + 1));
});

test("another feature changes the arithmetic, not the place", () => {
  forAll(8, 100, anyCase, ({ model, view }) => {
    for (let feature = 0; feature < model.features; feature++) {
      const scene = makeScene(model, { ...view, feature });
      assert.deepEqual([scene.feature, scene.cell.feature], [feature, feature]);
      assert.deepEqual(scene.windowAt, makeScene(model, view).windowAt);
      assert.deepEqual(scene.cell.patch, makeScene(model, view).cell.patch);
    }
  });
});

test("travel rests at first, then goes from 0 to 1 without a jump and never back", () => {
  assert.deepEqual([travel(0), travel(0.3), travel(1)], [0, 0, 1]);
  for (let i = 1; i <= 1000; i++) {
    const [before, now] = [travel((i - 1) / 1000), travel(i / 1000)];
    assert.ok(now >= before && now - before < 0.01, `from ${before} to ${now}`);
  }
  assert.deepEqual([travel(-5), travel(5)], [0, 1]);
});

test("a part of a step writes the cell only when it is the last", () => {
  forAll(41, 200, anyCase, ({ model, view }) => {
    for (const part of [TAKE, MULTIPLY, SUM, ADD, BIAS, WRITE]) {
      const scene = makeScene(model, { ...view, part, pointed: null, fraction: 0 });
      assert.equal(scene.part, part);
      assert.equal(scene.revealed, view.step + (part === WRITE ? 1 : 0));
      assert.equal(scene.moving, null);
    }
  });
});

test("the last part of a step shows what the whole step shows", () => {
  forAll(42, 200, anyCase, ({ model, view }) => {
    const rest = { ...view, fraction: 0, pointed: null };
    assert.deepEqual(makeScene(model, { ...rest, part: WRITE }), { ...makeScene(model, rest), inParts: true });
  });
});

test("what moves is the part that comes next; after the last, the window of the next cell", () => {
  forAll(43, 200, anyCase, ({ model, view }) => {
    for (let part = 0; part < PARTS.length; part++) {
      const scene = makeScene(model, { ...view, part, fraction: 0.9, pointed: null, still: false });
      const { moving } = scene;
      if (part < WRITE) {
        assert.equal(moving?.into, part + 1);
        assert.equal(moving?.coming, null);
        assert.deepEqual(scene.windowAt, { row: scene.cell.rowPositions[0], col: scene.cell.colPositions[0] });
      } else if (view.step + 1 < model.steps) {
        const next = cellOfStep(model, view.step + 1);
        assert.equal(moving?.into, TAKE);
        assert.deepEqual(moving?.coming, cellAt(model, next.row, next.col, view.feature));
      } else {
        assert.equal(moving, null);
      }
    }
  });
});

test("pointing at a cell shows all of its arithmetic, whatever part the step is at", () => {
  forAll(44, 100, anyCase, ({ model, view }) => {
    const pointed = { row: 0, col: model.outCols - 1 };
    const scene = makeScene(model, { ...view, part: SUM, pointed });
    assert.deepEqual([scene.part, scene.moving, scene.pointed], [WRITE, null, true]);
  });
});

test("where things must not travel, no part moves", () => {
  forAll(45, 100, anyCase, ({ model, view }) => {
    for (let part = 0; part < PARTS.length; part++) {
      assert.equal(makeScene(model, { ...view, part, still: true }).moving, null);
    }
  });
});

test("each part is said in words, with its numbers", () => {
  const model = modelOf({ image: [3, 3, 3], kernel: [1, 2], bank: undefined });
  const said = PARTS.map((_, part) =>
    readoutText(makeScene(model, { step: 2, part, fraction: 0, feature: 0, pointed: null, still: true })));
  said.forEach((text, part) => {
    assert.match(text, new RegExp(`^Step 3 of 6, part ${part + 1} of 6, ${PARTS[part]}: output row 1, column 0, `));
  });
  const cell = cellAt(model, 1, 0, 0);
  assert.ok(said[MULTIPLY].includes("×"));
  assert.equal(new Set(said).size, PARTS.length);
  assert.match(said[TAKE], new RegExp(`R: ${cell.patch[0]}, ${cell.patch[1]}\\.`));
});

test("a pixel that is pointed at shows what it feeds, and through which weights", () => {
  forAll(46, 120, anyCase, ({ model, view }) => {
    const focus = /** @type {const} */ ({ part: "input", row: model.rows - 1, col: 0 });
    const { scatter, sharing } = makeScene(model, { ...view, pointed: null, focus });
    assert.equal(sharing, null);
    assert.ok(scatter);
    assert.equal(scatter.pixel?.length, model.channels);
    for (const { row, col, tapRow, tapCol, weights } of scatter.reach) {
      const cell = cellAt(model, row, col, view.feature);
      assert.equal(cell.rowSources[tapRow], focus.row);
      assert.equal(cell.colSources[tapCol], focus.col);
      const at = (/** @type {number} */ c) => (c * model.kernelRows + tapRow) * model.kernelCols + tapCol;
      assert.deepEqual(Array.from(weights), Array.from({ length: model.channels }, (_, c) => cell.weights[at(c)]));
    }
  });
});

test("a weight that is pointed at was used for each cell that is filled in, some of them on the padding", () => {
  forAll(47, 120, anyCase, ({ model, view }) => {
    const focus = /** @type {const} */ ({ part: "weight", channel: 0, row: model.kernelRows - 1, col: 0 });
    const scene = makeScene(model, { ...view, pointed: null, focus });
    const { sharing } = scene;
    assert.ok(sharing);
    assert.equal(sharing.met, scene.revealed);
    assert.deepEqual([sharing.rows.length, sharing.cols.length], [model.outRows, model.outCols]);
    const last = cellAt(model, model.outRows - 1, model.outCols - 1, view.feature);
    assert.equal(sharing.rows[model.outRows - 1], last.rowPositions[focus.row]);
    assert.equal(sharing.cols[model.outCols - 1], last.colPositions[focus.col]);
    let padding = 0;
    for (let step = 0; step < scene.revealed; step++) {
      const { rowPositions, colPositions } = cellAt(model, Math.floor(step / model.outCols), step % model.outCols, 0);
      const [row, col] = [rowPositions[focus.row], colPositions[focus.col]];
      if (row < 0 || row >= model.rows || col < 0 || col >= model.cols) padding++;
    }
    assert.equal(sharing.onPadding, padding);
    const said = `it has been used for ${scene.revealed} of them so far, ${padding ? `${padding} of these on the padding, ` : ""}and will be for ${model.steps - scene.revealed} more.`;
    assert.ok(readoutText(scene).endsWith(`All ${model.steps} cells of the map share it: ${said}`), readoutText(scene));
  });
});

test("a pixel that no window reads says so", () => {
  const model = modelOf({ image: [3, 4, 3], kernel: [1, 1], stride: [2, 3] });
  const view = { step: 0, fraction: 0, feature: 0, pointed: null, still: true };
  const said = readoutText(makeScene(model, { ...view, focus: { part: "input", row: 1, col: 1 } }));
  assert.match(said, /^Pointing at input row 1, column 1: .*\. No window reads it\.$/);
});

test("with keys alone one points at the pixel in the middle of the window, then at its weight, then at nothing", () => {
  const model = modelOf({ image: [9, 9, 3], kernel: [3, 5], padding: "same", stride: [2, 1] });
  const first = nextFocus(model, null, { row: 2, col: 4 }, 1);
  assert.deepEqual(first, { part: "input", row: 4, col: 4 });
  const second = nextFocus(model, first, { row: 2, col: 4 }, 1);
  assert.deepEqual(second, { part: "weight", channel: 1, row: 1, col: 2 });
  assert.equal(nextFocus(model, second, { row: 2, col: 4 }, 1), null);
});

test("what one points at moves to its neighbour, within the padded input, or through all weights", () => {
  const model = modelOf({ image: [4, 5, 2], kernel: [3, 2], padding: [[1, 2], [0, 3]] });
  const pixel = (/** @type {number} */ row, /** @type {number} */ col) => ({ part: /** @type {const} */ ("input"), row, col });
  assert.deepEqual(movedFocus(model, pixel(1, 1), 1, 0), pixel(2, 1));
  assert.deepEqual(movedFocus(model, pixel(-1, 0), -1, -1), pixel(-1, 0));
  assert.deepEqual(movedFocus(model, pixel(5, 7), 1, 1), pixel(5, 7));
  const weight = (/** @type {number} */ channel, /** @type {number} */ row, /** @type {number} */ col) =>
    ({ part: /** @type {const} */ ("weight"), channel, row, col });
  assert.deepEqual(movedFocus(model, weight(0, 1, 0), 0, 1), weight(0, 1, 1));
  assert.deepEqual(movedFocus(model, weight(0, 2, 1), 1, 0), weight(1, 0, 1));
  assert.deepEqual(movedFocus(model, weight(1, 0, 1), -1, 1), weight(0, 2, 1));
  assert.deepEqual(movedFocus(model, weight(1, 2, 0), 1, -1), weight(1, 2, 0));
});
