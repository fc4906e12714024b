// What is painted where one looks closer: numbers on pixels and cells, the loupe, many channels, one tap, a half turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WHOLE, mostZoom, seenBy, visibleRegion, zoomedBy } from "../camera.js";
import { LIGHT, css, inkOn } from "../colour.js";
import { layoutStage } from "../layout.js";
import { cellAt, channelNames, channelSumsOf, inputAt, valuesIn } from "../model.js";
import { paint } from "../painter.js";
import { ADD, BIAS, MULTIPLY, SUM, TAKE, makeScene } from "../scene.js";
import { Recorder, SOBEL, anyExperiment, contains, forAll, modelOf, overlap, readNumber } from "./helpers.js";

/** @import { Camera } from "../camera.js" */
/** @import { Picture, Rect } from "../layout.js" */
/** @import { View } from "../scene.js" */
/** @import { Experiment } from "./helpers.js" */

/**
 * @param {Experiment} experiment
 * @param {Partial<View> & {camera?: Camera, loupe?: boolean, width?: number}} [options]
 */
function painted(experiment, { camera = WHOLE, loupe = false, width = 1040, ...view } = {}) {
  const model = modelOf(experiment);
  const scene = makeScene(model, { step: 0, fraction: 0, feature: 0, pointed: null, still: true, ...view });
  const whole = layoutStage(model, width, 470, view.channel);
  const layout = seenBy(whole, { ...camera, zoom: Math.min(camera.zoom, mostZoom(whole)) });
  const recorder = new Recorder();
  paint(recorder.context, scene, layout, { input: [], maps: model.payload.header.features.map(() => []) }, {
    palette: LIGHT, family: "sans-serif", loupe,
  });
  return { model, scene, layout, recorder };
}

/**
 * @param {Picture} picture
 * @param {number} row
 * @param {number} col
 * @returns {Rect}
 */
const cellOf = ({ area, px }, row, col) => ({ x: area.x + col * px, y: area.y + row * px, w: px, h: px });

const LARGE = { ...SOBEL, image: /** @type {[number, number, number]} */ ([40, 40, 3]), maps: undefined };

test("a pixel that is large enough has the numbers of its channels on it, and no other has", () => {
  const camera = zoomedBy(WHOLE, 5, 100, 0.6, 0.4);
  const { model, layout, recorder } = painted(LARGE, { camera });
  const seen = visibleRegion(layout.input);
  let count = 0;
  for (let row = 0; row < model.rows; row++) {
    for (let col = 0; col < model.cols; col++) {
      const isSeen = row + 1 > seen.row && row < seen.row + seen.rows && col + 1 > seen.col && col < seen.col + seen.cols;
      const texts = recorder.textsIn(cellOf(layout.input, row, col)).filter(({ box }) => box.x < layout.input.frame.x + layout.input.frame.w + 40);
      const expected = [0, 1, 2].map((c) => inputAt(model, (row * model.cols + col) * 3 + c));
      if (!isSeen) continue;
      assert.deepEqual(texts.map(({ text }) => readNumber(text)), expected, `row ${row}, column ${col}`);
      assert.equal(new Set(texts.map(({ colour }) => colour)).size, 1);
      assert.equal(texts[0].colour, inkOn(/** @type {any} */ (expected)));
      count++;
    }
  }
  assert.ok(count > 30);
  const none = painted(LARGE);
  assert.deepEqual(none.recorder.textsIn(cellOf(none.layout.input, 5, 5)), []);
});

test("a cell that is large enough has its value on it, once it is written", () => {
  const step = 19 * 38 + 10;
  const { model, layout, recorder } = painted(LARGE, { camera: zoomedBy(WHOLE, 6, 100), step });
  const seen = visibleRegion(layout.output);
  for (let row = Math.ceil(seen.row); row < Math.floor(seen.row + seen.rows); row++) {
    for (let col = Math.ceil(seen.col); col < Math.floor(seen.col + seen.cols); col++) {
      const texts = recorder.textsIn(cellOf(layout.output, row, col)).map(({ text }) => readNumber(text));
      const { value } = cellAt(model, row, col, 0);
      assert.deepEqual(texts, row * model.outCols + col <= step ? [value] : [], `row ${row}, column ${col}`);
    }
  }
});

test("the values of many cells are those of each", () => {
  forAll(81, 200, (random) => {
    const experiment = anyExperiment(random, { channels: 7 });
    const model = modelOf(experiment);
    const [row, col] = [random.integer(0, model.outRows - 1), random.integer(0, model.outCols - 1)];
    const [rows, cols] = [random.integer(1, model.outRows - row), random.integer(1, model.outCols - col)];
    return { model, experiment, region: { row, col, rows, cols }, feature: random.integer(0, model.features - 1) };
  }, ({ model, region, feature }) => {
    const values = valuesIn(model, feature, region);
    const sums = channelSumsOf(model, feature, [region.row], [region.col]);
    assert.deepEqual([...sums], cellAt(model, region.row, region.col, feature).channelSums.map((sum) => sum + 0));
    values.forEach((value, i) => {
      const cell = cellAt(model, region.row + Math.floor(i / region.cols), region.col + (i % region.cols), feature);
      assert.equal(value, cell.value);
    });
  });
});

test("pixel values from 0 to 1 are the bytes' shares of 255, rounded to float32, before anything is computed", () => {
  const pixels = [0, 1, 51, 254, 255, 128];
  const one = modelOf({ image: [2, 3, 1], kernel: [1, 1], bank: [3], bias: [0], pixels, top: 1 });
  pixels.forEach((byte, i) => {
    assert.equal(inputAt(one, i), Math.fround(byte / 255));
    const cell = cellAt(one, Math.floor(i / 3), i % 3, 0);
    assert.equal(cell.products[0], 3 * Math.fround(byte / 255));
  });
  assert.equal(one.inputLimit, 1);
});

test("the loupe shows the window and one pixel around it, with their numbers, and keeps clear of the window", () => {
  for (const step of [0, 37, 38 * 37, 38 * 38 - 1, 700]) {
    const { model, scene, layout, recorder } = painted(LARGE, { step, loupe: true });
    const { frame, area, px } = layout.input;
    const inFrame = recorder.texts().filter(({ x, y }) => contains(frame, { x, y, w: 0, h: 0 }));
    const { rowPositions, colPositions } = scene.cell;
    const expected = [];
    for (let row = rowPositions[0] - 1; row <= rowPositions[2] + 1; row++) {
      for (let col = colPositions[0] - 1; col <= colPositions[2] + 1; col++) {
        if (row < 0 || col < 0 || row >= model.rows || col >= model.cols) continue;
        for (let c = 0; c < 3; c++) expected.push(inputAt(model, (row * model.cols + col) * 3 + c));
      }
    }
    assert.deepEqual(inFrame.map(({ text }) => readNumber(text)), expected, `step ${step}`);
    const window = { x: area.x + colPositions[0] * px, y: area.y + rowPositions[0] * px, w: 3 * px, h: 3 * px };
    for (const { box } of inFrame) assert.ok(!overlap(box, window));
  }
  assert.deepEqual(painted(LARGE, { loupe: false }).recorder.texts().filter(({ x, y }) => y > 60 && x < 200 && x > 4 && y < 300), []);
});

for (const channels of [5, 9, 16]) {
  test(`of ${channels} channels one is unfolded, all have their sum, and nothing overlaps`, () => {
    /** @type {Experiment} */
    const experiment = { image: [9, 9, channels], kernel: [3, 3], seed: 4 };
    for (const channel of [0, 3, channels - 1]) {
      for (const width of [1040, 640, 360]) {
        const { scene, layout, recorder } = painted(experiment, { channel, width, step: 5 });
        assert.deepEqual(layout.channelRows.map((row) => row.channel), [channel]);
        assert.deepEqual(layout.foldedRows.map((row) => row.channel), channelNames(scene.model).map((_, c) => c).filter((c) => c !== channel));
        for (const { channel: c, subtotal } of [...layout.channelRows, ...layout.foldedRows]) {
          const [sum] = recorder.textsIn(subtotal);
          assert.ok(Math.abs(readNumber(sum.text) - scene.cell.channelSums[c]) <= 5e-6 * Math.abs(scene.cell.channelSums[c]));
        }
        const areas = [...layout.foldedRows.map(({ area }) => area), layout.channelRows[0].patch.area, layout.sum];
        areas.forEach((one, i) => areas.slice(i + 1).forEach((other) => assert.ok(!overlap(one, other))));
        const whole = scene.cell.channelSums.reduce((total, sum) => total + sum, 0);
        const [first] = recorder.textsIn(layout.sum);
        assert.ok(Math.abs(readNumber(first.text) - whole) <= 5e-6 * Math.abs(whole));
      }
    }
  });
}

test("a tap that is pointed at is spelled beside its product, within the stage", () => {
  /** @type {Experiment} */
  const experiment = { image: [20, 20, 3], kernel: [15, 15], seed: 9 };
  for (const [channel, row, col] of [[0, 0, 0], [1, 7, 7], [2, 14, 14]]) {
    const { scene, layout, recorder } = painted(experiment, { focus: { part: "tap", channel, row, col } });
    const at = (channel * 15 + row) * 15 + col;
    const label = recorder.texts().find(({ text }) => text.startsWith(`${"RGB"[channel]}, row ${row}, column ${col}: `));
    assert.ok(label);
    const said = /: (\S+)×(\S+) [=≈] (\S+)$/.exec(label.text);
    assert.ok(said);
    assert.equal(readNumber(said[1]), scene.cell.patch[at]);
    assert.equal(readNumber(said[2].replace(/[()]/g, "")), scene.cell.weights[at]);
    assert.equal(readNumber(said[3]), scene.cell.products[at]);
    assert.ok(contains({ x: 0, y: 0, w: layout.width, h: layout.height }, label.box));
  }
});

test("kernels that turn over begin where they stood before, and go round their middle with their numbers upright", () => {
  const bank = [1, 2, 3, 4, 5, 6];
  /** @type {Experiment} */
  const plain = { image: [5, 5, 1], kernel: [2, 3], bank, flip: false };
  const numbers = (/** @type {Experiment} */ experiment, /** @type {number} */ turning) => {
    const { layout, recorder } = painted(experiment, { turning });
    const { area } = layout.channelRows[0].weights;
    const near = { x: area.x - area.w / 2, y: area.y - area.h / 2, w: 2 * area.w, h: 2 * area.h };
    return recorder.textsIn(near).filter(({ text }) => bank.includes(readNumber(text)) && text.length === 1)
      .map(({ text, x, y }) => ({ text, x: Math.round(x), y: Math.round(y) }))
      .sort((a, b) => a.text.localeCompare(b.text));
  };
  const middles = (/** @type {ReturnType<typeof numbers>} */ some) => some.slice(0, 6).map(({ text, x, y }) => `${text} ${x} ${y}`);
  assert.deepEqual(middles(numbers({ ...plain, flip: true }, 0)), middles(numbers(plain, 1)));
  assert.notDeepEqual(middles(numbers({ ...plain, flip: true }, 1)), middles(numbers(plain, 1)));
  const half = numbers({ ...plain, flip: true }, 0.5);
  assert.notDeepEqual(middles(half), middles(numbers(plain, 1)));
});

test("the maps of a layer before are coloured about zero", () => {
  const { model, layout, recorder } = painted({ image: [4, 4, 2], kernel: [1, 1], pixels: new Float32Array(32).fill(-1.5) });
  const { area } = layout.channelRows[0].patch;
  assert.ok(model.signed);
  assert.equal(model.inputLimit, 1.5);
  const fill = recorder.of("fillRect").find(({ args }) => contains(area, { x: Number(args[0]), y: Number(args[1]), w: Number(args[2]), h: Number(args[3]) }));
  assert.equal(fill?.fillStyle, css(LIGHT.stops[0]));
});

/**
 * The numbers on their way, and where each is: those with a halo.
 *
 * @param {number} part that is done
 * @param {number} fraction of the way to the next
 * @param {Experiment} [experiment]
 */
function flying(part, fraction, experiment = { ...LARGE, image: [12, 12, 3], bias: [-40] }) {
  const painting = painted(experiment, { step: 13, part, fraction, still: false });
  const flights = painting.recorder.of("strokeText").map(({ args }) => ({ text: String(args[0]), x: Number(args[1]), y: Number(args[2]) }));
  return { ...painting, flights };
}

const middleOf = (/** @type {Rect} */ { x, y, w, h }) => ({ x: x + w / 2, y: y + h / 2 });

test("while the products are made, each pixel and each weight travels to its product", () => {
  const seen = new Set();
  for (const fraction of [0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]) travelling(fraction, seen);
  assert.equal(seen.size, 27, "each has been on its way, one after the other");
});

/**
 * @param {number} fraction
 * @param {Set<number>} seen
 */
function travelling(fraction, seen) {
  const { scene, layout, flights } = flying(TAKE, fraction);
  const { cell } = scene;
  assert.ok(flights.length % 6 === 0 && flights.length < 54);
  for (const { channel, patch, products } of layout.channelRows) {
    for (let tap = 0; tap < 9; tap++) {
      const [from, to] = [patch, products].map(({ area, cellW, cellH }) => ({
        x: area.x + ((tap % 3) + 0.5) * cellW, y: area.y + (Math.floor(tap / 3) + 0.5) * cellH,
      }));
      const number = flights.filter(({ text, x, y }) =>
        readNumber(text) === cell.patch[channel * 9 + tap] && y <= from.y && y > from.y - 25 && x > from.x && x < to.x);
      if (number.length >= 1) seen.add(channel * 9 + tap);
    }
  }
}

test("what is added travels to its sum: products, then subtotals, then the bias, then the value to its cell", () => {
  const sums = flying(MULTIPLY, 0.85);
  for (const { channel, products, subtotal } of sums.layout.channelRows) {
    const between = sums.flights.filter(({ x, y }) => y > subtotal.y && y < subtotal.y + subtotal.h && x > products.area.x && x < subtotal.x + 12);
    const own = Array.from(sums.scene.cell.products.subarray(9 * channel, 9 * channel + 9));
    assert.ok(between.length > 0);
    for (const { text } of between) assert.ok(own.includes(readNumber(text)));
  }
  const added = flying(SUM, 0.99);
  assert.deepEqual(added.flights.map(({ text }) => readNumber(text)), added.scene.cell.channelSums);
  for (const { x, y } of added.flights) assert.ok(contains(added.layout.sum, { x, y, w: 0, h: 0 }));
  const bias = flying(ADD, 0.99);
  assert.deepEqual(bias.flights.map(({ text }) => text), ["(−40)"]);
  assert.ok(contains(bias.layout.sum, { ...bias.flights[0], w: 0, h: 0 }));
  const value = flying(BIAS, 0.999);
  assert.deepEqual(value.flights.map(({ text }) => readNumber(text)), [value.scene.cell.value]);
  const { row, col } = value.scene.cell;
  const to = middleOf(cellOf(value.layout.output, row, col));
  assert.ok(Math.hypot(value.flights[0].x - to.x, value.flights[0].y - to.y) < 3);
});

test("the subtotals of many channels come together in one number", () => {
  const { scene, layout, flights } = flying(SUM, 0.999, { image: [9, 9, 9], kernel: [3, 3], seed: 2 });
  assert.equal(flights.length, 9);
  const whole = scene.cell.channelSums.reduce((total, sum) => total + sum, 0);
  assert.ok(flights.every(({ x, y }) => Math.hypot(x - flights[0].x, y - flights[0].y) < 2));
  assert.ok(contains(layout.sum, { ...flights[0], w: 0, h: 0 }) && Number.isFinite(whole));
});

test("where nothing travels, nothing has a halo", () => {
  assert.deepEqual(flying(SUM, 0.3).flights, []);
  const { recorder } = painted(LARGE, { part: TAKE, fraction: 0.9, still: true });
  assert.deepEqual(recorder.of("strokeText"), []);
});

test("a weight's places are marked where it has met them, and fainter where it will", () => {
  forAll(82, 60, (random) => {
    const experiment = anyExperiment(random);
    const model = modelOf(experiment);
    const [row, col] = [random.integer(0, model.kernelRows - 1), random.integer(0, model.kernelCols - 1)];
    return { experiment, step: random.integer(0, model.steps - 1), focus: { part: /** @type {const} */ ("weight"), channel: 0, row, col } };
  }, ({ experiment, step, focus }) => {
    const { model, scene, layout, recorder } = painted(experiment, { step, focus });
    const { area, px } = layout.input;
    const [[top], [left]] = model.payload.header.pads;
    const marks = recorder.of("fillRect").filter(({ fillStyle, args }) =>
      fillStyle === LIGHT.accent && contains(area, { x: Number(args[0]), y: Number(args[1]), w: Number(args[2]), h: Number(args[3]) }));
    for (let cell = 0; cell < model.steps; cell++) {
      const { rowPositions, colPositions } = cellAt(model, Math.floor(cell / model.outCols), cell % model.outCols, 0);
      const x = area.x + (colPositions[focus.col] + left + 0.5) * px;
      const y = area.y + (rowPositions[focus.row] + top + 0.5) * px;
      const over = marks.filter(({ args: [ax, ay, w, h] }) =>
        x > Number(ax) && x < Number(ax) + Number(w) && y > Number(ay) && y < Number(ay) + Number(h));
      assert.equal(over.length, 1, `cell ${cell} at step ${step}`);
      assert.equal(over[0].globalAlpha > 0.3, cell <= step, `cell ${cell} at step ${step}`);
    }
    assert.ok(scene.sharing);
  });
});

test("a window that is out of sight dims nothing", () => {
  const dimmed = (/** @type {Camera} */ camera) =>
    painted(LARGE, { camera, step: 0 }).recorder.calls.filter(({ op, fillStyle }) => op === "fill" && fillStyle === LIGHT.veil).length;
  assert.equal(dimmed(zoomedBy(WHOLE, 5, 100, 0, 0)), 1);
  assert.equal(dimmed(zoomedBy(WHOLE, 5, 100, 1, 1)), 0);
});

test("each cell that a pixel feeds is labelled with the weight on the way, in its place", () => {
  /** @type {Experiment} */
  const experiment = { image: [8, 8, 1], kernel: [3, 2], bank: [1, 2, 3, 4, 5, 6], stride: [1, 2], padding: "same" };
  for (const [row, col] of [[0, 0], [4, 3], [7, 7], [2, 6]]) {
    const { model, scene, layout, recorder } = painted(experiment, { focus: { part: "input", row, col } });
    assert.ok(layout.output.px >= 30);
    assert.ok(scene.scatter && scene.scatter.reach.length > 0);
    for (let r = 0; r < model.outRows; r++) {
      for (let c = 0; c < model.outCols; c++) {
        const cell = cellAt(model, r, c, 0);
        const tap = [cell.rowPositions.indexOf(row), cell.colPositions.indexOf(col)];
        const expected = tap.includes(-1) ? [] : [cell.weights[2 * tap[0] + tap[1]]];
        const texts = recorder.textsIn(cellOf(layout.output, r, c)).filter(({ size }) => size > 14.5 || size < 14);
        assert.deepEqual(texts.map(({ text }) => readNumber(text)), expected, `${row}, ${col} to ${r}, ${c}`);
      }
    }
  }
});
