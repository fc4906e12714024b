/**
 * The scene: everything that is to be seen at one moment, as plain data. The same view always gives the same scene,
 * whatever the way that led there.
 */

import { cellAt, cellOfStep } from "./model.js";

/** @import { Cell, Model } from "./model.js" */

/**
 * @typedef {object} View
 * @property {number} step
 * @property {number} fraction of the way to the next step
 * @property {number} feature
 * @property {{row: number, col: number} | null} pointed an output cell under the pointer
 * @property {boolean} still true where things must not travel
 *
 * @typedef {object} Scene
 * @property {Model} model
 * @property {Cell} cell the cell whose arithmetic is shown
 * @property {boolean} pointed whether it is the one under the pointer, not the one of the step
 * @property {{row: number, col: number}} windowAt the window's first tap in the image's coordinates; between cells while it travels
 * @property {{row: number, col: number}} cursor the cell of the step
 * @property {number} revealed how many cells of the maps are filled in
 * @property {number} feature
 */

// The window rests on a cell for the first part of its time, and travels in the rest.
const REST = 0.55;

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Scene}
 */
export function makeScene(model, view) {
  const cursor = cellOfStep(model, view.step);
  const place = view.pointed ?? cursor;
  const cell = cellAt(model, place.row, place.col, view.feature);
  const windowAt = { row: cell.rowPositions[0], col: cell.colPositions[0] };
  const lastInRow = cursor.col === model.outCols - 1;
  if (!view.pointed && !view.still && !lastInRow) {
    windowAt.col += travel(view.fraction) * model.payload.header.stride[1];
  }
  return {
    model, cell, windowAt, cursor,
    pointed: view.pointed !== null,
    revealed: view.step + 1,
    feature: view.feature,
  };
}

/**
 * How far the window has come on its way to the next cell: still at first, then smoothly over.
 *
 * @param {number} fraction
 */
export function travel(fraction) {
  const t = Math.min(1, Math.max(0, (fraction - REST) / (1 - REST)));
  return t * t * (3 - 2 * t);
}
