/**
 * Which key asks for what, over the kernel and over the photo, and the legend that says so.
 *
 * @typedef {"mirror" | "flip" | "rotate" | "normalise" | "zero-sum" | "clear"
 *   | "shift up" | "shift down" | "shift left" | "shift right"} Deed what a button does with the whole kernel
 * @typedef {{kind: "move", rows: number, cols: number}
 *   | {kind: "paint", mode: "raise" | "lower" | "erase" | "brush"}
 *   | {kind: "do", deed: Deed} | {kind: "next step"} | {kind: "next channel"} | {kind: "drop"}} KernelAction
 * @typedef {{kind: "move" | "resize", rows: number, cols: number} | {kind: "lift"}} PhotoAction
 */

/** @type {[string, string][]} */
export const LEGEND = [
  ["← → ↑ ↓", "another cell"],
  ["+ −", "raise, lower"],
  ["Space", "the chosen brush"],
  ["0", "set to 0"],
  ["S", "the next step"],
  ["C", "the next channel, where there are three"],
  ["M, F, R", "mirror, flip, rotate"],
  ["Shift ← → ↑ ↓", "shift all weights"],
  ["N, Z, X", "normalise, zero-sum, clear"],
  ["Escape", "drop the stroke"],
];

/** @type {[string, string][]} */
export const PHOTO_LEGEND = [
  ["← → ↑ ↓", "move the patch"],
  ["Shift ← → ↑ ↓", "resize it"],
  ["Enter", "lift it"],
];

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @type {Record<string, Deed>} */
const SHIFTS = { ArrowUp: "shift up", ArrowDown: "shift down", ArrowLeft: "shift left", ArrowRight: "shift right" };

/** @type {Record<string, KernelAction>} */
const KERNEL = {
  "+": { kind: "paint", mode: "raise" },
  "=": { kind: "paint", mode: "raise" },
  "-": { kind: "paint", mode: "lower" },
  "−": { kind: "paint", mode: "lower" },
  _: { kind: "paint", mode: "lower" },
  0: { kind: "paint", mode: "erase" },
  Delete: { kind: "paint", mode: "erase" },
  Backspace: { kind: "paint", mode: "erase" },
  " ": { kind: "paint", mode: "brush" },
  s: { kind: "next step" },
  c: { kind: "next channel" },
  m: { kind: "do", deed: "mirror" },
  f: { kind: "do", deed: "flip" },
  r: { kind: "do", deed: "rotate" },
  n: { kind: "do", deed: "normalise" },
  z: { kind: "do", deed: "zero-sum" },
  x: { kind: "do", deed: "clear" },
  Escape: { kind: "drop" },
};

/**
 * @param {string} key as the browser names it
 * @param {boolean} shift
 * @returns {KernelAction | null}
 */
export function kernelAction(key, shift) {
  if (Object.hasOwn(ARROWS, key)) {
    if (shift) return { kind: "do", deed: SHIFTS[key] };
    const [rows, cols] = ARROWS[key];
    return { kind: "move", rows, cols };
  }
  // A letter counts with Caps Lock, too.
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(KERNEL, name) ? KERNEL[name] : null;
}

/**
 * @param {string} key
 * @param {boolean} shift
 * @returns {PhotoAction | null}
 */
export function photoAction(key, shift) {
  if (key === "Enter") return { kind: "lift" };
  if (!Object.hasOwn(ARROWS, key)) return null;
  const [rows, cols] = ARROWS[key];
  return { kind: shift ? "resize" : "move", rows, cols };
}
