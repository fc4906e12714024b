/**
 * Where things are in the picture of the matrix, in CSS pixels: the picture as a row on top, the matrix, the map as a
 * column at its right.
 *
 * @typedef {object} Geometry
 * @property {number} left of the matrix
 * @property {number} top of the matrix
 * @property {number} cellWidth
 * @property {number} cellHeight
 * @property {number} right edge of the matrix
 * @property {number} bottom edge of the matrix
 * @property {number} mapLeft where the column begins that is the map
 * @property {number} width
 * @property {number} height
 *
 * @typedef {{part: "matrix", row: number, column: number} | {part: "picture", column: number}
 *   | {part: "map", row: number}} Hit
 */

import { clamp } from "./matrix.js";

/** How thick the row of pixels and the column of cells are. */
export const BAND = 22;
const GAP = 8;
const EDGE = 3;
const LARGEST_CELL = 26;
// As high as a screen can show it together with what is said of it.
const TALLEST = 520;
const LEAST_HEIGHT = 3;

/**
 * @param {number} width that there is, in CSS pixels
 * @param {number} rows
 * @param {number} columns
 * @returns {Geometry}
 */
export function layOut(width, rows, columns) {
  const cellWidth = Math.max(1, Math.min(LARGEST_CELL, (width - 2 * EDGE - GAP - BAND) / columns));
  const cellHeight = Math.max(LEAST_HEIGHT, Math.min(cellWidth, TALLEST / rows));
  const [left, top] = [EDGE, EDGE + BAND + GAP];
  const [right, bottom] = [left + columns * cellWidth, top + rows * cellHeight];
  return {
    left, top, cellWidth, cellHeight, right, bottom,
    mapLeft: right + GAP, width: right + GAP + BAND + EDGE, height: bottom + EDGE,
  };
}

/**
 * What is at a point; a little beside the matrix counts as its edge.
 *
 * @param {Geometry} geometry
 * @param {number} x
 * @param {number} y
 * @param {number} rows
 * @param {number} columns
 * @returns {Hit}
 */
export function hitAt(geometry, x, y, rows, columns) {
  const row = clamp(Math.floor((y - geometry.top) / geometry.cellHeight), rows);
  const column = clamp(Math.floor((x - geometry.left) / geometry.cellWidth), columns);
  if (y < geometry.top - GAP / 2) return { part: "picture", column };
  if (x > geometry.right + GAP / 2) return { part: "map", row };
  return { part: "matrix", row, column };
}
