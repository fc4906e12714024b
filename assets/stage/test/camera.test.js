import assert from "node:assert/strict";
import { test } from "node:test";
import { WHOLE, aimed, following, intersection, mostZoom, panned, seenBy, visibleRegion, zoomedBy } from "../camera.js";
import { hitTest, layoutStage } from "../layout.js";
import { SOBEL, anyExperiment, forAll, modelOf } from "./helpers.js";

/** @import { Camera } from "../camera.js" */
/** @import { Random } from "./helpers.js" */

const close = (/** @type {number} */ a, /** @type {number} */ b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

const anyCamera = (/** @type {Random} */ random) =>
  zoomedBy(WHOLE, random.real(1, 40), 40, random.next(), random.next());

/**
 * Where a place of the picture is seen, as a share of the frame.
 *
 * @param {Camera} camera
 * @param {number} at a share of the picture's height
 */
const seenAt = (camera, at) => (at - camera.row) * camera.zoom + 0.5;

/** @param {Camera} camera */
function assertWithin({ zoom, row, col }) {
  assert.ok(zoom >= 1);
  for (const at of [row, col]) assert.ok(at - 0.5 / zoom >= -1e-9 && at + 0.5 / zoom <= 1 + 1e-9, `${at} at ${zoom}`);
}

test("zooming keeps the place it is about where it is seen, but for the borders of the picture", () => {
  forAll(61, 300, (random) => ({ camera: anyCamera(random), factor: random.real(1, 3), at: random.real(0.2, 0.8) }), ({ camera, factor, at }) => {
    const row = camera.row + (at - 0.5) / camera.zoom;
    const zoomed = zoomedBy(camera, factor, 1000, row, camera.col);
    close(seenAt(zoomed, row), at);
    close(zoomed.zoom, camera.zoom * factor);
    assertWithin(zoomed);
  });
});

test("no zoom goes beyond the picture or the largest pixel", () => {
  forAll(62, 200, (random) => ({ camera: anyCamera(random), factor: random.real(0.01, 100), most: random.real(1, 50) }), ({ camera, factor, most }) => {
    const zoomed = zoomedBy(camera, factor, most, 0.1, 0.9);
    assertWithin(zoomed);
    assert.ok(zoomed.zoom <= Math.max(most, 1));
  });
  assert.deepEqual(zoomedBy(anyCameraOf(5), 1e-9, 40), WHOLE);
});

/** @param {number} zoom */
function anyCameraOf(zoom) {
  return zoomedBy(WHOLE, zoom, 40, 0.9, 0.1);
}

test("panning goes by shares of what is seen, and stops at the border", () => {
  const camera = zoomedBy(WHOLE, 4, 40);
  close(panned(camera, 0.5, 0).row, 0.5 + 0.5 / 4);
  close(panned(camera, 0, -9).col, 0.125);
  assert.deepEqual(panned(WHOLE, 1, 1), WHOLE);
});

test("what is followed is in sight, and what was in sight does not move", () => {
  forAll(63, 300, (random) => ({
    camera: anyCamera(random),
    region: { row: random.real(0, 0.9), col: random.real(0, 0.9), rows: random.real(0, 0.1), cols: random.real(0, 0.1) },
  }), ({ camera, region }) => {
    const followed = following(camera, region);
    assertWithin(followed);
    assert.equal(followed.zoom, camera.zoom);
    const half = 0.5 / camera.zoom;
    if (region.rows < 1.6 * half) {
      assert.ok(region.row >= followed.row - half - 1e-9 && region.row + region.rows <= followed.row + half + 1e-9);
    }
    assert.deepEqual(following(followed, region), followed);
  });
  const camera = zoomedBy(WHOLE, 4, 40, 0.4, 0.6);
  for (const at of [0.48, 0.5]) assert.deepEqual(following(camera, { row: at, col: at, rows: 0.02, cols: 0.02 }), camera);
});

test("both pictures show the same share of themselves, within the frames they had", () => {
  forAll(64, 100, (random) => ({ experiment: anyExperiment(random), camera: anyCamera(random) }), ({ experiment, camera }) => {
    const layout = layoutStage(modelOf(experiment), 1040);
    const seen = seenBy(layout, camera);
    for (const part of /** @type {const} */ (["input", "output"])) {
      const { rows, cols, frame } = seen[part];
      assert.deepEqual(frame, layout[part].area);
      const region = visibleRegion(seen[part]);
      close(region.rows, rows / camera.zoom);
      close(region.cols, cols / camera.zoom);
      close((region.row + region.rows / 2) / rows, camera.row);
      close((region.col + region.cols / 2) / cols, camera.col);
    }
  });
});

test("what is pointed at in a zoomed picture is what is seen there", () => {
  forAll(65, 200, (random) => ({ camera: anyCamera(random), x: random.next(), y: random.next() }), ({ camera, x, y }) => {
    const layout = layoutStage(modelOf({ ...SOBEL, image: [40, 30, 3] }), 1040);
    const { frame, rows, cols } = layout.input;
    const hit = hitTest(seenBy(layout, camera), frame.x + x * frame.w, frame.y + y * frame.h);
    const at = (/** @type {number} */ middle, /** @type {number} */ share) => middle + (share - 0.5) / camera.zoom;
    assert.deepEqual(hit, {
      part: "input",
      row: Math.min(rows - 1, Math.floor(at(camera.row, y) * rows)),
      col: Math.min(cols - 1, Math.floor(at(camera.col, x) * cols)),
    });
  });
});

test("one can zoom until a pixel is as large as its numbers need", () => {
  const small = layoutStage(modelOf({ image: [2, 2, 1], kernel: [1, 1] }), 1040);
  assert.equal(mostZoom(small), 1);
  const large = layoutStage(modelOf({ image: [400, 300, 1], kernel: [1, 1] }), 1040);
  assert.ok(large.input.px * mostZoom(large) >= 60);
});

test("two regions share what lies in both", () => {
  const one = { row: 0, col: 2, rows: 4, cols: 4 };
  assert.deepEqual(intersection(one, { row: 3, col: 0, rows: 9, cols: 3 }), { row: 3, col: 2, rows: 1, cols: 1 });
  assert.deepEqual(intersection(one, { row: 9, col: 0, rows: 9, cols: 1 }), { row: 9, col: 2, rows: 0, cols: 0 });
});

test("a camera that is aimed shows the place at the point, where the picture has so much beside it", () => {
  forAll(66, 200, (random) => ({
    rows: random.integer(1, 60), cols: random.integer(1, 60), zoom: random.real(1, 30), x: random.next(), y: random.next(), row: random.next(), col: random.next(),
  }), ({ rows, cols, zoom, x, y, row, col }) => {
    const layout = layoutStage(modelOf({ image: [rows, cols, 1], kernel: [1, 1] }), 1040, 470, 0, zoom);
    const { frame } = layout.input;
    const point = { x: frame.x + x * frame.w, y: frame.y + y * frame.h };
    const { area } = seenBy(layout, aimed(layout.input, zoom, { row, col }, point)).input;
    // Nothing but the picture is seen, all over the frame.
    assert.ok(area.x <= frame.x + 1e-6 && area.x + area.w >= frame.x + frame.w - 1e-6);
    assert.ok(area.y <= frame.y + 1e-6 && area.y + area.h >= frame.y + frame.h - 1e-6);
    const [left, top] = [point.x - col * area.w, point.y - row * area.h];
    if (left <= frame.x && left + area.w >= frame.x + frame.w) assert.ok(Math.abs(area.x + col * area.w - point.x) < 1e-6);
    if (top <= frame.y && top + area.h >= frame.y + frame.h) assert.ok(Math.abs(area.y + row * area.h - point.y) < 1e-6);
  });
});

test("the frame of a long picture grows into its room when one zooms in, and what stands under it moves away", () => {
  const model = modelOf({ image: [4, 400, 1], kernel: [3, 3] });
  const whole = layoutStage(model, 1040);
  const zoomed = layoutStage(model, 1040, 470, 0, 50);
  for (const part of /** @type {const} */ (["input", "output"])) {
    assert.ok(zoomed[part].frame.h > 20 * whole[part].frame.h, part);
    assert.equal(zoomed[part].frame.w, whole[part].frame.w);
  }
  assert.ok(zoomed.scaleBar.y >= zoomed.output.frame.y + zoomed.output.frame.h);
  assert.ok(zoomed.inputNote.y >= zoomed.input.frame.y + zoomed.input.frame.h);
});
