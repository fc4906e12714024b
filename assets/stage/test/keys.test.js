import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, actionOf } from "../keys.js";

test("each key that the help sheet names does something on the picture", () => {
  const named = {
    "Space": [" "], "← →": ["ArrowLeft", "ArrowRight"], "↑ ↓": ["ArrowUp", "ArrowDown"],
    "Page up, page down": ["PageUp", "PageDown"], "Home, End": ["Home", "End"], "+ −": ["+", "-"],
    "1 to 9": [..."123456789"], "P": ["p", "P"], "I, O, 0": ["i", "o", "0"], "W A S D": ["w", "a", "s", "d"], "L": ["l"], "Y": ["y"], "M": ["m"], "X": ["x"], "Escape": ["Escape"], "?": ["?"],
  };
  assert.deepEqual(HELP.map(([keys]) => keys).filter((keys) => !keys.includes("Shift")), Object.keys(named));
  for (const keys of Object.values(named)) {
    for (const key of keys) assert.notEqual(actionOf(key, false, "canvas"), null, key);
  }
});

test("with shift, the arrows go by whole cells", () => {
  assert.equal(actionOf("ArrowRight", true, "canvas"), "Cell forward");
  assert.equal(actionOf("ArrowLeft", true, "canvas"), "Cell back");
});

test("F goes through the features, with shift back", () => {
  assert.equal(actionOf("f", false, "canvas"), "Next feature");
  assert.equal(actionOf("F", true, "canvas"), "Previous feature");
});

test("with shift, C goes a channel back, with Caps Lock it does not", () => {
  assert.equal(actionOf("C", true, "canvas"), "Previous channel");
  assert.equal(actionOf("c", false, "canvas"), "Next channel");
  assert.equal(actionOf("C", false, "canvas"), "Next channel");
});

test("buttons and sliders keep the keys that are theirs", () => {
  assert.equal(actionOf(" ", false, "button"), null);
  assert.equal(actionOf("Enter", false, "button"), null);
  assert.equal(actionOf(" ", false, "summary"), null);
  for (const key of ["ArrowRight", "ArrowLeft", "Home", "End", "PageUp"]) assert.equal(actionOf(key, false, "input"), null);
  assert.equal(actionOf("ArrowRight", false, "button"), "Step forward");
  assert.equal(actionOf(" ", false, "input"), "Play");
});

test("digits choose features, from 1", () => {
  assert.deepEqual(actionOf("1", false, "canvas"), { feature: 0 });
  assert.deepEqual(actionOf("9", false, "canvas"), { feature: 8 });
  assert.equal(actionOf("0", false, "canvas"), "Whole picture");
});

test("other keys are left to the page", () => {
  for (const key of ["Tab", "Enter", "q", "r", "F5", "toString", "constructor", ""]) {
    assert.equal(actionOf(key, false, "canvas"), null, key);
  }
});
