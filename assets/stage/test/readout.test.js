import assert from "node:assert/strict";
import { test } from "node:test";
import { channelNames } from "../model.js";
import { formulaLines, readoutText, shapeText, sumNumbers, sumText, unusedText } from "../readout.js";
import { makeScene } from "../scene.js";
import { SOBEL, anyExperiment, axisPlan, evaluate, forAll, modelOf, readNumber, walk } from "./helpers.js";

/** @import { Model } from "../model.js" */
/** @import { View } from "../scene.js" */
/** @import { Experiment, Random } from "./helpers.js" */

/**
 * @param {Model} model
 * @param {Partial<View>} [view]
 */
function sceneOf(model, view = {}) {
  return makeScene(model, { step: 0, fraction: 0, feature: 0, pointed: null, still: false, ...view });
}

/** @param {Random} random */
function anyScene(random) {
  const experiment = anyExperiment(random);
  const model = modelOf(experiment);
  const view = { step: random.integer(0, model.steps - 1), feature: random.integer(0, model.features - 1) };
  return { experiment, model, view };
}

/**
 * The sentence of a channel: its terms, the sign, its sum.
 *
 * @param {string} text
 * @param {string} name
 */
function termsOf(text, name) {
  const sentence = text.split(/\.(?: |$)/).find((part) => part.startsWith(`${name}: `)) ?? "";
  const match = /^[^:]+: (.*) ([=≈]) (\S+)$/.exec(sentence);
  assert.ok(match, `"${name}" in ${text}`);
  return { terms: match[1].split(" + "), sign: match[2], sum: match[3] };
}

/** @param {string} text */
function sumLineOf(text) {
  const match = /\. ([^.:]* bias) = (.*) ([=≈]) (\S+)\.$/.exec(text);
  assert.ok(match, text);
  return { names: match[1], left: match[2], sign: match[3], value: match[4] };
}

test("the whole text of one step, as it is read out", () => {
  const model = modelOf({
    image: [2, 2, 1],
    kernel: [2, 2],
    pixels: [10, 60, 30, 40],
    bank: [1, -2, 0.5, 1 / 3],
    bias: [-1],
    padding: [
      [1, 0],
      [0, 0],
    ],
    maps: [{ name: "Own kernel", low: 0, high: 24, limit: 24, below: 0, above: 0 }],
  });
  assert.equal(
    readoutText(sceneOf(model)),
    "Step 1 of 2: output row 0, column 0, feature 1 of 1 (Own kernel). " +
      "The window reads rows −1 to 0 and columns 0 to 1. 2 of its 4 taps lie on the padding. " +
      "grey: 0×1 + 0×(−2) + 10×0.5 + 60×1/3 = 25. grey + bias = 25 + (−1) = 24.",
  );
});

test("the readout says which step, which cell and which feature it is about", () => {
  forAll(1, 200, anyScene, ({ model, view }) => {
    const text = readoutText(sceneOf(model, view));
    const match =
      /^Step (\d+) of (\d+): output row (\d+), column (\d+), feature (\d+) of (\d+) \(kernel (\d+)\)\. /.exec(text);
    assert.ok(match, text);
    const [step, steps, row, col, feature, features, kernel] = match.slice(1).map(Number);
    assert.deepEqual(
      [step, steps, feature, features, kernel],
      [view.step + 1, model.steps, view.feature + 1, model.features, view.feature],
    );
    assert.equal(row * model.outCols + col, view.step);
    assert.ok(col < model.outCols);
  });
});

test("pointing is said to be pointing", () => {
  const text = readoutText(sceneOf(modelOf(SOBEL), { step: 3, pointed: { row: 2, col: 1 } }));
  assert.match(text, /^Pointing at output row 2, column 1, feature 1 of 1 \(Sobel x\)\. /);
});

test("the readout has every term, in order, and each channel's sum", () => {
  forAll(2, 300, anyScene, ({ model, view }) => {
    const scene = sceneOf(model, view);
    const text = readoutText(scene);
    const taps = model.kernelRows * model.kernelCols;
    channelNames(model).forEach((name, c) => {
      const { terms, sum } = termsOf(text, name);
      assert.equal(terms.length, taps);
      terms.forEach((term, t) => {
        const [pixel, weight] = term.split("×");
        assert.equal(readNumber(pixel), scene.cell.patch[c * taps + t]);
        const expected = scene.cell.weights[c * taps + t];
        assert.ok(Math.abs(evaluate(weight) - expected) <= 0.0051 * Math.abs(expected), `${weight} for ${expected}`);
      });
      const expected = scene.cell.channelSums[c];
      assert.ok(Math.abs(readNumber(sum) - expected) <= 0.5e-5 * Math.abs(expected), `${sum} for ${expected}`);
    });
  });
});

test("where a channel's sentence says =, its terms as they are read give the sum as it is read", () => {
  forAll(3, 300, anyScene, ({ model, view }) => {
    const text = readoutText(sceneOf(model, view));
    for (const name of channelNames(model)) {
      const { terms, sign, sum } = termsOf(text, name);
      const [left, right] = [evaluate(terms.join(" + ")), evaluate(sum)];
      if (sign === "=")
        assert.ok(
          Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left)),
          `${terms.join(" + ")} = ${sum}, but it is ${left}`,
        );
    }
  });
});

test("whole weights make exact sentences", () => {
  forAll(
    4,
    100,
    (random) => anyExperiment(random, { whole: true }),
    (experiment) => {
      const model = modelOf(experiment);
      const text = readoutText(sceneOf(model));
      for (const name of channelNames(model)) assert.equal(termsOf(text, name).sign, "=");
      assert.equal(sumLineOf(text).sign, "=");
    },
  );
});

test("the readout ends with the sum of the channels and the bias, and the value", () => {
  forAll(5, 300, anyScene, ({ model, view }) => {
    const scene = sceneOf(model, view);
    const { names, left, sign, value } = sumLineOf(readoutText(scene));
    assert.equal(names, [...channelNames(model), "bias"].join(" + "));
    assert.equal(sumText(model, scene.cell), `${names} = ${left} ${sign} ${value}`);
    assert.equal(sumNumbers(scene.cell), `${left} ${sign} ${value}`);
    const parts = left.split(" + ");
    [...scene.cell.channelSums, scene.cell.bias].forEach((part, i) => {
      assert.ok(Math.abs(evaluate(parts[i]) - part) <= 0.5e-5 * Math.abs(part), `${parts[i]} for ${part}`);
    });
    assert.ok(Math.abs(readNumber(value) - scene.cell.value) <= 0.5e-5 * Math.abs(scene.cell.value));
  });
});

test("where the sum says =, its numbers add up; a value that float32 rounds is approximate", () => {
  const one = (/** @type {number[]} */ bank, bias = 0) =>
    sceneOf(modelOf({ image: [1, 1, bank.length], kernel: [1, 1], pixels: bank.map(() => 1), bank, bias: [bias] }))
      .cell;
  assert.equal(sumNumbers(one([1, 2, 3], -4)), "1 + 2 + 3 + (−4) = 2");
  assert.match(sumNumbers(one([1 / 3])), /≈/);
  assert.match(sumNumbers(one([16777216, 1])), /≈ 16777216$/);
  forAll(
    6,
    2000,
    (random) => ({
      bank: [1, 2, 3].map(() =>
        random.pick([
          random.integer(-99, 99),
          random.integer(-99, 99) / 8,
          random.real(-1, 1),
          random.integer(-1e9, 1e9),
        ]),
      ),
      bias: random.pick([0, 1, -0.5, 0.1]),
    }),
    ({ bank, bias }) => {
      const [, left, sign, value] = /^(.*) ([=≈]) (\S+)$/.exec(sumNumbers(one(bank, bias))) ?? [];
      if (sign === "=")
        assert.ok(
          Math.abs(evaluate(left) - evaluate(value)) <= 1e-9 * Math.max(1, Math.abs(evaluate(value))),
          `${left} = ${value}`,
        );
    },
  );
});

test("beyond eighty-one products the channels' sums are told, not the terms", () => {
  const terms = readoutText(sceneOf(modelOf({ image: [5, 6, 3], kernel: [3, 9], padding: "same" })));
  assert.equal(termsOf(terms, "G").terms.length, 27);
  const model = modelOf({ image: [6, 6, 3], kernel: [4, 7], padding: "same" });
  const scene = sceneOf(model, { step: 9 });
  const text = readoutText(scene);
  channelNames(model).forEach((name, c) => {
    const sum = new RegExp(`${name}: 28 products, sum (−?\\d+)\\. `).exec(text)?.[1] ?? "";
    assert.equal(readNumber(sum), scene.cell.channelSums[c]);
  });
});

test("the readout says where the window is, and counts its taps on the padding", () => {
  forAll(7, 300, anyScene, ({ experiment, model, view }) => {
    const scene = sceneOf(model, view);
    const text = readoutText(scene);
    const { rowPositions, colPositions } = scene.cell;
    for (const [word, positions, axis] of /** @type {[string, number[], 0 | 1][]} */ ([
      ["row", rowPositions, 0],
      ["column", colPositions, 1],
    ])) {
      const match = new RegExp(
        `The window reads .*?\\b${word}(s?) (−?\\d+)(?: to (−?\\d+)(?:, every (\\d)(?:nd|rd|th))?)?(?: and|\\.)`,
      ).exec(text);
      assert.ok(match, text);
      const [, many, first, last, every] = match;
      const span = experiment.dilation?.[axis] ?? 1;
      assert.equal(readNumber(first), positions[0]);
      assert.equal(many === "s", positions.length > 1);
      if (positions.length > 1) assert.equal(readNumber(last), positions[positions.length - 1]);
      assert.equal(Number(every ?? 1), positions.length > 1 ? span : 1);
    }
    let padded = 0;
    for (const row of rowPositions) {
      for (const col of colPositions) {
        if (walk(row, model.rows, "zeros") === -1 || walk(col, model.cols, "zeros") === -1) padded++;
      }
    }
    const said = /(\d+) of its (\d+) taps (lies|lie) on the padding/.exec(text);
    if (padded === 0) assert.equal(said, null);
    else
      assert.deepEqual(said?.slice(1), [
        String(padded),
        String(model.kernelRows * model.kernelCols),
        padded === 1 ? "lies" : "lie",
      ]);
  });
});

test("the size is written as photo → maps", () => {
  assert.equal(shapeText(modelOf({ image: [64, 64, 3], kernel: [3, 3] })), "64 × 64 × 3 → 62 × 62 × 1");
  assert.equal(
    shapeText(modelOf({ image: [64, 48, 3], kernel: [3, 3], stride: [2, 2], padding: "same", features: 4 })),
    "64 × 48 × 3 → 32 × 24 × 4",
  );
});

test("the formula of each padding, with its numbers", () => {
  const lines = (/** @type {Partial<Experiment>} */ options) =>
    formulaLines(modelOf({ image: [64, 64, 3], kernel: [3, 3], ...options }));
  assert.deepEqual(lines({}), ["rows, columns: ⌊(64 − 3) / 1⌋ + 1 = 62"]);
  assert.deepEqual(lines({ padding: "same", stride: [2, 2] }), ["rows, columns: ⌈64 / 2⌉ = 32, padding 0 + 1"]);
  assert.deepEqual(lines({ padding: "full" }), ["rows, columns: ⌊(64 + 2 + 2 − 3) / 1⌋ + 1 = 66"]);
  assert.deepEqual(
    lines({
      padding: [
        [1, 0],
        [2, 3],
      ],
      dilation: [1, 2],
      stride: [1, 3],
    }),
    ["rows: ⌊(64 + 1 + 0 − 3) / 1⌋ + 1 = 63", "columns: ⌊(64 + 2 + 3 − (2·(3 − 1) + 1)) / 3⌋ + 1 = 22"],
  );
});

test("worked out, the formula of every padding gives the size of the map", () => {
  forAll(
    8,
    600,
    (random) => anyExperiment(random, { largest: 20 }),
    (experiment) => {
      const model = modelOf(experiment);
      const lines = formulaLines(model);
      assert.ok(lines.length <= 2);
      for (const axis of /** @type {const} */ ([0, 1])) {
        const word = ["rows", "columns"][axis];
        const line = lines.find((text) => text.split(":")[0].includes(word)) ?? "";
        const match = /^[a-z, ]+: (.*) = (\d+)(?:, padding (\d+) \+ (\d+))?$/.exec(line);
        assert.ok(match, `${word} in ${lines.join(" | ")}`);
        const { before, after, out } = axisPlan(experiment, axis);
        assert.equal(evaluate(match[1]), out, line);
        assert.equal(Number(match[2]), out, line);
        if (match[3]) assert.deepEqual(match.slice(3).map(Number), [before, after], line);
      }
    },
  );
});

test("one line stands for rows and columns only where they agree", () => {
  const agree = formulaLines(modelOf({ image: [9, 9, 1], kernel: [3, 3], stride: [2, 2] }));
  const differ = formulaLines(modelOf({ image: [9, 9, 1], kernel: [3, 3], stride: [2, 3] }));
  assert.deepEqual([agree.length, differ.length], [1, 2]);
});

test("the rows and columns at the end that are never read are counted", () => {
  const words = (/** @type {Partial<Experiment>} */ options) =>
    unusedText(modelOf({ image: [9, 12, 3], kernel: [3, 3], ...options }));
  assert.equal(words({}), "");
  assert.equal(
    words({ stride: [4, 1] }),
    "The last 2 rows are never read. The windows leave gaps: 1 row between them is never read.",
  );
  assert.equal(words({ kernel: [3, 4], stride: [1, 3] }), "The last 2 columns are never read.");
  assert.equal(words({ image: [10, 12, 3], stride: [2, 2] }), "The last 1 row and 1 column are never read.");
});

test("a single row or column at the end is spoken of as one", () => {
  const rows = unusedText(modelOf({ image: [10, 9, 3], kernel: [3, 3], stride: [2, 2] }));
  const columns = unusedText(modelOf({ image: [9, 10, 3], kernel: [3, 3], stride: [2, 2] }));
  assert.deepEqual([rows, columns], ["The last row is never read.", "The last column is never read."]);
});

test("what is never read is told exactly where there is any, and counted right", () => {
  forAll(
    9,
    600,
    (random) => anyExperiment(random, { largest: 14 }),
    (experiment) => {
      const model = modelOf(experiment);
      const text = unusedText(model);
      const unread = [model.visitedRows, model.visitedCols].map((visited) => visited.filter((seen) => !seen).length);
      const atEnd = [axisPlan(experiment, 0).unused, axisPlan(experiment, 1).unused];
      const said = ["row", "column"].map((word) => {
        const match = new RegExp(`last [^.]*?(?:(\\d+) )?${word}s?\\b[^.]*never read`).exec(text);
        return match ? Number(match[1] ?? 1) : 0;
      });
      assert.deepEqual(said, atEnd, text);
      assert.equal(text.includes("gaps"), unread[0] > atEnd[0] || unread[1] > atEnd[1], text);
      assert.equal(text === "", unread[0] + unread[1] === 0, text);
    },
  );
});

test("a tap that is pointed at is said with its pixel, its weight and their product, whatever the kernel's shape", () => {
  const model = modelOf({ image: [5, 6, 2], kernel: [2, 3], padding: "same", seed: 6 });
  const view = { step: 7, fraction: 0, feature: 0, pointed: null, still: true };
  for (const [channel, row, col] of [[0, 0, 2], [1, 1, 0], [1, 0, 1]]) {
    const scene = makeScene(model, { ...view, focus: { part: "tap", channel, row, col } });
    const { cell } = scene;
    const at = (channel * 2 + row) * 3 + col;
    const said = /^Pointing at c(\d), row (\d), column (\d) of the window, input row (\d), column (\d): (\S+)×(\S+) = (\S+)\.$/.exec(readoutText(scene));
    assert.ok(said, readoutText(scene));
    const numbers = said.slice(1).map((text) => Number(text.replace(/[()]/g, "").replace("−", "-")));
    assert.deepEqual(numbers, [
      channel, row, col, cell.rowPositions[row], cell.colPositions[col], cell.patch[at], cell.weights[at], cell.products[at],
    ]);
  }
});

test("of more products than can be spelled the five largest are, the largest first", () => {
  const model = modelOf({ image: [20, 20, 1], kernel: [11, 11], seed: 5 });
  const scene = makeScene(model, { step: 3, fraction: 0, feature: 0, pointed: null, still: true });
  const text = readoutText(scene);
  assert.match(text, /grey: 121 products, sum /);
  const said = [.../row (\d+), column (\d+): \S+×\S+ = (\S+?)[;.]( |$)/g[Symbol.matchAll](text.split("The largest products are ")[1])];
  const products = said.map(([, row, col, product]) => {
    assert.equal(Number(product.replace("−", "-")), scene.cell.products[11 * Number(row) + Number(col)]);
    return Math.abs(Number(product.replace("−", "-")));
  });
  const sizes = Array.from(scene.cell.products, Math.abs).sort((a, b) => b - a);
  assert.deepEqual(products, sizes.slice(0, 5));
});
