import assert from "node:assert/strict";
import test from "node:test";

import { hitAt, layOut } from "../geometry.js";
import { pixelByKey, placeAt, placeByKey, placeIn, repetitionsOf, rowCount, sumOf, termsOf, usesOf } from "../matrix.js";
import { rowWords, weightWords, words } from "../words.js";

/** @import { Matrix } from "../matrix.js" */

/**
 * A 3 × 3 picture under a kernel of 2 × 2, at stride 1: written by four loops.
 *
 * @param {number} padding before and after, both ways
 * @param {number[]} kernel
 * @param {number} bias
 * @returns {Matrix}
 */
function made(padding = 0, kernel = [1, 0, -2, 0.5], bias = 0) {
  const image = [10, 20, 30, 40, 50, 60, 70, 80, 90];
  const side = 2 + 2 * padding;
  const [starts, columns, taps, product] = [[0], [], [], []].map((list) => /** @type {number[]} */ (list));
  for (let row = 0; row < side; row++) {
    for (let col = 0; col < side; col++) {
      let sum = bias;
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 2; j++) {
          const [r, c] = [row + i - padding, col + j - padding];
          if (r < 0 || r > 2 || c < 0 || c > 2) continue;
          columns.push(r * 3 + c);
          taps.push(i * 2 + j);
          sum += image[r * 3 + c] * kernel[i * 2 + j];
        }
      }
      product.push(sum);
      starts.push(columns.length);
    }
  }
  return {
    title: "test", bias, top: 255, imageShape: [3, 3], kernelShape: [2, 2], mapShape: [side, side],
    image: Float64Array.from(image), kernel: Float64Array.from(kernel), product: Float64Array.from(product),
    starts: Int32Array.from(starts), columns: Int32Array.from(columns), taps: Int32Array.from(taps),
  };
}

test("a row adds up its pixels times its weights, and the bias", () => {
  for (const matrix of [made(), made(1), made(1, [3, -1, 2, 7], 5)]) {
    for (let row = 0; row < rowCount(matrix); row++) assert.equal(sumOf(matrix, row), matrix.product[row]);
  }
});

test("a row's terms are those of its window, in the order of the kernel", () => {
  assert.deepEqual(termsOf(made(), 3), [
    { column: 4, tap: 0, weight: 1, pixel: 50 }, { column: 5, tap: 1, weight: 0, pixel: 60 },
    { column: 7, tap: 2, weight: -2, pixel: 80 }, { column: 8, tap: 3, weight: 0.5, pixel: 90 },
  ]);
});

test("each weight stands once in each row whose window does not reach over the border", () => {
  for (const tap of [0, 1, 2, 3]) {
    assert.deepEqual(repetitionsOf(made(), tap).map(({ row }) => row), [0, 1, 2, 3]);
    assert.equal(repetitionsOf(made(1), tap).length, 9);
  }
});

test("a pixel feeds the cells whose windows hold it: the middle one all four, each by another weight", () => {
  assert.deepEqual(usesOf(made(), 4), [
    { row: 0, tap: 3, weight: 0.5 }, { row: 1, tap: 2, weight: -2 },
    { row: 2, tap: 1, weight: 0 }, { row: 3, tap: 0, weight: 1 },
  ]);
  assert.deepEqual(usesOf(made(), 0), [{ row: 0, tap: 0, weight: 1 }]);
});

test("pointing at an entry finds its weight, pointing beside it none", () => {
  assert.deepEqual(placeAt(made(), 3, 7), { kind: "row", row: 3, tap: 2 });
  assert.deepEqual(placeAt(made(), 3, 0), { kind: "row", row: 3, tap: null });
});

test("a place stays in a smaller matrix, and gives up a weight that its row has not", () => {
  assert.deepEqual(placeIn(made(), { kind: "row", row: 99, tap: 1 }), { kind: "row", row: 3, tap: 1 });
  assert.deepEqual(placeIn(made(1), { kind: "row", row: 0, tap: 0 }), { kind: "row", row: 0, tap: null });
  assert.deepEqual(placeIn(made(), { kind: "column", column: 12 }), { kind: "column", column: 8 });
});

test("keys walk the rows and a row's weights, and stop at the ends", () => {
  const matrix = made();
  const at = (/** @type {number} */ row, /** @type {number | null} */ tap) => /** @type {const} */ ({ kind: "row", row, tap });
  assert.deepEqual(placeByKey(matrix, at(1, null), "ArrowDown"), at(2, null));
  assert.deepEqual(placeByKey(matrix, at(1, 2), "ArrowUp"), at(0, 2));
  assert.deepEqual(placeByKey(matrix, at(0, 2), "ArrowUp"), at(0, 2));
  assert.deepEqual(placeByKey(matrix, at(0, null), "End"), at(3, null));
  assert.deepEqual(placeByKey(matrix, at(3, null), "Home"), at(0, null));
  assert.deepEqual(placeByKey(matrix, at(0, null), "PageDown"), at(2, null));
  assert.deepEqual(placeByKey(matrix, at(1, null), "ArrowRight"), at(1, 0));
  assert.deepEqual(placeByKey(matrix, at(1, null), "ArrowLeft"), at(1, 3));
  assert.deepEqual(placeByKey(matrix, at(1, 3), "ArrowRight"), at(1, 3));
  assert.deepEqual(placeByKey(matrix, at(1, 3), "Escape"), at(1, null));
  assert.equal(placeByKey(matrix, at(1, 3), "a"), null);
});

test("arrows walk the pixels, and stop at the border", () => {
  assert.deepEqual(pixelByKey(made(), 4, "ArrowUp"), { kind: "column", column: 1 });
  assert.deepEqual(pixelByKey(made(), 4, "ArrowRight"), { kind: "column", column: 5 });
  assert.deepEqual(pixelByKey(made(), 5, "ArrowRight"), { kind: "column", column: 5 });
  assert.deepEqual(pixelByKey(made(), 7, "ArrowDown"), { kind: "column", column: 7 });
  assert.equal(pixelByKey(made(), 7, "Tab"), null);
});

test("the sum is written out, and says when it is rounded", () => {
  assert.equal(rowWords(made(), 0), "Row 0: 10·1 + 20·0 + 40·(−2) + 50·0.5 = −45.");
  assert.equal(rowWords(made(0, [1, 1, 1, 1], -3), 0), "Row 0: 10·1 + 20·1 + 40·1 + 50·1 + (−3) = 117.");
  assert.match(rowWords(made(0, [1 / 9, 0, 0, 0]), 0), /10·1\/9 .* ≈ 1\.11111\.$/);
  assert.match(rowWords(made(1), 0), /^Row 0: 10·0\.5 = 5\. 3 weights lie on the padding/);
});

test("a pixel says which rows it feeds, and by which weights", () => {
  assert.equal(words(made(), { kind: "column", column: 4 }),
    "Column 4: the pixel in row 1, column 1, 50, feeds 4 cells: rows 0 by 0.5, 1 by −2, 2 by 0, 3 by 1.");
});

test("a weight says how often it is used", () => {
  assert.match(weightWords(made(1), { kind: "row", row: 5, tap: 2 }), /row 1, column 0 is −2\. .* used 9 times, in 9 of 16 rows\.$/);
  assert.match(weightWords(made(), { kind: "row", row: 0, tap: null }), /^Point at a coloured entry/);
});

test("the middle of each entry is found where it is drawn, on wide and on narrow screens", () => {
  for (const width of [300, 700]) {
    const geometry = layOut(width, 16, 36);
    assert.ok(geometry.width <= width + 1e-9);
    for (const [row, column] of [[0, 0], [7, 20], [15, 35]]) {
      const [x, y] = [geometry.left + (column + 0.5) * geometry.cellWidth, geometry.top + (row + 0.5) * geometry.cellHeight];
      assert.deepEqual(hitAt(geometry, x, y, 16, 36), { part: "matrix", row, column });
      assert.deepEqual(hitAt(geometry, x, 8, 16, 36), { part: "picture", column });
      assert.deepEqual(hitAt(geometry, geometry.mapLeft + 5, y, 16, 36), { part: "map", row });
    }
  }
});

test("a matrix of many rows is no taller than a screen shows, nor wider than its place", () => {
  const geometry = layOut(640, 324, 100);
  assert.ok(geometry.width <= 640 && geometry.cellHeight === 3);
  assert.ok(layOut(640, 144, 100).height <= 560);
});
