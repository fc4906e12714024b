import assert from "node:assert/strict";
import { test } from "node:test";
import { DARK, LIGHT, css, diverging, luminance } from "../colour.js";
import { layoutStage } from "../layout.js";
import { channelNames } from "../model.js";
import { paint } from "../painter.js";
import { makeScene } from "../scene.js";
import {
  Recorder,
  SOBEL,
  anyExperiment,
  contains,
  evaluate,
  forAll,
  modelOf,
  overlap,
  readNumber,
} from "./helpers.js";

/** @import { Palette, Rgb } from "../colour.js" */
/** @import { Grid, Layout, Rect } from "../layout.js" */
/** @import { Model } from "../model.js" */
/** @import { Rasters } from "../rasters.js" */
/** @import { Scene, View } from "../scene.js" */
/** @import { Call, Experiment } from "./helpers.js" */

/**
 * @typedef {object} Painting
 * @property {Recorder} recorder
 * @property {Model} model
 * @property {Scene} scene
 * @property {Layout} layout
 * @property {Rasters} rasters
 */

/**
 * @param {Model} model
 * @returns {Rasters} pictures of which only the size is known
 */
function blankRasters({ payload, outRows, outCols, features, rows, cols }) {
  const [[top, bottom], [left, right]] = payload.header.pads;
  const raster = (/** @type {number} */ height, /** @type {number} */ width) => [{
    canvas: /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ ({ width, height })),
    region: { row: 0, col: 0, rows: height, cols: width },
  }];
  return {
    input: raster(top + rows + bottom, left + cols + right),
    maps: Array.from({ length: features }, () => raster(outRows, outCols)),
  };
}

/**
 * @param {Experiment} experiment
 * @param {Partial<View> & {width?: number, palette?: Palette, room?: number}} [options]
 * @returns {Painting}
 */
function painted(experiment, { width = 1040, room, palette = LIGHT, ...view } = {}) {
  const model = modelOf(experiment);
  const scene = makeScene(model, { step: 0, fraction: 0, feature: 0, pointed: null, still: false, ...view });
  const layout = layoutStage(model, width, room);
  const rasters = blankRasters(model);
  const recorder = new Recorder();
  paint(recorder.context, scene, layout, rasters, { palette, family: "sans-serif" });
  return { recorder, model, scene, layout, rasters };
}

/**
 * @param {Grid} grid
 * @param {number} cols
 * @param {number} at
 * @returns {Rect}
 */
function cellOf({ area, cellW, cellH }, cols, at) {
  return { x: area.x + (at % cols) * cellW, y: area.y + Math.floor(at / cols) * cellH, w: cellW, h: cellH };
}

/**
 * The parts of the photo that are hatched, as rectangles of pixels.
 *
 * @param {Painting} painting
 */
function hatched({ recorder, layout, model }) {
  const { area, px } = layout.input;
  const [[top], [left]] = model.payload.header.pads;
  return recorder.of("clip").flatMap(({ clip }) => {
    if (!clip || !contains(area, clip)) return [];
    const n = (/** @type {number} */ value) => Math.round((value / px) * 1e6) / 1e6;
    return [{ row: n(clip.y - area.y) - top, col: n(clip.x - area.x) - left, rows: n(clip.h), cols: n(clip.w) }];
  });
}

/**
 * @param {Painting} painting
 * @returns {Rect} the window, on the stage
 */
function windowOf({ scene, layout, model }) {
  const { area, px } = layout.input;
  const [[top], [left]] = model.payload.header.pads;
  const { rowPositions, colPositions } = scene.cell;
  return {
    x: area.x + (scene.windowAt.col + left) * px,
    y: area.y + (scene.windowAt.row + top) * px,
    w: (colPositions[colPositions.length - 1] - colPositions[0] + 1) * px,
    h: (rowPositions[rowPositions.length - 1] - rowPositions[0] + 1) * px,
  };
}

/** @param {Call} call */
function strokeBox({ args, lineWidth }) {
  const [x, y, w, h] = /** @type {number[]} */ (args);
  return { x: x - lineWidth / 2, y: y - lineWidth / 2, w: w + lineWidth, h: h + lineWidth };
}

/**
 * The outlines around a rectangle, no further from it than five pixels.
 *
 * @param {Recorder} recorder
 * @param {Rect} rect
 * @param {string} colour
 */
function outlinesOf(recorder, rect, colour) {
  const around = { x: rect.x - 5, y: rect.y - 5, w: rect.w + 10, h: rect.h + 10 };
  return recorder.of("strokeRect").filter((call) => {
    return call.strokeStyle === colour && contains(strokeBox(call), rect) && contains(around, strokeBox(call));
  });
}

/** @param {string} colour @returns {Rgb} */
function rgbOf(colour) {
  const [r, g, b] = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : (colour.match(/\d+/g) ?? []).map(Number);
  return [r, g, b];
}

/** @type {Experiment} */
const BOX = { ...SOBEL, bank: Array(27).fill(1 / 9), bias: [0], padding: "same" };

/** @type {Experiment} */
const DILATED = { ...SOBEL, dilation: [2, 2] };

/** @type {[string, Experiment][]} */
const KINDS = [
  ["Sobel", SOBEL],
  [
    "Sobel, same, stride 2, four features",
    {
      ...SOBEL,
      image: [64, 64, 3],
      bank: Array(4).fill(SOBEL.bank).flat(),
      bias: [0, 1, -2, 3],
      features: 4,
      padding: "same",
      stride: [2, 2],
      maps: undefined,
    },
  ],
  [
    "sixteen features of a wide photo",
    { image: [24, 60, 3], kernel: [3, 3], features: 16, boundary: "reflect", padding: "full" },
  ],
  ["a grey photo", { image: [10, 10, 1], kernel: [3, 3] }],
  ["four channels", { image: [10, 10, 4], kernel: [3, 3] }],
  ["a photo with unread rows, columns and gaps", { image: [32, 33, 3], kernel: [2, 2], stride: [7, 5], flip: true }],
  [
    "a large kernel with long numbers",
    {
      image: [32, 32, 3],
      kernel: [15, 15],
      bank: Array.from({ length: 675 }, (_, i) => Math.exp(-i / 300) / 77),
      padding: "same",
    },
  ],
  ["a column of pixels", { image: [50, 1, 3], kernel: [3, 1], features: 2 }],
  ["a row of pixels", { image: [1, 50, 3], kernel: [1, 3], padding: "same", boundary: "circular" }],
  ["one pixel", { image: [1, 1, 3], kernel: [1, 1] }],
  [
    "huge weights",
    {
      image: [8, 8, 3],
      kernel: [3, 3],
      bank: Array.from({ length: 27 }, (_, i) => 1e6 - 12345.678 * i),
      bias: [-98765.4321],
      maps: [{ name: "Own kernel", low: -123456.789, high: 3456789.125, limit: 3456789.125, below: 0, above: 0 }],
    },
  ],
  [
    "tiny weights",
    {
      image: [8, 8, 3],
      kernel: [3, 3],
      bank: Array.from({ length: 27 }, (_, i) => (i - 13) * 1.2345e-5),
      bias: [0],
      maps: [{ name: "Own kernel", low: -0.0123456, high: 0.00234567, limit: 0.0123456, below: 0, above: 0 }],
    },
  ],
];

// What is left for the stage at 390 × 844, 1024 × 768 and 1440 × 900, and some sizes between.
const WIDTHS = [320, 358, 560, 700, 780, 1040, 1400];

/**
 * @param {string} name
 * @param {(painting: Painting) => void} law
 */
function everyPainting(name, law) {
  test(name, () => {
    for (const [kind, experiment] of KINDS) {
      const last = modelOf(experiment).steps - 1;
      for (const width of WIDTHS) {
        for (const step of [0, last]) {
          for (const room of [330, 470]) {
            try {
              law(painted(experiment, { width, room, step, feature: (experiment.features ?? 1) - 1 }));
            } catch (error) {
              throw new Error(
                `${/** @type {Error} */ (error).message}\nwith ${kind} at width ${width}, room ${room}, step ${step}`,
                { cause: error },
              );
            }
          }
        }
      }
    }
  });
}

test("painting the same scene again makes the same calls", () => {
  forAll(
    1,
    60,
    (random) => anyExperiment(random),
    (experiment) => {
      const { recorder, scene, layout, rasters } = painted(experiment, { palette: DARK });
      const again = new Recorder();
      for (let i = 0; i < 2; i++)
        paint(again.context, scene, layout, rasters, { palette: DARK, family: "sans-serif" });
      assert.deepEqual(again.calls.slice(0, recorder.calls.length), recorder.calls);
      assert.deepEqual(again.calls.slice(recorder.calls.length), recorder.calls);
    },
  );
});

test("the stage is wiped first, and every saved state is restored", () => {
  for (const [, experiment] of KINDS) {
    const { recorder, layout } = painted(experiment);
    assert.deepEqual(
      [recorder.calls[0].op, recorder.calls[0].args],
      ["fillRect", [0, 0, layout.width, layout.height]],
    );
    assert.equal(recorder.calls[0].fillStyle, LIGHT.ground);
    assert.equal(recorder.of("save").length, recorder.of("restore").length);
    assert.equal(recorder.saved.length, 0);
  }
});

for (const [kind, experiment] of /** @type {[string, Experiment][]} */ ([
  ["Sobel", SOBEL],
  ["box", BOX],
  ["Sobel, flipped", { ...SOBEL, flip: true }],
])) {
  test(`${kind}: each cell of the three grids holds its number, for every channel and step`, () => {
    const { steps, channels } = modelOf(experiment);
    for (let step = 0; step < steps; step++) {
      const { recorder, scene, layout } = painted(experiment, { step });
      for (let c = 0; c < channels; c++) {
        for (const part of /** @type {const} */ (["patch", "weights", "products"])) {
          for (let at = 0; at < 9; at++) {
            const texts = recorder.textsIn(cellOf(layout.channelRows[c][part], 3, at));
            const value = scene.cell[part][9 * c + at];
            assert.equal(texts.length, 1, `${part} ${c}, ${at}: ${texts.map(({ text }) => text)}`);
            const read = readNumber(texts[0].text);
            if (part === "products")
              assert.ok(Math.abs(read - value) <= 0.0051 * Math.abs(value), `${texts[0].text} for ${value}`);
            else assert.ok(Math.abs(read - value) < 1e-12, `${texts[0].text} for ${value}`);
          }
        }
      }
    }
  });
}

for (const [name, palette] of /** @type {[string, Palette][]} */ ([
  ["light", LIGHT],
  ["dark", DARK],
])) {
  test(`${name}: weights and products are coloured by their sign, and 0 is neutral`, () => {
    const { recorder, scene, layout } = painted(SOBEL, { palette, step: 6 });
    const neutral = css(diverging(0, palette));
    for (const part of /** @type {const} */ (["weights", "products"])) {
      scene.cell[part].slice(0, 9).forEach((value, at) => {
        const { x, y } = cellOf(layout.channelRows[0][part], 3, at);
        const fills = recorder.of("fillRect").filter(({ args }) => args[0] === x && args[1] === y);
        const { fillStyle } = fills[fills.length - 1];
        const [r, , b] = rgbOf(fillStyle);
        if (value === 0) assert.equal(fillStyle, neutral);
        else assert.ok(value < 0 ? b > r : r > b, `${part} ${value} is ${fillStyle}`);
      });
    }
  });

  test(`${name}: every number in a grid can be read on its cell`, () => {
    forAll(
      2,
      40,
      (random) => anyExperiment(random),
      (experiment) => {
        const { recorder, layout, model } = painted(experiment, { palette });
        for (const { patch, weights, products } of layout.channelRows) {
          for (const grid of [patch, weights, products]) {
            for (let at = 0; at < model.kernelRows * model.kernelCols; at++) {
              const rect = cellOf(grid, model.kernelCols, at);
              const ground =
                recorder.of("fillRect").find(({ args }) => args[0] === rect.x && args[1] === rect.y)?.fillStyle ?? "";
              for (const { colour } of recorder.textsIn(rect)) {
                const [a, b] = [luminance(rgbOf(ground)) + 0.05, luminance(rgbOf(colour)) + 0.05];
                assert.ok(Math.max(a / b, b / a) >= 4.5, `${colour} on ${ground}`);
              }
            }
          }
        }
      },
    );
  });
}

test("numbers that would be too small to read are left out, not written small", () => {
  const { recorder, layout } = painted({ image: [32, 32, 3], kernel: [15, 15] }, { width: 780 });
  for (const { patch, weights, products } of layout.channelRows) {
    for (const { area } of [patch, weights, products]) assert.deepEqual(recorder.textsIn(area), []);
  }
});

test("beside its products each channel has its name and the sum of the products", () => {
  forAll(
    3,
    60,
    (random) => anyExperiment(random, { whole: true }),
    (experiment) => {
      const { recorder, scene, layout, model } = painted(experiment);
      channelNames(model).forEach((name, c) => {
        const { subtotal, patch } = layout.channelRows[c];
        const band = { x: 0, y: patch.area.y + patch.area.h / 2 - 1, w: patch.area.x, h: 2 };
        const mark = layout.wide
          ? recorder.textsIn(band).filter(({ x }) => x > layout.input.area.x + layout.input.area.w)
          : recorder.textsIn(band);
        assert.ok(mark.some(({ text }) => text === name));
        assert.deepEqual(
          recorder.textsIn(subtotal).map(({ text }) => readNumber(text)),
          [scene.cell.channelSums[c] + 0],
        );
      });
    },
  );
});

test("the sum line has every channel's sum, the bias and the value over their names, with + and = between", () => {
  forAll(
    4,
    200,
    (random) => ({ experiment: anyExperiment(random), width: random.pick(WIDTHS) }),
    ({ experiment, width }) => {
      const { recorder, scene, layout, model } = painted(experiment, { width });
      const texts = recorder.textsIn(layout.sum).sort((a, b) => a.x - b.x);
      const names = [...channelNames(model), "bias", "value"];
      const lower = Math.max(...texts.map(({ y }) => y));
      assert.deepEqual(
        texts.filter(({ y }) => y === lower).map(({ text }) => text),
        names,
      );
      const line = texts.filter(({ y }) => y < lower);
      assert.deepEqual(
        line.filter((_, i) => i % 2).map(({ text }) => text.replace("≈", "=")),
        [...Array(names.length - 2).fill("+"), "="],
      );
      const read = line.filter((_, i) => i % 2 === 0).map(({ text }) => evaluate(text));
      [...scene.cell.channelSums, scene.cell.bias, scene.cell.value].forEach((value, i) => {
        assert.ok(Math.abs(read[i] - value) <= 0.5e-5 * Math.abs(value), `${read[i]} for ${value}`);
      });
      texts
        .filter(({ y }) => y === lower)
        .forEach(({ x }, i) => assert.ok(Math.abs(x - line[2 * i].x) < 1e-6, "a name stands under its number"));
    },
  );
});

test("where the sum line says =, the numbers on it add up", () => {
  forAll(
    5,
    1000,
    (random) => ({
      image: /** @type {[number, number, number]} */ ([1, 1, 3]),
      kernel: /** @type {[number, number]} */ ([1, 1]),
      bank: [1, 2, 3].map(() =>
        random.pick([
          random.integer(-9, 9),
          random.integer(-9, 9) / 4,
          random.real(-1, 1),
          random.integer(-1e6, 1e6),
        ]),
      ),
      bias: [random.pick([0, 1, -0.5, 0.1])],
    }),
    (experiment) => {
      const { recorder, layout } = painted(experiment);
      const line = recorder
        .textsIn(layout.sum)
        .sort((a, b) => a.y - b.y)
        .slice(0, 9)
        .sort((a, b) => a.x - b.x)
        .map(({ text }) => text);
      if (line[7] === "≈") return;
      assert.equal(line[7], "=");
      const [left, right] = [evaluate(line.slice(0, 7).join(" ")), evaluate(line[8])];
      assert.ok(
        Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(right)),
        `${line.join(" ")}, but it is ${left}`,
      );
    },
  );
});

test("the map shows exactly the cells that were computed, each in its place", () => {
  forAll(
    6,
    60,
    (random) => {
      const experiment = anyExperiment(random);
      return {
        experiment,
        step: random.integer(0, modelOf(experiment).steps - 1),
        feature: random.integer(0, (experiment.features ?? 1) - 1),
      };
    },
    ({ experiment, step, feature }) => {
      const { recorder, layout, model, rasters } = painted(experiment, { step, feature });
      const maps = [{ feature, picture: layout.output }, ...layout.thumbs];
      for (const {
        feature: shown,
        picture: { area, px },
      } of maps) {
        const drawn = recorder
          .of("drawImage")
          .filter(
            ({ args }) =>
              args.length === 9 &&
              args[0] === rasters.maps[shown][0].canvas &&
              contains(area, { x: Number(args[5]), y: Number(args[6]), w: Number(args[7]), h: Number(args[8]) }),
          );
        for (let cell = 0; cell < model.steps; cell++) {
          const [row, col] = [Math.floor(cell / model.outCols), cell % model.outCols];
          const [x, y] = [area.x + (col + 0.5) * px, area.y + (row + 0.5) * px];
          const sources = drawn.flatMap(({ args }) => {
            const [sx, sy, sw, sh, dx, dy, dw, dh] = /** @type {number[]} */ (args.slice(1));
            const inside = x > dx && x < dx + dw && y > dy && y < dy + dh;
            return inside
              ? [[sy + ((y - dy) / dh) * sh, sx + ((x - dx) / dw) * sw].map((at) => Math.round(at * 1e6) / 1e6)]
              : [];
          });
          assert.deepEqual(sources, cell <= step ? [[row + 0.5, col + 0.5]] : [], `cell ${cell} at step ${step}`);
        }
      }
    },
  );
});

test("a map of which only a sample is sent fills the same cells", () => {
  const { scene, layout } = painted({ image: [20, 30, 1], kernel: [1, 1] }, { step: 344 });
  const recorder = new Recorder();
  const canvas = /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ ({ width: 15, height: 10 }));
  const raster = [{ canvas, region: { row: 0, col: 0, rows: 20, cols: 30 } }];
  paint(recorder.context, scene, layout, { input: [], maps: [raster] }, { palette: LIGHT, family: "sans-serif" });
  const { area, px } = layout.output;
  const drawn = recorder
    .of("drawImage")
    .filter(({ args }) => args.length === 9)
    .map(({ args }) => args.slice(1).map(Number));
  const expected = [
    [0, 0, 15, 5.5, area.x, area.y, area.w, 11 * px],
    [0, 5.5, 7.5, 0.5, area.x, area.y + 11 * px, 15 * px, px],
  ];
  drawn.forEach((args, i) =>
    args.forEach((value, j) => assert.ok(Math.abs(value - expected[i][j]) < 1e-9, `${args}, not ${expected[i]}`)),
  );
  assert.equal(drawn.length, 2);
});

test("the whole photo is drawn once, with its padding", () => {
  const { recorder, layout, rasters } = painted(BOX);
  const { x, y, w, h } = layout.input.area;
  assert.deepEqual(
    recorder
      .of("drawImage")
      .filter(({ args }) => args[0] === rasters.input[0].canvas)
      .map(({ args }) => args.slice(5)),
    [[x, y, w, h]],
  );
});

test("pixels and cells are never blurred when they are enlarged", () => {
  for (const { smoothed } of painted(SOBEL).recorder.of("drawImage")) assert.equal(smoothed, false);
  const { recorder, rasters } = painted({ image: [900, 900, 1], kernel: [1, 1] }, { step: 899 * 900 });
  const photo = recorder.of("drawImage").find(({ args }) => args[0] === rasters.input[0].canvas);
  assert.equal(photo?.smoothed, true, "a photo that is made smaller is");
});

test("the padding and the unread rows and columns are hatched, and nothing else of the photo", () => {
  forAll(
    7,
    150,
    (random) => anyExperiment(random, { largest: 12 }),
    (experiment) => {
      const painting = painted(experiment);
      const { model } = painting;
      const [[top, bottom], [left, right]] = model.payload.header.pads;
      const rects = hatched(painting);
      for (let row = -top; row < model.rows + bottom; row++) {
        for (let col = -left; col < model.cols + right; col++) {
          const onPhoto = row >= 0 && row < model.rows && col >= 0 && col < model.cols;
          const expected = !onPhoto || !model.visitedRows[row] || !model.visitedCols[col];
          const found = rects.some(
            (rect) =>
              row + 0.5 > rect.row &&
              row + 0.5 < rect.row + rect.rows &&
              col + 0.5 > rect.col &&
              col + 0.5 < rect.col + rect.cols,
          );
          assert.equal(found, expected, `row ${row}, column ${col}`);
        }
      }
    },
  );
});

test("a hatch is made of lines, clipped to its part", () => {
  const { recorder } = painted({ image: [8, 8, 1], kernel: [3, 3], stride: [4, 4] });
  const lines = recorder.of("lineTo").filter(({ clip }) => clip);
  assert.ok(lines.length > 10);
  assert.equal(recorder.of("lineTo").length, lines.length);
});

test("taps on the padding are hatched in the patch too", () => {
  const { recorder, layout } = painted(BOX, { step: 0 });
  const { patch } = layout.channelRows[1];
  const marked = Array.from({ length: 9 }, (_, at) => at).filter((at) =>
    recorder.of("clip").some(({ clip }) => clip && contains(cellOf(patch, 3, at), clip)),
  );
  assert.deepEqual(marked, [0, 1, 2, 3, 6]);
});

test("the window is outlined on its halo and left bright, all else is dimmed", () => {
  forAll(
    8,
    60,
    (random) => ({ experiment: anyExperiment(random), fraction: random.next() }),
    ({ experiment, fraction }) => {
      const painting = painted(experiment, { fraction });
      const { recorder, layout } = painting;
      const window = windowOf(painting);
      for (const colour of [LIGHT.halo, LIGHT.accent])
        assert.ok(outlinesOf(recorder, window, colour).length >= 1, colour);
      const at = recorder.calls.findIndex(({ op, args }) => op === "fill" && args[0] === "evenodd");
      assert.equal(recorder.calls[at].fillStyle, LIGHT.veil);
      const holes = recorder.calls
        .slice(at - 2, at)
        .map(({ args }) => /** @type {number[]} */ (args).map((v) => Math.round(v * 1e6)));
      const expected = [layout.input.area, window].map(({ x, y, w, h }) =>
        [x, y, w, h].map((v) => Math.round(v * 1e6)),
      );
      assert.deepEqual(holes, expected);
    },
  );
});

test("with dilation the pixels that are read are marked one by one", () => {
  const painting = painted(DILATED, { step: 1 });
  const { recorder, layout, scene } = painting;
  const { area, px } = layout.input;
  const marks = recorder
    .of("strokeRect")
    .filter(
      ({ args }) => Number(args[2]) < px && contains(area, strokeBox({ ...recorder.calls[0], args, lineWidth: 0 })),
    );
  const cells = marks.map(({ args }) => [
    Math.floor((Number(args[1]) - area.y) / px),
    Math.floor((Number(args[0]) - area.x) / px),
  ]);
  assert.deepEqual(
    cells,
    scene.cell.rowPositions.flatMap((row) => scene.cell.colPositions.map((col) => [row, col])),
  );
});

test("the current cell is outlined on the map", () => {
  forAll(
    9,
    60,
    (random) => {
      const experiment = anyExperiment(random);
      return { experiment, step: random.integer(0, modelOf(experiment).steps - 1) };
    },
    ({ experiment, step }) => {
      const { recorder, layout, scene } = painted(experiment, { step });
      const { area, px } = layout.output;
      const cell = { x: area.x + scene.cell.col * px, y: area.y + scene.cell.row * px, w: px, h: px };
      assert.ok(outlinesOf(recorder, cell, LIGHT.accent).length >= 1);
    },
  );
});

test("while one points at another cell, that one is outlined and the step's cell stays marked", () => {
  const { recorder, layout } = painted(SOBEL, { step: 2, pointed: { row: 3, col: 4 } });
  const { area, px } = layout.output;
  const at = (/** @type {number} */ row, /** @type {number} */ col) => ({
    x: area.x + col * px,
    y: area.y + row * px,
    w: px,
    h: px,
  });
  assert.equal(outlinesOf(recorder, at(3, 4), LIGHT.accent).length, 1);
  assert.equal(outlinesOf(recorder, at(0, 2), LIGHT.accent).length, 0);
  assert.equal(outlinesOf(recorder, at(0, 2), LIGHT.text).length, 1);
});

test("the colour scale goes from one end to the other, its ends, its middle and the map's range in numbers", () => {
  for (const palette of [LIGHT, DARK]) {
    const { recorder, layout } = painted(SOBEL, { palette });
    const { x, y, w } = layout.scaleBar;
    const bands = recorder
      .of("fillRect")
      .filter(({ args }) => args[1] === y && Number(args[0]) >= x)
      .map(({ fillStyle }) => fillStyle);
    assert.deepEqual([bands[0], bands[bands.length - 1]], [css(diverging(-1, palette)), css(diverging(1, palette))]);
    const bar = { ...layout.scaleBar, h: layout.scaleBar.h + 8 };
    const texts = recorder.textsIn(bar).map(({ text }) => text);
    assert.deepEqual(texts, ["−1019", "0", "1019", "this map: −612.5 to 1019"]);
    const zero = recorder.textsIn(bar)[1];
    assert.equal(zero.x, x + w / 2);
  }
});

test("a map that is zero all over has a scale without a falsehood", () => {
  const { recorder, layout } = painted({ ...SOBEL, maps: [{ name: "nothing", low: 0, high: 0, limit: 0, below: 0, above: 0 }] });
  assert.ok(recorder.texts().some(({ text }) => text === "this map: 0 to 0"));
  for (const { op, args } of recorder.calls) {
    if (op === "fillRect") assert.ok(args.every(Number.isFinite), `${op} ${args}`);
  }
  assert.ok(layout.height > 0);
});

test("the titles say what the stage shows: the photo's size, its padding, the flip, the feature and the value", () => {
  const has = (/** @type {Painting} */ { recorder }, /** @type {RegExp} */ pattern) =>
    assert.ok(
      recorder.texts().some(({ text }) => pattern.test(text)),
      `${pattern} among ${recorder
        .texts()
        .map(({ text }) => text)
        .filter((text) => text.length > 5)
        .join(" | ")}`,
    );
  has(painted(SOBEL), /^Input 6 × 7 × 3$/);
  has(painted(SOBEL), /^no padding$/);
  has(painted(SOBEL), /^Window × kernel = products/);
  has(painted(SOBEL), /Sobel x/);
  has(painted(BOX), /^padding 1 on each side \(zeros\)$/);
  has(
    painted({
      ...SOBEL,
      padding: [
        [1, 2],
        [0, 3],
      ],
      boundary: "reflect",
    }),
    /↑1 ↓2 ←0 →3 \(mirrored\)/,
  );
  has(painted({ ...SOBEL, flip: true }), /turned over/);
  const painting = painted(SOBEL, { step: 7 });
  const title = painting.recorder.texts().find(({ text }) => text.startsWith("row 1, column 2 is "));
  assert.equal(readNumber(title?.text.split(" is ")[1] ?? ""), painting.scene.cell.value);
});

test("every feature has its map beside the large one, numbered, and the chosen one outlined", () => {
  const experiment = KINDS[1][1];
  const { recorder, layout } = painted(experiment, { feature: 2 });
  assert.equal(layout.thumbs.length, 4);
  for (const { feature, picture } of layout.thumbs) {
    const { area } = picture;
    assert.deepEqual(
      recorder.textsIn(area).map(({ text }) => text),
      [String(feature + 1)],
    );
    assert.equal(outlinesOf(recorder, area, LIGHT.accent).length, feature === 2 ? 1 : 0);
  }
  assert.ok(recorder.texts().some(({ text }) => text.startsWith("Feature 3 of 4")));
});

everyPainting("nothing is painted beyond the stage", ({ recorder, layout }) => {
  // Half a pixel beyond the edge is nothing that could be missed.
  const stage = { x: -0.51, y: -0.51, w: layout.width + 1.02, h: layout.height + 1.02 };
  for (const { op, args } of recorder.calls) {
    const [x, y, w, h] = /** @type {number[]} */ (op === "drawImage" ? args.slice(-4) : args);
    if (["fillRect", "drawImage", "rect"].includes(op))
      assert.ok(contains(stage, { x, y, w, h }), `${op} ${[x, y, w, h]} on ${layout.width} × ${layout.height}`);
  }
  for (const { text, box } of recorder.texts())
    assert.ok(contains(stage, box), `"${text}" ${JSON.stringify(box)} on ${layout.width} × ${layout.height}`);
});

everyPainting("outlines at the border keep to the margin that the canvas has for them", ({ recorder, layout }) => {
  const canvas = { x: -5, y: 0, w: layout.width + 10, h: layout.height };
  // Where a pixel is smaller than an outline's least size, half of the halo may be lost, but never the line.
  for (const call of recorder.of("strokeRect").filter(({ strokeStyle }) => strokeStyle !== LIGHT.halo)) {
    assert.ok(
      contains(canvas, strokeBox(call)),
      `${JSON.stringify(strokeBox(call))} on ${layout.width} × ${layout.height}`,
    );
  }
});

everyPainting("no two texts overlap", ({ recorder }) => {
  const texts = recorder.texts();
  texts.forEach((one, i) => {
    for (const other of texts.slice(i + 1))
      assert.ok(!overlap(one.box, other.box), `"${one.text}" and "${other.text}"`);
  });
});

everyPainting("no number is cut off, whatever the room", ({ recorder }) => {
  for (const { text } of recorder.texts()) assert.doesNotMatch(text, /\d[\d.]*…$|(to|is) …?$/, `"${text}"`);
});

everyPainting("a channel's name stands clear of its patch", ({ recorder, layout, model }) => {
  channelNames(model).forEach((name, c) => {
    const { area } = layout.channelRows[c].patch;
    const marks = recorder
      .texts()
      .filter(({ text, y }) => text === name && Math.abs(y - (area.y + area.h / 2)) < 1e-6);
    assert.equal(marks.length, 1);
    assert.ok(!overlap(marks[0].box, area), `"${name}"`);
  });
});

everyPainting("the note on what is never read keeps to its place", ({ recorder, layout }) => {
  const start = recorder.texts().findIndex(({ text }) => /^The (last|windows)/.test(text));
  if (start < 0) return;
  const end = recorder.texts().findIndex(({ text }) => text.startsWith("Window"));
  for (const { text, box } of recorder.texts().slice(start, end))
    assert.ok(contains(layout.inputNote, box), `"${text}" in ${JSON.stringify(layout.inputNote)}`);
});

everyPainting("no text is smaller than what can be read", ({ recorder }) => {
  for (const { text, size } of recorder.texts()) assert.ok(size >= 7, `"${text}" at ${size} px`);
});
