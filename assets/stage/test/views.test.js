import assert from "node:assert/strict";
import { test } from "node:test";
import { DARK, LIGHT, diverging, luminance } from "../colour.js";
import { SCALES, VIEWS, colouring, limitOf, percent, rangeText, scaleBar, shownAs } from "../views.js";
import { forAll } from "./helpers.js";

const feature = (/** @type {Partial<import("../payload.js").FeatureHeader>} */ parts) => ({
  name: "x", low: -50, high: 400, limit: 400, below: 0.25, above: 0.125, strongest: [], weakest: [], ...parts,
});

test("what each view makes of a value", () => {
  assert.deepEqual([-3, 0, 7, 300].map((value) => shownAs(value, "raw", 255)), [-3, 0, 7, 300]);
  assert.deepEqual([-3, 0, 7, 300].map((value) => shownAs(value, "relu", 255)), [0, 0, 7, 300]);
  assert.deepEqual([-3, 0, 7, 300].map((value) => shownAs(value, "absolute", 255)), [3, 0, 7, 300]);
  assert.deepEqual([-3, 0, 7, 300].map((value) => shownAs(value, "clamped", 255)), [0, 0, 7, 255]);
});

for (const palette of [LIGHT, DARK]) {
  const name = palette === LIGHT ? "light" : "dark";

  test(`${name}: but for the clamped view, neutral is the colour of what is shown as zero, and of nothing else`, () => {
    const neutral = diverging(0, palette);
    forAll(51, 300, (random) => ({ value: random.real(-500, 500) * random.pick([1, 1e-6, 0]), limit: random.real(1, 500) }), ({ value, limit }) => {
      for (const view of /** @type {const} */ (["raw", "relu", "absolute"])) {
        const colour = colouring(view, limit, 255, palette)(value);
        if (shownAs(value, view, 255) === 0) assert.deepEqual(colour, neutral);
        else assert.notDeepEqual(colour, neutral);
      }
    });
  });

  test(`${name}: a larger magnitude is never closer to the neutral`, () => {
    const away = (/** @type {[number, number, number]} */ rgb) => Math.abs(luminance(rgb) - luminance(diverging(0, palette)));
    const colour = colouring("raw", 100, 255, palette);
    for (const sign of [1, -1]) {
      for (let size = 10; size <= 90; size += 10) {
        assert.ok(away(colour(sign * (size + 10))) >= away(colour(sign * size)) - 1e-9, `${sign * size}`);
      }
    }
  });

  test(`${name}: the colours of the bar are the colours of the map`, () => {
    for (const [view] of VIEWS) {
      const { from, to, colour } = scaleBar(view, 80, 255, palette);
      const map = colouring(view, 80, 255, palette);
      assert.deepEqual([from, to], { raw: [-80, 80], relu: [0, 80], absolute: [0, 80], clamped: [0, 255] }[view]);
      for (const share of [0, 0.25, 0.5, 1]) assert.deepEqual(colour(share), map(from + (to - from) * share));
    }
  });
}

test("where pixels are counted from 0 to 1, a view is clamped to that", () => {
  assert.deepEqual([-1, 0.25, 3].map((value) => shownAs(value, "clamped", 1)), [0, 0.25, 1]);
  const colour = colouring("clamped", 7, 1, LIGHT);
  assert.deepEqual([-1, 0.2, 3].map((value) => colour(value)[0]), [0, 51, 255]);
  assert.deepEqual([scaleBar("clamped", 7, 1, LIGHT).from, scaleBar("clamped", 7, 1, LIGHT).to], [0, 1]);
  assert.match(rangeText(feature({}), "clamped", 1), /12\.5 % above 1$/);
});

test("the clamped view is the picture of 8 bits", () => {
  const colour = colouring("clamped", 1000, 255, LIGHT);
  assert.deepEqual([-5, 0, 12.4, 254.6, 9000].map((value) => colour(value)[0]), [0, 0, 12, 255, 255]);
});

test("one scale for all ends where the largest map does, and its own where each does", () => {
  const features = [feature({ limit: 10 }), feature({ limit: 40 }), feature({ limit: 0 })];
  assert.deepEqual(features.map((_, i) => limitOf(features, i, "own")), [10, 40, 0]);
  assert.deepEqual(features.map((_, i) => limitOf(features, i, "shared")), [40, 40, 40]);
  assert.deepEqual(SCALES.map(([scale]) => scale), ["own", "shared"]);
});

test("what a view loses of a map is said", () => {
  assert.equal(rangeText(feature({}), "raw", 255), "this map: −50 to 400");
  assert.equal(rangeText(feature({}), "relu", 255), "this map: −50 to 400; 25.0 % become 0");
  assert.equal(rangeText(feature({}), "absolute", 255), "this map: −50 to 400; 25.0 % lose their sign");
  assert.equal(rangeText(feature({}), "clamped", 255), "37.5 % destroyed: 25.0 % below 0, 12.5 % above 255");
});

test("a share is never rounded to nothing or to all", () => {
  assert.deepEqual([0, 1e-9, 0.5, 1 - 1e-9, 1].map(percent), ["0 %", "under 0.1 %", "50.0 %", "over 99.9 %", "100 %"]);
});
