/** Which key asks for what, on the stage and in its help sheet. */

/**
 * @typedef {"Play" | "Step forward" | "Step back" | "Cell forward" | "Cell back" | "Next row" | "Previous row"
 *   | "Far forward" | "Far back" | "To start" | "To end" | "Faster" | "Slower" | "Sub-steps" | "Let go" | "Help" | "Loupe" | "Why" | "Mistake" | "Point"
 *   | "Zoom in" | "Zoom out" | "Whole picture" | "Look left" | "Look right" | "Look up" | "Look down"
 *   | "Next channel" | "Previous channel" | "Next feature" | "Previous feature"
 *   | {feature: number}} Action
 */

/** @type {[string, string][]} */
export const HELP = [
  ["Space", "play or pause"],
  ["← →", "a step back, a step on: a part of it where sub-steps are shown"],
  ["Shift ← →", "a whole cell back, or on"],
  ["↑ ↓", "a row up, a row down"],
  ["Page up, page down", "a tenth of the map back, or on"],
  ["Home, End", "to the start, to the end"],
  ["+ −", "faster, slower"],
  ["1 to 9", "the feature whose arithmetic is shown"],
  ["F, Shift F", "the next feature, the one before"],
  ["P", "show the six parts of each step, or not"],
  ["I, O, 0", "zoom in, zoom out, the whole picture; the wheel and a pinch do it, too"],
  ["W A S D", "look further up, left, down, right; or drag the picture"],
  ["L", "enlarge the window where the pixels are small, or not"],
  ["Y", "why this cell is bright: its products by size"],
  ["M", "the common mistake, beside what happens"],
  ["C, Shift C", "the next channel, the one before, where they are folded"],
  ["X", "point with the arrow keys: at a pixel, again at a weight, again at neither"],
  ["Escape", "let go of a pixel or a weight that a click or X holds"],
  ["?", "this list"],
];

/** @type {Record<string, Action>} */
const KEYS = {
  " ": "Play",
  ArrowRight: "Step forward",
  ArrowLeft: "Step back",
  ArrowDown: "Next row",
  ArrowUp: "Previous row",
  PageDown: "Far forward",
  PageUp: "Far back",
  Home: "To start",
  End: "To end",
  "+": "Faster",
  "=": "Faster",
  "-": "Slower",
  Escape: "Let go",
  "?": "Help",
  p: "Sub-steps",
  i: "Zoom in",
  o: "Zoom out",
  0: "Whole picture",
  w: "Look up",
  a: "Look left",
  s: "Look down",
  d: "Look right",
  l: "Loupe",
  y: "Why",
  m: "Mistake",
  x: "Point",
  c: "Next channel",
  f: "Next feature",
};

// What these elements do with a key themselves.
const TAKEN = {
  button: [" ", "Enter"],
  summary: [" ", "Enter"],
  input: ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"],
};

/** Where the arrow keys lead what one points at with them: rows and columns.
 * @type {Partial<Record<string, [number, number]>>}
 */
export const ARROWS = {
  "Step forward": [0, 1], "Step back": [0, -1], "Next row": [1, 0], "Previous row": [-1, 0],
};

/**
 * @param {string} key as the browser names it
 * @param {boolean} shift
 * @param {string} element that has the focus, by its tag
 * @returns {Action | null}
 */
export function actionOf(key, shift, element) {
  // A list of choices finds one by any letter.
  if (element === "select") return null;
  if (TAKEN[/** @type {keyof typeof TAKEN} */ (element)]?.includes(key)) return null;
  if (shift && key === "ArrowRight") return "Cell forward";
  if (shift && key === "ArrowLeft") return "Cell back";
  if (shift && key.toLowerCase() === "c") return "Previous channel";
  if (shift && key.toLowerCase() === "f") return "Previous feature";
  if (/^[1-9]$/.test(key)) return { feature: Number(key) - 1 };
  // A letter counts with Caps Lock, too.
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(KEYS, name) ? KEYS[name] : null;
}
