import assert from "node:assert/strict";
import { test } from "node:test";

import { after, makeClock, seek } from "../clock.js";

// 12 steps, four in a row, of six parts each; a clock stands on the last part of a step.
const CLOCK = makeClock(12, 5, 8, 6);

/** @param {string} action */
const to = (action) => {
  const moved = after(action, CLOCK, 4);
  assert.ok(moved, action);
  return [moved.step, moved.part, moved.playing];
};

test("each button and key of a timeline leads where it says", () => {
  assert.deepEqual(to("Step forward"), [6, 0, false]);
  assert.deepEqual(to("Step back"), [5, 4, false]);
  assert.deepEqual(to("Cell forward"), [6, 5, false]);
  assert.deepEqual(to("Cell back"), [4, 5, false]);
  assert.deepEqual(to("Next row"), [9, 5, false]);
  assert.deepEqual(to("Previous row"), [1, 5, false]);
  assert.deepEqual(to("Far forward"), [7, 5, false]);
  assert.deepEqual(to("Far back"), [3, 5, false]);
  assert.deepEqual(to("To start"), [0, 0, false]);
  assert.deepEqual(to("To end"), [11, 5, false]);
  assert.deepEqual(to("Play"), [5, 5, true]);
});

test("the same button pauses what plays", () => {
  assert.equal(after("Play", { ...CLOCK, playing: true }, 4)?.playing, false);
});

test("none of them leaves the map", () => {
  for (const action of ["Step forward", "Cell forward", "Next row", "Far forward"]) {
    assert.equal(after(action, seek(CLOCK, 11), 4)?.step, 11, action);
  }
  for (const action of ["Cell back", "Previous row", "Far back"]) {
    assert.equal(after(action, seek(CLOCK, 0), 4)?.step, 0, action);
  }
});

test("what is not about time leaves the clock alone", () => {
  for (const action of ["Faster", "Help", "Loupe", { feature: 0 }]) assert.equal(after(action, CLOCK, 4), null);
});
