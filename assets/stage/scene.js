/**
 * The scene: everything that is to be seen at one moment, as plain data. The same view always gives the same scene,
 * whatever the way that led there.
 */

import { axisPositions, cellAt, cellOfStep, clamp, inputAt, isInside, isReal, reachOf, sourceAt, weightsAt } from "./model.js";

/** @import { Cell, Model, Reach } from "./model.js" */

/** The parts of a step, in words. */
export const PARTS = [
  "take the window", "multiply", "sum each channel", "add the channels", "add the bias", "write the cell",
];

export const TAKE = 0;
export const MULTIPLY = 1;
export const SUM = 2;
export const ADD = 3;
export const BIAS = 4;
export const WRITE = 5;

/**
 * @typedef {object} View
 * @property {number} step
 * @property {number} [part] of the step that is done: an index of PARTS; without it the whole step
 * @property {number} fraction of the way to the next part, or to the next step where no parts are shown
 * @property {number} feature
 * @property {{row: number, col: number} | null} pointed an output cell under the pointer
 * @property {boolean} still true where things must not travel
 * @property {Focus | null} [focus] another thing that is pointed at, or pinned
 * @property {boolean} [held] whether the focus is one that a click or a key holds
 * @property {number} [channel] the one that is unfolded, and shown of an input that is no photo
 * @property {number} [turning] how far the kernels have come in being turned over, 0 to 1: 1 where they stand still
 *
 * @typedef {{part: "input", row: number, col: number}
 *   | {part: "weight" | "tap", channel: number, row: number, col: number}} Focus
 *   a place of the input as it is drawn, in the image's coordinates, or a weight, or one tap of the window
 *
 * @typedef {object} Scatter where a place of the input goes
 * @property {number} row
 * @property {number} col
 * @property {number[] | null} pixel its values, a number for each channel; null on the padding and between the cells
 * @property {(Reach & {weights: Float64Array})[]} reach the cells it feeds, and the weights on the way
 *
 * @typedef {object} Sharing where a weight is used
 * @property {number} channel
 * @property {number} row
 * @property {number} col
 * @property {number} weight
 * @property {number[]} rows the rows of the image that it meets, one for each row of the map
 * @property {number[]} cols
 * @property {number} met how many cells of the map have used it so far
 * @property {number} onPadding how many of these read the padding with it, or a zero between the cells
 *
 * @typedef {{channel: number, row: number, col: number, at: number}} Tap one product of the window, and its place in
 *   the cell's arrays
 *
 * @typedef {object} Scene
 * @property {Scatter | null} scatter
 * @property {Sharing | null} sharing
 * @property {Tap | null} tap
 * @property {number} turning
 * @property {number} channel
 * @property {boolean} held
 * @property {boolean} inParts whether the parts of the step are shown one by one
 * @property {Model} model
 * @property {Cell} cell the cell whose arithmetic is shown
 * @property {boolean} pointed whether it is the one under the pointer, not the one of the step
 * @property {{row: number, col: number}} windowAt the window's first tap in the image's coordinates; between cells while it travels
 * @property {{row: number, col: number}} cursor the cell of the step
 * @property {number} part what of the cell is done: an index of PARTS
 * @property {{into: number, share: number, coming: Cell | null} | null} moving the part that is being done, how far
 *   it has come, and the cell whose window is being taken
 * @property {number} revealed how many cells of the maps are filled in
 * @property {number} feature
 */

// The window rests on a cell for the first part of its time, and travels in the rest.
export const REST = 0.55;

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Scene}
 */
export function makeScene(model, view) {
  const cursor = cellOfStep(model, view.step);
  const place = view.pointed ?? cursor;
  const cell = cellAt(model, place.row, place.col, view.feature);
  const part = view.pointed ? WRITE : view.part ?? WRITE;
  const share = view.pointed || view.still ? 0 : travel(view.fraction);
  const moving = view.part === undefined || share === 0 ? null : movement(model, view, share);
  const windowAt = { row: cell.rowPositions[0], col: cell.colPositions[0] };
  const lastInRow = cursor.col === model.outCols - 1;
  const leaves = view.part === undefined || view.part === WRITE;
  if (leaves && !lastInRow) windowAt.col += share * model.payload.header.stride[1];
  const revealed = view.step + ((view.part ?? WRITE) === WRITE ? 1 : 0);
  const focus = view.focus ?? null;
  return {
    model, cell, windowAt, cursor, part, moving, revealed,
    pointed: view.pointed !== null,
    feature: view.feature,
    scatter: focus?.part === "input" ? scatterOf(model, view.feature, focus.row, focus.col) : null,
    sharing: focus?.part === "weight" ? sharingOf(model, view.feature, focus, revealed) : null,
    tap: focus && focus.part !== "input" ? tapOf(model, focus) : null,
    channel: view.channel ?? 0,
    held: focus !== null && (view.held ?? false),
    inParts: view.part !== undefined && !view.pointed,
    turning: view.turning ?? 1,
  };
}

/**
 * @param {Model} model
 * @param {number} feature
 * @param {number} row
 * @param {number} col
 * @returns {Scatter}
 */
function scatterOf(model, feature, row, col) {
  const { imageCols, channels } = model;
  const start = (sourceAt(model, 0, row) * imageCols + sourceAt(model, 1, col)) * channels;
  return {
    row, col,
    pixel: isInside(model, row, col) ? Array.from({ length: channels }, (_, c) => inputAt(model, start + c)) : null,
    reach: reachOf(model, row, col).map((cell) => ({
      ...cell, weights: weightsAt(model, feature, cell.tapRow, cell.tapCol),
    })),
  };
}

/**
 * @param {Model} model
 * @param {number} feature
 * @param {{channel: number, row: number, col: number}} weight
 * @param {number} met
 * @returns {Sharing}
 */
function sharingOf(model, feature, { channel, row, col }, met) {
  const along = (/** @type {0 | 1} */ axis, /** @type {number} */ outputs, /** @type {number} */ tap) =>
    Array.from({ length: outputs }, (_, index) => axisPositions(model, axis, index)[tap]);
  const [rows, cols] = [along(0, model.outRows, row), along(1, model.outCols, col)];
  const inside = (/** @type {number[]} */ some, /** @type {0 | 1} */ axis) => some.filter((at) => isReal(model, axis, at)).length;
  const whole = Math.floor(met / cols.length);
  const pixels = inside(rows.slice(0, whole), 0) * inside(cols, 1)
    + inside(rows.slice(whole, whole + 1), 0) * inside(cols.slice(0, met % cols.length), 1);
  return {
    channel, row, col, met, rows, cols,
    onPadding: met - pixels,
    weight: weightsAt(model, feature, row, col)[channel],
  };
}

/**
 * The cells that a pointed place of the input feeds with something: the zeros of a transposed convolution paint none.
 *
 * @param {Scene} scene
 * @returns {Scatter | null}
 */
export function painted({ model, scatter }) {
  return model.transposed && !scatter?.pixel ? null : scatter;
}

/**
 * @param {Model} model
 * @param {{channel: number, row: number, col: number}} focus
 * @returns {Tap}
 */
function tapOf({ kernelRows, kernelCols }, { channel, row, col }) {
  return { channel, row, col, at: (channel * kernelRows + row) * kernelCols + col };
}

/**
 * What one points at with keys alone, first: the pixel in the middle of a cell's window; then the weight there; then
 * nothing.
 *
 * @param {Model} model
 * @param {Focus | null} focus until now
 * @param {{row: number, col: number}} at the cell
 * @param {number} channel
 * @returns {Focus | null}
 */
export function nextFocus(model, focus, at, channel) {
  const [row, col] = [Math.floor((model.kernelRows - 1) / 2), Math.floor((model.kernelCols - 1) / 2)];
  if (focus?.part === "input") return { part: "weight", channel, row, col };
  if (focus) return null;
  return { part: "input", row: nearestReal(model, 0, at.row, row), col: nearestReal(model, 1, at.col, col) };
}

/**
 * The position of the tap next to one that lies on a row or column of the image; of the tap itself where none does.
 *
 * @param {Model} model
 * @param {0 | 1} axis
 * @param {number} index of the output
 * @param {number} tap
 */
function nearestReal(model, axis, index, tap) {
  const positions = axisPositions(model, axis, index);
  // The padding of a plain convolution is worth pointing at; zeros that only stand for nothing are not.
  if (!model.transposed) return positions[tap];
  const real = positions.filter((position) => isReal(model, axis, position));
  const away = (/** @type {number} */ position) => Math.abs(position - positions[tap]);
  return real.length ? real.reduce((best, position) => (away(position) < away(best) ? position : best)) : positions[tap];
}

/**
 * The neighbour of what one points at: from one cell to the next over the zeros between them. From the last row of a channel's weights one comes to the next channel.
 *
 * @param {Model} model
 * @param {Focus} focus
 * @param {number} rows
 * @param {number} cols
 * @returns {Focus}
 */
export function movedFocus(model, focus, rows, cols) {
  if (focus.part === "input") {
    const [[top, bottom], [left, right]] = model.payload.header.pads;
    const [down, across] = isInside(model, focus.row, focus.col) ? model.stretch : [1, 1];
    return {
      part: "input",
      row: clamp(focus.row + rows * down, 0 - top, model.rows + bottom - 1),
      col: clamp(focus.col + cols * across, 0 - left, model.cols + right - 1),
    };
  }
  const { kernelRows, kernelCols, channels } = model;
  const row = clamp(focus.channel * kernelRows + focus.row + rows, 0, channels * kernelRows - 1);
  return {
    part: focus.part,
    channel: Math.floor(row / kernelRows),
    row: row % kernelRows,
    col: clamp(focus.col + cols, 0, kernelCols - 1),
  };
}

/**
 * @param {Model} model
 * @param {View} view
 * @param {number} share
 */
function movement(model, view, share) {
  const into = ((view.part ?? WRITE) + 1) % PARTS.length;
  if (into !== TAKE) return { into, share, coming: null };
  if (view.step + 1 >= model.steps) return null;
  const next = cellOfStep(model, view.step + 1);
  return { into, share, coming: cellAt(model, next.row, next.col, view.feature) };
}

/**
 * How far a thing has come on its way: still at first, then smoothly over.
 *
 * @param {number} fraction
 */
export function travel(fraction) {
  const t = Math.min(1, Math.max(0, (fraction - REST) / (1 - REST)));
  return t * t * (3 - 2 * t);
}
