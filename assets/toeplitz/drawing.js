/** The pictures: the matrix with its two vectors, and three small grids. They are drawn anew at each change. */

import { SIDE, inkOn, levelColours } from "../stage/colour.js";
import { formatNumber, formatWeight } from "../stage/numbers.js";
import { levelOf } from "../paint/pictures.js";
import { BAND } from "./geometry.js";
import { repetitionsOf, rowCount, termsOf, usesOf } from "./matrix.js";

/** @import { Palette, Rgb } from "../stage/colour.js" */
/** @import { Geometry } from "./geometry.js" */
/** @import { Matrix, Place } from "./matrix.js" */

const FONT = 14;

/**
 * A cell of a small grid: its colour, and what stands in it where there is room.
 *
 * @typedef {{colour: Rgb | null, text: string, marked?: boolean}} Cell
 */

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels, and empty
 * @param {Matrix} matrix
 * @param {Geometry} geometry
 * @param {Place} place
 * @param {Palette} palette
 */
export function drawMatrix(context, matrix, geometry, place, palette) {
  const { left, top, cellWidth, cellHeight, right, bottom, mapLeft } = geometry;
  const [weight, value, grey] = [weightColour(matrix, palette), valueColour(matrix, palette), greyColour(matrix)];
  const [, imageCols] = matrix.imageShape;
  const [, mapCols] = matrix.mapShape;
  const rows = rowCount(matrix);
  const fill = (/** @type {Rgb} */ [r, g, b], /** @type {number[]} */ [x, y, width, height]) => {
    context.fillStyle = `rgb(${r}, ${g}, ${b})`;
    context.fillRect(x, y, width, height);
  };
  context.fillStyle = palette.empty;
  context.fillRect(left, top, right - left, bottom - top);
  for (let column = 0; column < matrix.image.length; column++) {
    fill(grey(matrix.image[column]), [left + column * cellWidth, top - BAND - 8, cellWidth + 0.3, BAND]);
  }
  const chosen = place.kind === "row" ? place.row : -1;
  for (let row = 0; row < rows; row++) {
    const y = top + row * cellHeight;
    fill(value(matrix.product[row]), [mapLeft, y, BAND, cellHeight + 0.3]);
    for (const term of termsOf(matrix, row)) {
      const x = left + term.column * cellWidth;
      fill(weight(term.weight), [x, y, cellWidth, cellHeight]);
      if (term.weight === 0) dot(context, [x, y, cellWidth, cellHeight], palette);
    }
  }
  // Each block is a row of the map against a row of the picture.
  context.strokeStyle = palette.muted;
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let column = 0; column <= matrix.image.length; column += imageCols) {
    context.moveTo(left + column * cellWidth, top);
    context.lineTo(left + column * cellWidth, bottom);
  }
  for (let row = 0; row <= rows; row += mapCols) {
    context.moveTo(left, top + row * cellHeight);
    context.lineTo(right, top + row * cellHeight);
  }
  context.stroke();
  context.globalAlpha = 1;
  frame(context, [left, top - BAND - 8, right - left, BAND], palette.muted, 1);
  frame(context, [mapLeft, top, BAND, bottom - top], palette.muted, 1);
  const at = (/** @type {number} */ row, /** @type {number} */ column) => [left + column * cellWidth, top + row * cellHeight, cellWidth, cellHeight];
  if (place.kind === "column") {
    const x = left + place.column * cellWidth;
    outline(context, [x, top, cellWidth, bottom - top], palette);
    outline(context, [x, top - BAND - 8, cellWidth, BAND], palette);
    for (const { row } of usesOf(matrix, place.column)) outline(context, [mapLeft, top + row * cellHeight, BAND, cellHeight], palette);
    return;
  }
  if (place.tap !== null) {
    for (const { row, column } of repetitionsOf(matrix, place.tap)) frame(context, at(row, column), palette.accent, 2);
  }
  const y = top + chosen * cellHeight;
  outline(context, [left, y, right - left, cellHeight], palette);
  outline(context, [mapLeft, y, BAND, cellHeight], palette);
  for (const { column, tap } of termsOf(matrix, chosen)) {
    frame(context, [left + column * cellWidth, top - BAND - 8, cellWidth, BAND], palette.accent, tap === place.tap ? 3 : 1.5);
  }
}

/**
 * The picture with what the place looks at; a number in each cell that has room.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 * @returns {Cell[]}
 */
export function pictureCells(matrix, place) {
  const grey = greyColour(matrix);
  const marked = new Set(place.kind === "row" ? termsOf(matrix, place.row).map(({ column }) => column) : [place.column]);
  return Array.from(matrix.image, (value, column) => ({
    colour: grey(value), text: formatNumber(value, 2), marked: marked.has(column),
  }));
}

/**
 * The row of the matrix, folded to the form of the picture.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 * @param {Palette} palette
 * @returns {Cell[]}
 */
export function foldedCells(matrix, place, palette) {
  const colour = weightColour(matrix, palette);
  /** @type {Cell[]} */
  const cells = Array.from(matrix.image, () => ({ colour: null, text: "" }));
  if (place.kind === "row") {
    for (const { column, tap, weight } of termsOf(matrix, place.row)) {
      cells[column] = { colour: colour(weight), text: formatWeight(weight), marked: tap === place.tap };
    }
  }
  return cells;
}

/**
 * The map; of a column, folded to the form of the map: the weights by which each cell looks at the pixel.
 *
 * @param {Matrix} matrix
 * @param {Place} place
 * @param {Palette} palette
 * @returns {Cell[]}
 */
export function mapCells(matrix, place, palette) {
  const colour = valueColour(matrix, palette);
  const marked = new Set(place.kind === "row" ? [place.row] : usesOf(matrix, place.column).map(({ row }) => row));
  return Array.from(matrix.product, (value, row) => ({
    colour: colour(value), text: formatNumber(value, 3), marked: marked.has(row),
  }));
}

/**
 * The column of the matrix, folded to the form of the map.
 *
 * @param {Matrix} matrix
 * @param {number} column
 * @param {Palette} palette
 * @returns {Cell[]}
 */
export function foldedColumn(matrix, column, palette) {
  const colour = weightColour(matrix, palette);
  /** @type {Cell[]} */
  const cells = Array.from(matrix.product, () => ({ colour: null, text: "" }));
  for (const { row, weight } of usesOf(matrix, column)) cells[row] = { colour: colour(weight), text: formatWeight(weight) };
  return cells;
}

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels, and empty
 * @param {Cell[]} cells
 * @param {[number, number]} shape
 * @param {number} size of a cell, in CSS pixels
 * @param {Palette} palette
 */
export function drawGrid(context, cells, [rows, cols], size, palette) {
  context.font = `${FONT}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  // All numbers or none: a gap among them would look like a missing value.
  const fits = size >= FONT + 4 && cells.every(({ text }) => context.measureText(text).width <= size - 4);
  cells.forEach(({ colour, text }, index) => {
    const [x, y] = [(index % cols) * size, Math.floor(index / cols) * size];
    context.fillStyle = colour ? `rgb(${colour.join(", ")})` : palette.empty;
    context.fillRect(x, y, size + 0.3, size + 0.3);
    if (fits && colour) {
      context.fillStyle = inkOn(colour);
      context.fillText(text, x + size / 2, y + size / 2 + 1);
    }
  });
  context.strokeStyle = palette.muted;
  context.globalAlpha = 0.4;
  context.beginPath();
  for (let row = 0; row <= rows; row++) line(context, 0, row * size, cols * size, row * size);
  for (let col = 0; col <= cols; col++) line(context, col * size, 0, col * size, rows * size);
  context.stroke();
  context.globalAlpha = 1;
  cells.forEach(({ marked }, index) => {
    if (marked) frame(context, [(index % cols) * size, Math.floor(index / cols) * size, size, size], palette.accent, 2.5);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
function line(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

/**
 * A weight of 0 is a weight: its entry is no empty one.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} box
 * @param {Palette} palette
 */
function dot(context, [x, y, width, height], palette) {
  const side = Math.max(1, Math.min(width, height) * 0.28);
  context.fillStyle = palette.muted;
  context.fillRect(x + (width - side) / 2, y + (height - side) / 2, side, side);
}

/**
 * A frame within a box.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} box
 * @param {string} colour
 * @param {number} thick
 */
function frame(context, [x, y, width, height], colour, thick) {
  context.strokeStyle = colour;
  context.lineWidth = Math.min(thick, width / 2, height / 2);
  const inset = context.lineWidth / 2;
  context.strokeRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
}

/**
 * A frame around a box, which stands out on whatever is behind it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} box
 * @param {Palette} palette
 */
function outline(context, [x, y, width, height], palette) {
  for (const [colour, thick] of /** @type {const} */ ([[palette.halo, 4], [palette.accent, 2]])) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  }
}

/**
 * @param {Matrix} matrix
 * @param {Palette} palette
 */
function weightColour({ kernel }, palette) {
  return scale(Math.max(...Array.from(kernel, Math.abs)), palette);
}

/**
 * @param {Matrix} matrix
 * @param {Palette} palette
 */
function valueColour({ product }, palette) {
  return scale(Math.max(...Array.from(product, Math.abs)), palette);
}

/**
 * @param {number} limit
 * @param {Palette} palette
 * @returns {(value: number) => Rgb}
 */
function scale(limit, palette) {
  const colours = levelColours(palette);
  return (value) => colours[levelOf(value, limit, 0)] ?? colours[SIDE];
}

/** @param {Matrix} matrix */
function greyColour({ top }) {
  return (/** @type {number} */ value) => {
    const level = Math.round((value / top) * 255);
    return /** @type {Rgb} */ ([level, level, level]);
  };
}
