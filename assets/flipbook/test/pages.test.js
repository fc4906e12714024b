import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../stage/keys.js";
import { highest } from "../drawing.js";
import { after, at, ofBook, pace, ticked } from "../pages.js";

const book = (/** @type {number} */ page, /** @type {number} */ pages = 30, playing = false) => ({ page, pages, playing });

test("steps stay within the book, and whoever steps is at rest", () => {
  assert.deepEqual(after(book(0, 30, true), "Step back"), book(0));
  assert.deepEqual(after(book(4, 30, true), "Step forward"), book(5));
  assert.deepEqual(after(book(29), "Step forward"), book(29));
  assert.deepEqual(after(book(4), "To end"), book(29));
  assert.deepEqual(after(book(4), "To start"), book(0));
});

test("a long step is a tenth of the book, and never none", () => {
  assert.equal(after(book(10), "Far forward").page, 13);
  assert.equal(after(book(10), "Far back").page, 7);
  assert.equal(after(book(1, 3), "Far forward").page, 2);
});

test("playing goes page by page to the last one, rests there, and begins again", () => {
  let place = after(book(27), "Play");
  const seen = [];
  while (place.playing && seen.length < 99) {
    place = ticked(place);
    seen.push(place.page);
  }
  assert.deepEqual(seen, [28, 29]);
  assert.deepEqual(after(place, "Play"), book(0, 30, true));
  assert.deepEqual(after(book(3, 30, true), "Play"), book(3));
  assert.deepEqual(after(book(0, 1), "Play"), book(0, 1), "a single page has nothing to play");
});

test("a page that is not there is the nearest one", () => {
  assert.deepEqual([at(book(0), 99), at(book(0), -3), at(book(7), NaN), at(book(0), 2.4)].map(({ page }) => page), [29, 0, 0, 2]);
});

test("a play takes no longer than is watched, and no page flies past", () => {
  assert.equal(pace(5), 650);
  for (const pages of [1, 10, 50, 100, 5000]) {
    assert.ok(pace(pages) >= 120);
    assert.ok(pace(pages) * pages <= 20_050 || pace(pages) === 120);
  }
});

test("the keys are those of the stage, and no others are taken", () => {
  const of = (/** @type {string} */ key, shift = false) => ofBook(actionOf(key, shift, "div"));
  assert.deepEqual([" ", "ArrowRight", "ArrowLeft", "Home", "End"].map((key) => of(key)), ["Play", "Step forward", "Step back", "To start", "To end"]);
  assert.equal(of("ArrowRight", true), "Step forward");
  for (const key of ["ArrowUp", "ArrowDown", "w", "l", "?", "1", "Tab", "Escape", "Enter"]) assert.equal(of(key), null, key);
});

test("the room is that of the highest drawing", () => {
  assert.equal(highest(['<svg viewBox="0 0 760 380">', '<svg viewBox="0 0 760 570">', "<svg>"]), 0.75);
  assert.equal(highest([]), 0);
});
