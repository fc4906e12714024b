import assert from "node:assert/strict";
import { test } from "node:test";
import { SIDE } from "../../stage/colour.js";
import { forAll } from "../../stage/test/helpers.js";
import { fitted, levelOf } from "../pictures.js";

test("every pixel of a picture is as many whole device pixels as there is room for", () => {
  forAll(41, 500, (random) => ({
    rows: random.integer(1, 300), cols: random.integer(1, 300), wide: random.integer(40, 600), tall: random.integer(40, 600),
    ratio: random.pick([1, 1.25, 1.5, 2, 3]),
  }), ({ rows, cols, wide, tall, ratio }) => {
    const { width, height, px } = fitted(rows, cols, wide, tall, ratio);
    assert.ok(width <= wide + 1e-3 && height <= tall + 1e-3);
    const device = px * ratio;
    const room = Math.min((wide * ratio) / cols, (tall * ratio) / rows);
    if (room >= 1) assert.ok(Math.abs(device - Math.floor(room + 1e-6)) < 1e-9);
    else assert.ok(Math.abs(device - room) < 1e-9);
  });
});

test("only zero, and what is rounding, has the neutral colour; signs are kept, and both ends reached", () => {
  forAll(42, 500, (random) => ({ value: random.real(-1, 1) * 10 ** random.integer(-9, 3), limit: 10 ** random.integer(0, 3) }),
    ({ value, limit }) => {
      const level = levelOf(value, limit, 0);
      assert.equal(Math.sign(level - SIDE), Math.sign(value));
      assert.ok(level >= 0 && level <= 2 * SIDE);
      assert.equal(levelOf(value, limit, Math.abs(value)), SIDE);
    });
  assert.deepEqual([levelOf(0, 5, 0), levelOf(5, 5, 0), levelOf(-5, 5, 0), levelOf(3, 0, 0)], [SIDE, 2 * SIDE, 0, SIDE]);
});
