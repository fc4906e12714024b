import assert from "node:assert/strict";
import { test } from "node:test";
import { GLOBAL, compare, count, mapOf, moved, nearest, peakOf, withThing } from "../scene.js";
import { FAR, MOST_VISITS, stepOfKey, visited, walked } from "../walk.js";
import { differenceWords } from "../words.js";

/** @import { Cells, Grid, Way } from "../scene.js" */

const SIDE = 12;
/** @type {Grid} */
const SOBEL = { shape: [3, 3], values: [-1, 0, 1, -2, 0, 2, -1, 0, 1] };

/** A scene of whole numbers without any pattern.
 * @returns {Grid}
 */
const noise = () => ({ shape: [SIDE, SIDE], values: Float64Array.from({ length: SIDE ** 2 }, (_, i) => (i * 7919 + i * i * 31) % 251) });

/** @param {Partial<Way>} [changes]
 * @returns {Way}
 */
const way = (changes = {}) => ({ stride: 1, pool: 1, circular: false, relu: false, pads: [0, 0], mapShape: [10, 10], kernel: SOBEL, bias: 0, ...changes });

test("a map by hand: the products of one window, and the bias", () => {
  const scene = noise();
  const at = (/** @type {number} */ r, /** @type {number} */ c) => scene.values[r * SIDE + c];
  const expected = at(2, 5) - at(2, 3) + 2 * (at(3, 5) - at(3, 3)) + at(4, 5) - at(4, 3) + 0.5;
  assert.equal(mapOf(scene, way({ bias: 0.5 })).values[2 * 10 + 3], expected);
});

test("values are rounded to float32", () => {
  const kernel = { shape: /** @type {Cells} */ ([1, 1]), values: [0.1] };
  const map = mapOf(noise(), way({ kernel, mapShape: [SIDE, SIDE] }));
  for (const value of Array.from(map.values)) assert.equal(value, Math.fround(value));
});

test("at stride 1 shift and convolution change places, inside", () => {
  const scene = noise();
  for (const by of /** @type {Cells[]} */ ([[0, 0], [1, 0], [2, 3], [-3, 1]])) {
    const compared = compare(scene, way(), by, mapOf(scene, way()));
    assert.equal(count(compared, true).largest, 0);
    assert.equal(count(compared, true).cells, (10 - Math.abs(by[0])) * (10 - Math.abs(by[1])));
  }
});

test("cells whose windows see the padding, before or after, are not inside", () => {
  const same = way({ pads: [1, 1], mapShape: [SIDE, SIDE] });
  const scene = noise();
  const start = mapOf(scene, same);
  assert.equal(count(compare(scene, same, [0, 0], start), true).cells, 10 * 10);
  assert.equal(count(compare(scene, same, [2, -3], start), true).cells, 8 * 7);
});

test("with a circular border they do so everywhere", () => {
  const circular = way({ circular: true, pads: [1, 1], mapShape: [SIDE, SIDE] });
  const scene = noise();
  assert.deepEqual(count(compare(scene, circular, [5, -4], mapOf(scene, circular)), true), { cells: SIDE ** 2, largest: 0 });
});

test("at stride 2 only even displacements are exact", () => {
  const two = way({ stride: 2, mapShape: [5, 5] });
  const scene = noise();
  const start = mapOf(scene, two);
  assert.equal(count(compare(scene, two, [2, 4], start), true).largest, 0);
  const odd = compare(scene, two, [0, 1], start);
  assert.ok(count(odd, true).largest > 0);
  assert.equal(odd.exact, false);
  assert.deepEqual(odd.steps, [0, 1]);
});

test("halves are rounded up, below 0 as above", () => {
  assert.deepEqual([-3, -2, -1, 0, 1, 2, 3].map((by) => nearest(by, 2)), [-1, -1, 0, 0, 1, 1, 2]);
  assert.equal(nearest(7, GLOBAL), 0);
});

test("a pool hands on the largest value, one of all the largest of the map", () => {
  const scene = noise();
  const map = mapOf(scene, way());
  const two = mapOf(scene, way({ pool: 2 }));
  assert.deepEqual(two.shape, [5, 5]);
  assert.equal(two.values[1], Math.max(map.values[2], map.values[3], map.values[12], map.values[13]));
  assert.deepEqual(mapOf(scene, way({ pool: GLOBAL })).values, Float64Array.of(Math.max(...Array.from(map.values))));
});

test("zeros come in where nothing is moved around", () => {
  const grid = { shape: /** @type {Cells} */ ([1, 3]), values: [1, 2, 3] };
  assert.deepEqual([...Array.from(moved(grid, [0, 1], false).values)], [0, 1, 2]);
  assert.deepEqual([...Array.from(moved(grid, [0, -1], true).values)], [2, 3, 1]);
});

test("of equal maxima the first is marked", () => {
  assert.deepEqual(peakOf({ shape: [2, 2], values: [1, 4, 4, 0] }), { row: 0, col: 1, value: 4 });
});

test("an object stays in the scene, and covers only what belongs to it", () => {
  const thing = { pixels: { shape: /** @type {Cells} */ ([2, 2]), values: [9, 9, 9, 9] }, mask: [1, 0, 0, 1] };
  const scene = withThing({ shape: [3, 3], values: new Float64Array(9) }, thing, [5, 1]);
  assert.deepEqual([...Array.from(scene.values)], [0, 0, 0, 0, 9, 0, 0, 0, 9]);
});

test("arrow keys go one pixel, with Shift eight", () => {
  assert.deepEqual(stepOfKey("ArrowLeft", false), [0, -1]);
  assert.deepEqual(stepOfKey("ArrowDown", true), [FAR, 0]);
  assert.equal(stepOfKey("a", false), null);
});

test("a walk stays within its margins and meets even and odd places", () => {
  let walk = { place: /** @type {Cells} */ ([12, 10]), going: /** @type {Cells} */ ([1, 1]), count: 0 };
  const cols = new Set();
  for (let i = 0; i < 300; i++) {
    walk = walked(walk, [40, 40], [4, 4]);
    assert.ok(walk.place.every((at) => at >= 4 && at <= 36));
    cols.add(walk.place[1] % 2);
  }
  assert.equal(cols.size, 2);
});

test("sixty places are remembered, and the same one once", () => {
  const peak = { row: 0, col: 0, value: 1 };
  let visits = visited([], { by: [0, 0], peak, whole: true });
  assert.equal(visited(visits, { by: [0, 0], peak, whole: true }).length, 1);
  for (let i = 1; i < 100; i++) visits = visited(visits, { by: [0, i], peak, whole: true });
  assert.equal(visits.length, MOST_VISITS);
});

test("what is said is counted", () => {
  assert.equal(differenceWords({ cells: 1558, largest: 0 }, { cells: 1, largest: 2 }), "Largest difference: 0 in all 1,558 cells inside; 2 among the 1 hatched cell that touches a border.");
  assert.equal(differenceWords({ cells: 1, largest: 3 }, { cells: 0, largest: 0 }), "Largest difference: 3 in the one cell.");
});
