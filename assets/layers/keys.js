/** What the keys do on a map. */

/**
 * @typedef {{kind: "move", rows: number, cols: number} | {kind: "strongest"} | {kind: "pin"} | {kind: "back"}} Action
 */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const STRIDE = 8;

/** @type {[string, string][]} */
export const LEGEND = [
  ["Tab", "to the next map"],
  ["← ↑ ↓ →", "to the next cell; with Shift eight cells on"],
  ["Home", "to the strongest cell of the map"],
  ["Enter", "pin the cell: what excites its unit is shown below"],
  ["Escape", "back to the pinned cell"],
];

/**
 * @param {string} key as the browser names it
 * @param {boolean} shift
 * @returns {Action | null}
 */
export function actionOf(key, shift) {
  if (Object.hasOwn(ARROWS, key)) {
    const [rows, cols] = ARROWS[key];
    const far = shift ? STRIDE : 1;
    return { kind: "move", rows: rows * far, cols: cols * far };
  }
  if (key === "Home") return { kind: "strongest" };
  if (key === "Enter" || key === " ") return { kind: "pin" };
  if (key === "Escape") return { kind: "back" };
  return null;
}
