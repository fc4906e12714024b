import assert from "node:assert/strict";
import { test } from "node:test";
import { cellAt } from "../model.js";
import { rankProducts } from "../ranking.js";
import { anyExperiment, forAll, modelOf } from "./helpers.js";

test("the products are ranked by size, each with its place, and none is lost", () => {
  forAll(71, 200, (random) => ({ experiment: anyExperiment(random), most: random.integer(1, 30) }), ({ experiment, most }) => {
    const model = modelOf(experiment);
    const cell = cellAt(model, 0, 0, 0);
    const { first, rest, zeros, up, down } = rankProducts(model, cell, most);
    assert.equal(first.length + rest.count + zeros, cell.products.length);
    assert.equal(up.count + down.count + zeros, cell.products.length);
    const taps = model.kernelRows * model.kernelCols;
    for (const { at, channel, row, col, product } of first) {
      assert.equal(channel * taps + row * model.kernelCols + col, at);
      assert.equal(product, cell.products[at]);
      assert.notEqual(product, 0);
    }
    const sizes = first.map(({ product }) => Math.abs(product));
    assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
    const others = cell.products.filter((_, at) => !first.some((ranked) => ranked.at === at));
    for (const product of others) assert.ok(Math.abs(product) <= Math.min(...sizes, Infinity));
    const whole = cell.products.reduce((sum, product) => sum + product, 0);
    const near = 1e-9 * (up.sum - down.sum + 1);
    assert.ok(Math.abs(up.sum + down.sum - whole) <= near);
    assert.ok(Math.abs(first.reduce((sum, { product }) => sum + product, 0) + rest.sum - whole) <= near);
    assert.ok(up.sum >= 0 && down.sum <= 0);
  });
});

test("of equal products the one that is read first comes first", () => {
  const model = modelOf({ image: [2, 2, 1], kernel: [2, 2], pixels: [1, 1, 1, 1], bank: [2, -2, 2, 0] });
  assert.deepEqual(rankProducts(model, cellAt(model, 0, 0, 0), 9).first.map(({ at }) => at), [0, 1, 2]);
});
