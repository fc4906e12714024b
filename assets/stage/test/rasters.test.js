import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WHOLE, seenBy, visibleRegion, zoomedBy } from "../camera.js";
import { DARK, LIGHT } from "../colour.js";
import { layoutStage } from "../layout.js";
import { buildModel, cellAt, inputAt } from "../model.js";
import { decodePayload } from "../payload.js";
import { RasterStore } from "../rasters.js";
import { colouring } from "../views.js";
import { encode, modelOf, walk } from "./helpers.js";

/** @import { Camera } from "../camera.js" */
/** @import { Model } from "../model.js" */
/** @import { Raster, Look } from "../rasters.js" */
/** @import { Experiment } from "./helpers.js" */

// A canvas that keeps what is put on it: all that a raster is asked for.
class Canvas {
  constructor() {
    this.width = 0;
    this.height = 0;
    this.data = new Uint8ClampedArray(0);
  }
  getContext() {
    return {
      createImageData: (/** @type {number} */ w, /** @type {number} */ h) => ({ data: new Uint8ClampedArray(4 * w * h) }),
      putImageData: (/** @type {{data: Uint8ClampedArray<ArrayBuffer>}} */ { data }) => {
        this.data = data;
      },
    };
  }
}

before(() => Object.assign(globalThis, { document: { createElement: () => new Canvas() } }));
after(() => Reflect.deleteProperty(globalThis, "document"));

/** @type {Look} */
const LOOK = { palette: LIGHT, view: "raw", scale: "own", channel: 0 };

/**
 * @param {Model} model
 * @param {{look?: Partial<Look>, camera?: Camera, feature?: number, store?: RasterStore}} [options]
 */
function rastersOf(model, { look = {}, camera = WHOLE, feature = 0, store = new RasterStore(model, null) } = {}) {
  const layout = seenBy(layoutStage(model, 1040), camera);
  return { layout, ...store.rasters({ ...LOOK, ...look }, layout, feature, 1) };
}

/**
 * The colour that a raster has for a pixel of its picture.
 *
 * @param {Raster} raster
 * @param {number} row
 * @param {number} col
 */
function colourAt({ canvas, region }, row, col) {
  const { width, height, data } = /** @type {Canvas} */ (/** @type {unknown} */ (canvas));
  const r = Math.floor(((row + 0.5 - region.row) * height) / region.rows);
  const c = Math.floor(((col + 0.5 - region.col) * width) / region.cols);
  return Array.from(data.subarray(4 * (r * width + c), 4 * (r * width + c) + 3));
}

for (const boundary of /** @type {const} */ (["zeros", "reflect", "replicate", "circular"])) {
  test(`the photo stands in a ring of what the padding holds: ${boundary}`, () => {
    const model = modelOf({ image: [4, 5, 3], kernel: [3, 3], padding: [[2, 1], [1, 3]], boundary });
    const { input } = rastersOf(model);
    assert.equal(input.length, 1);
    for (let row = 0; row < 7; row++) {
      for (let col = 0; col < 9; col++) {
        const [r, c] = [walk(row - 2, 4, boundary), walk(col - 1, 5, boundary)];
        const expected = [0, 1, 2].map((k) => (r < 0 || c < 0 ? 0 : inputAt(model, (r * 5 + c) * 3 + k)));
        assert.deepEqual(colourAt(input[0], row, col), expected, `${row}, ${col}`);
      }
    }
  });
}

test("of another input one channel is shown, as chosen", () => {
  const model = modelOf({ image: [3, 3, 5], kernel: [1, 1] });
  for (const channel of [0, 4]) {
    const { input } = rastersOf(model, { look: { channel } });
    const grey = inputAt(model, (1 * 3 + 2) * 5 + channel);
    assert.deepEqual(colourAt(input[0], 1, 2), [grey, grey, grey]);
  }
});

// 3000 columns are more than a raster has: its picture is sampled.
/** @type {Experiment} */
const WIDE = { image: [6, 3000, 3], kernel: [1, 1], seed: 8 };

test("of a picture that is too large for a raster, the part that is zoomed into is drawn pixel by pixel", () => {
  const model = modelOf(WIDE);
  const whole = rastersOf(model);
  assert.equal(whole.input.length, 1);
  const camera = zoomedBy(WHOLE, 60, 100, 0.5, 0.7);
  const { input, layout } = rastersOf(model, { camera });
  assert.equal(input.length, 2);
  const seen = visibleRegion(layout.input);
  for (let row = Math.floor(seen.row); row < seen.row + seen.rows; row++) {
    for (let col = Math.ceil(seen.col); col < seen.col + seen.cols - 1; col++) {
      assert.deepEqual(colourAt(input[1], row, col), [0, 1, 2].map((k) => inputAt(model, (row * 3000 + col) * 3 + k)));
    }
  }
});

/** A map of which only every third cell is sent. */
function sampledModel() {
  /** @type {Experiment} */
  const experiment = { image: [30, 60, 1], kernel: [3, 3], features: 2, seed: 3 };
  const payload = decodePayload(encode(experiment));
  const { levels } = payload;
  const [rows, cols] = [10, 20];
  payload.levelsShape = [2, rows, cols];
  payload.levels = new Int16Array(2 * rows * cols).fill(levels[0]);
  return buildModel(payload);
}

test("of a map that is sampled, the part that is zoomed into is computed cell by cell", () => {
  const model = sampledModel();
  const { maps, layout } = rastersOf(model, { camera: zoomedBy(WHOLE, 4, 100, 0.3, 0.6), feature: 1 });
  assert.deepEqual(maps.map((rasters) => rasters.length), [1, 2]);
  const colour = colouring("raw", model.payload.header.features[1].limit, 255, LIGHT);
  const seen = visibleRegion(layout.output);
  for (let row = Math.ceil(seen.row); row < seen.row + seen.rows - 1; row++) {
    for (let col = Math.ceil(seen.col); col < seen.col + seen.cols - 1; col++) {
      assert.deepEqual(colourAt(maps[1][1], row, col), colour(cellAt(model, row, col, 1).value), `${row}, ${col}`);
    }
  }
});

test("what has been drawn is drawn again only where it looks another way", () => {
  const model = modelOf({ image: [9, 9, 3], kernel: [3, 3], features: 2 });
  const store = new RasterStore(model, null);
  const first = rastersOf(model, { store });
  const again = rastersOf(model, { store, feature: 1, camera: zoomedBy(WHOLE, 2, 9) });
  assert.equal(again.input[0], first.input[0]);
  assert.equal(again.maps[1][0], first.maps[1][0]);
  const relu = rastersOf(model, { store, look: { view: "relu" } });
  assert.equal(relu.input[0], first.input[0]);
  assert.notEqual(relu.maps[0][0], first.maps[0][0]);
  const dark = rastersOf(model, { store, look: { palette: DARK } });
  assert.equal(dark.input[0], first.input[0], "a photo has no theme");
  assert.notDeepEqual(colourAt(dark.maps[0][0], 0, 0), colourAt(first.maps[0][0], 0, 0));
});

test("a change of the kernels leaves the photo as it was, a change of its padding does not", () => {
  const payload = decodePayload(encode({ image: [9, 9, 3], kernel: [3, 3] }));
  const model = buildModel(payload);
  const store = new RasterStore(model, null);
  const { input } = rastersOf(model, { store });
  const other = buildModel({ ...payload, bank: payload.bank.map((weight) => -weight) });
  assert.equal(rastersOf(other, { store: new RasterStore(other, store) }).input[0], input[0]);
  const header = { ...payload.header, boundary: /** @type {const} */ ("reflect") };
  const padded = buildModel({ ...payload, header });
  assert.notEqual(rastersOf(padded, { store: new RasterStore(padded, store) }).input[0], input[0]);
});

test("a small move needs no new detail, a large one does", () => {
  const model = modelOf(WIDE);
  const store = new RasterStore(model, null);
  const at = (/** @type {number} */ col) => rastersOf(model, { store, camera: zoomedBy(WHOLE, 60, 100, 0.5, col) }).input[1];
  const first = at(0.7);
  assert.equal(at(0.701), first);
  assert.notEqual(at(0.2), first);
});
