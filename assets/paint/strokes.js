/**
 * From the pointer's ways to cells: a stroke begins with a press, follows one pointer, and ends as one change.
 *
 * @typedef {{row: number, col: number}} Cell
 * @typedef {{pointer: number, last: Cell, other: boolean}} Stroke other: begun with Shift or the second button
 * @typedef {{kind: "down" | "move" | "up" | "cancel", pointer: number, cell: Cell | null, other?: boolean}} Touch
 * @typedef {object} Course what a touch leads to
 * @property {Stroke | null} stroke
 * @property {Cell[]} cells that the brush comes to
 * @property {"nothing" | "finish" | "revert"} end
 */

/**
 * @param {Stroke | null} stroke the one that lasts
 * @param {Touch} touch
 * @returns {Course}
 */
export function followed(stroke, { kind, pointer, cell, other = false }) {
  if (stroke && stroke.pointer !== pointer) {
    // A second finger wants to zoom: the first one did not mean to paint.
    return kind === "down" ? { stroke: null, cells: [], end: "revert" } : { stroke, cells: [], end: "nothing" };
  }
  if (kind === "down") {
    if (!cell) return { stroke: null, cells: [], end: "nothing" };
    return { stroke: { pointer, last: cell, other }, cells: [cell], end: "nothing" };
  }
  if (!stroke) return { stroke, cells: [], end: "nothing" };
  if (kind === "up") return { stroke: null, cells: [], end: "finish" };
  if (kind === "cancel") return { stroke: null, cells: [], end: "revert" };
  if (!cell || (cell.row === stroke.last.row && cell.col === stroke.last.col)) return { stroke, cells: [], end: "nothing" };
  return { stroke: { ...stroke, last: cell }, cells: cellsBetween(stroke.last, cell), end: "nothing" };
}

/**
 * The cells on the straight way from one to another, without the first: a fast hand leaves none out.
 *
 * Source: J. E. Bresenham, Algorithm for computer control of a digital plotter, IBM Systems Journal 4 (1), 1965.
 *
 * @param {Cell} from
 * @param {Cell} to
 * @returns {Cell[]}
 */
export function cellsBetween(from, to) {
  const [rows, cols] = [Math.abs(to.row - from.row), Math.abs(to.col - from.col)];
  const [down, right] = [Math.sign(to.row - from.row), Math.sign(to.col - from.col)];
  let { row, col } = from;
  let error = cols - rows;
  const cells = [];
  while (row !== to.row || col !== to.col) {
    const twice = 2 * error;
    if (twice > -rows) {
      error -= rows;
      col += right;
    }
    if (twice < cols) {
      error += cols;
      row += down;
    }
    cells.push({ row, col });
  }
  return cells;
}
