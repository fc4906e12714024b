import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALLEST_TEXT, fitPicture, hitTest, layoutStage, numberFont } from "../layout.js";
import { contains, forAll, modelOf, overlap } from "./helpers.js";

/** @import { Layout, Rect } from "../layout.js" */
/** @import { Model } from "../model.js" */
/** @import { Experiment, Random } from "./helpers.js" */

const WIDTHS = [320, 358, 390, 480, 559, 560, 640, 700, 759, 760, 820, 999, 1000, 1100, 1280, 1400];
const ROOMS = [330, 470, 520];

/** @type {Experiment[]} */
const EXPERIMENTS = [
  { image: [64, 64, 3], kernel: [3, 3] },
  { image: [64, 64, 3], kernel: [3, 3], features: 4, padding: "same" },
  { image: [65, 65, 3], kernel: [3, 3], features: 16, stride: [4, 4] },
  { image: [1, 1, 1], kernel: [1, 1] },
  { image: [1, 1, 3], kernel: [15, 15], padding: "full", features: 2 },
  { image: [1, 50, 3], kernel: [1, 3], features: 9 },
  { image: [50, 1, 3], kernel: [3, 1], features: 9 },
  { image: [512, 8, 3], kernel: [5, 5], features: 3, padding: "same" },
  { image: [8, 512, 4], kernel: [5, 5], features: 16, padding: "full" },
  { image: [32, 32, 3], kernel: [15, 15], padding: "same", features: 5 },
  { image: [32, 32, 4], kernel: [15, 1] },
  { image: [32, 32, 2], kernel: [1, 15], features: 8 },
  { image: [32, 48, 3], kernel: [2, 7], stride: [5, 4], features: 6 },
  { image: [9, 9, 3], kernel: [2, 2], stride: [4, 4], features: 1 },
  {
    image: [3, 40, 1],
    kernel: [3, 3],
    padding: [
      [0, 20],
      [7, 0],
    ],
    boundary: "reflect",
  },
];

/** @param {Random} random @returns {Experiment} */
function anyShape(random) {
  const side = () => random.pick([1, 2, 8, 32, 64, random.integer(1, 200)]);
  const taps = () => random.pick([1, 2, 3, 5, 15, random.integer(1, 15)]);
  const stride = () => random.pick([1, 1, 2, 3, 7]);
  return {
    image: [side(), side(), random.integer(1, 4)],
    kernel: [taps(), taps()],
    features: random.pick([1, 1, 2, 4, 5, 8, 9, 16, random.integer(1, 16)]),
    stride: [stride(), stride()],
    padding: random.pick(["same", "full"]),
  };
}

/**
 * Everything that has a place of its own.
 *
 * @param {Layout} layout
 * @returns {Record<string, Rect>}
 */
function partsOf(layout) {
  /** @type {Record<string, Rect>} */
  const parts = {
    input: layout.input.area,
    output: layout.output.area,
    sum: layout.sum,
    "scale bar": layout.scaleBar,
    "input title": layout.inputTitle,
    "input note": layout.inputNote,
    "output title": layout.outputTitle,
    "arithmetic title": layout.arithmeticTitle,
  };
  layout.channelRows.forEach((row, c) => {
    parts[`patch ${c}`] = row.patch.area;
    parts[`weights ${c}`] = row.weights.area;
    parts[`products ${c}`] = row.products.area;
    parts[`subtotal ${c}`] = row.subtotal;
  });
  for (const { feature, picture } of layout.thumbs) parts[`thumb ${feature}`] = picture.area;
  return parts;
}

/**
 * @param {string} name
 * @param {(layout: Layout, model: Model) => void} law
 */
function everyLayout(name, law) {
  test(name, () => {
    for (const experiment of EXPERIMENTS) {
      const model = modelOf(experiment);
      for (const width of WIDTHS) {
        for (const room of ROOMS) {
          try {
            law(layoutStage(model, width, room), model);
          } catch (error) {
            throw new Error(
              `${/** @type {Error} */ (error).message}\nat width ${width}, room ${room}: ${JSON.stringify(experiment)}`,
              { cause: error },
            );
          }
        }
      }
    }
    forAll(
      1,
      200,
      (random) => ({
        experiment: anyShape(random),
        width: random.integer(320, 1400),
        room: random.integer(330, 520),
      }),
      ({ experiment, width, room }) => {
        const model = modelOf(experiment);
        law(layoutStage(model, width, room), model);
      },
    );
  });
}

everyLayout("no two parts overlap", (layout) => {
  const parts = Object.entries(partsOf(layout));
  parts.forEach(([name, rect], i) => {
    for (const [other, second] of parts.slice(i + 1)) {
      assert.ok(
        !overlap(rect, second),
        `${name} ${JSON.stringify(rect)} overlaps ${other} ${JSON.stringify(second)}`,
      );
    }
  });
});

everyLayout("every part lies on the stage", (layout) => {
  const stage = { x: 0, y: 0, w: layout.width, h: layout.height };
  for (const [name, rect] of Object.entries(partsOf(layout))) {
    assert.ok(contains(stage, rect), `${name} ${JSON.stringify(rect)} on ${layout.width} × ${layout.height}`);
  }
});

everyLayout("every size is a number, none is negative, and what is to be seen has one above zero", (layout) => {
  for (const [name, { x, y, w, h }] of Object.entries(partsOf(layout))) {
    assert.ok([x, y, w, h].every(Number.isFinite) && w >= 0 && h >= 0, `${name}: ${[x, y, w, h]}`);
    if (name !== "input note") assert.ok(w > 0 && h > 0, `${name}: ${[w, h]}`);
  }
  assert.ok(layout.font >= 12);
});

everyLayout("pictures have square pixels, one for every cell and padded pixel", (layout, model) => {
  const [[top, bottom], [left, right]] = model.payload.header.pads;
  const { input, output, thumbs } = layout;
  assert.deepEqual([input.rows, input.cols], [top + model.rows + bottom, left + model.cols + right]);
  for (const picture of [output, ...thumbs.map((thumb) => thumb.picture)]) {
    assert.deepEqual([picture.rows, picture.cols], [model.outRows, model.outCols]);
  }
  for (const { area, px, rows, cols } of [input, output, ...thumbs.map((thumb) => thumb.picture)]) {
    assert.ok(Math.abs(area.w - cols * px) < 1e-6 && Math.abs(area.h - rows * px) < 1e-6);
  }
});

everyLayout("each channel has three grids of the kernel's shape and a subtotal, left to right", (layout, model) => {
  assert.equal(layout.channelRows.length, model.channels);
  for (const { patch, weights, products, subtotal } of layout.channelRows) {
    for (const { area, cellW, cellH } of [patch, weights, products]) {
      assert.ok(
        Math.abs(area.w - model.kernelCols * cellW) < 1e-6 && Math.abs(area.h - model.kernelRows * cellH) < 1e-6,
      );
    }
    assert.ok(patch.area.x < weights.area.x && weights.area.x < products.area.x && products.area.x < subtotal.x);
  }
});

everyLayout("one map has no thumbnails; several have one each, in order", (layout, model) => {
  const expected = model.features > 1 ? Array.from({ length: model.features }, (_, i) => i) : [];
  assert.deepEqual(
    layout.thumbs.map(({ feature }) => feature),
    expected,
  );
});

everyLayout("pointing anywhere within a cell finds that cell", (layout) => {
  for (const part of /** @type {const} */ (["input", "output"])) {
    const { area, px, rows, cols } = layout[part];
    for (const row of new Set([0, rows >> 1, rows - 1])) {
      for (const col of new Set([0, cols >> 1, cols - 1])) {
        for (const [down, across] of [
          [0.01, 0.01],
          [0.5, 0.5],
          [0.99, 0.01],
          [0.01, 0.99],
          [0.99, 0.99],
        ]) {
          assert.deepEqual(hitTest(layout, area.x + (col + across) * px, area.y + (row + down) * px), {
            part,
            row,
            col,
          });
        }
      }
    }
  }
  for (const { feature, picture } of layout.thumbs) {
    const { x, y, w, h } = picture.area;
    for (const at of [0.01, 0.5, 0.99])
      assert.deepEqual(hitTest(layout, x + at * w, y + at * h), { part: "thumb", feature });
  }
});

everyLayout("pointing beside the pictures finds nothing", (layout) => {
  for (const [name, { x, y, w, h }] of Object.entries(partsOf(layout))) {
    if (name === "input" || name === "output" || name.startsWith("thumb") || /weights|patch|products/.test(name)) continue;
    if (w * h > 0) assert.equal(hitTest(layout, x + w / 2, y + h / 2), null, name);
  }
  assert.equal(hitTest(layout, -1, -1), null);
  assert.equal(hitTest(layout, layout.width + 1, layout.height + 1), null);
});

test("where the canvas keeps to its room, a wide stage is no higher than that", () => {
  for (const room of ROOMS) {
    for (const width of [1000, 1280, 1400]) {
      for (const features of [1, 4, 16]) {
        const { height } = layoutStage(modelOf({ image: [64, 64, 3], kernel: [3, 3], features }), width, room);
        assert.ok(height <= room + 16, `${height} of ${room} at width ${width}, ${features} features`);
      }
    }
  }
});

test("the same model and width give the same layout", () => {
  forAll(
    2,
    50,
    (random) => ({ experiment: anyShape(random), width: random.integer(320, 1400) }),
    ({ experiment, width }) => {
      assert.deepEqual(layoutStage(modelOf(experiment), width), layoutStage(modelOf(experiment), width));
    },
  );
});

test("a picture touches its room on two sides at least, and never leaves it", () => {
  forAll(
    3,
    500,
    (random) => ({
      rows: random.integer(1, 600),
      cols: random.integer(1, 600),
      room: { x: random.real(0, 50), y: random.real(0, 50), w: random.real(20, 600), h: random.real(20, 600) },
    }),
    ({ rows, cols, room }) => {
      const { area, px } = fitPicture(rows, cols, room);
      assert.ok(contains(room, area));
      assert.ok(Math.min(room.w - area.w, room.h - area.h) < 1e-6);
      assert.ok(Math.abs(area.w / cols - px) < 1e-9 && Math.abs(area.h / rows - px) < 1e-9);
    },
  );
});

test("numbers in cells fit them, and are left out where they could not be read", () => {
  forAll(
    4,
    2000,
    (random) => ({ w: random.real(3, 60), h: random.real(3, 60), characters: random.integer(1, 9) }),
    ({ w, h, characters }) => {
      const size = numberFont(w, h, characters);
      assert.ok(size === 0 || size >= SMALLEST_TEXT);
      assert.ok(size * 0.5 * characters <= w && size <= h);
      assert.ok(numberFont(2 * w, 2 * h, characters) >= size, "a larger cell never has smaller numbers");
    },
  );
  assert.ok(numberFont(44, 40, 3) >= 12, "a colour photo's pixels in a 3 × 3 window are easy to read");
});

everyLayout("pointing at a weight finds its channel, row and column", (layout) => {
  layout.channelRows.forEach(({ weights: { area, cellW, cellH } }, channel) => {
    const rows = Math.round(area.h / cellH);
    const cols = Math.round(area.w / cellW);
    for (const [row, col] of [[0, 0], [rows - 1, 0], [0, cols - 1], [rows - 1, cols - 1]]) {
      const hit = hitTest(layout, area.x + (col + 0.5) * cellW, area.y + (row + 0.5) * cellH);
      assert.deepEqual(hit, { part: "weight", channel, row, col });
    }
  });
});

everyLayout("pointing at a pixel of the window or at a product finds the tap", (layout) => {
  layout.channelRows.forEach(({ channel, patch, products }) => {
    for (const { area, cellW, cellH } of [patch, products]) {
      const [row, col] = [Math.round(area.h / cellH) - 1, Math.round(area.w / cellW) - 1];
      const hit = hitTest(layout, area.x + (col + 0.5) * cellW, area.y + (row + 0.5) * cellH);
      assert.deepEqual(hit, { part: "tap", channel, row, col });
    }
  });
});

test("pointing at a folded channel finds it", () => {
  const layout = layoutStage(modelOf({ image: [9, 9, 16], kernel: [3, 3] }), 1040, 470, 5);
  for (const { channel, area } of layout.foldedRows) {
    assert.deepEqual(hitTest(layout, area.x + 3, area.y + area.h / 2), { part: "channel", channel });
  }
});
