/**
 * Where everything stands, in CSS pixels, from sizes alone. Three columns where there is room (input, arithmetic,
 * output); two on a tablet, the pictures beside the arithmetic; on a phone the pictures side by side above it.
 */

import { channelNames } from "./model.js";
import { unusedText } from "./readout.js";

/** @import { Model } from "./model.js" */

/**
 * @typedef {{x: number, y: number, w: number, h: number}} Rect
 *
 * @typedef {object} Picture an image or a map on the stage
 * @property {Rect} area all of it; for the input with its ring of padding
 * @property {number} px the side of one pixel or cell
 * @property {number} rows with the padding
 * @property {number} cols
 *
 * @typedef {object} Grid a small grid of numbers
 * @property {Rect} area
 * @property {number} cellW
 * @property {number} cellH
 *
 * @typedef {object} ChannelRow
 * @property {Grid} patch
 * @property {Grid} weights
 * @property {Grid} products
 * @property {Rect} subtotal
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {boolean} wide
 * @property {number} font the size of ordinary text
 * @property {Picture} input
 * @property {Rect} inputTitle
 * @property {Rect} inputNote under the picture
 * @property {Picture} output
 * @property {Rect} outputTitle
 * @property {Rect} scaleBar
 * @property {{feature: number, picture: Picture}[]} thumbs
 * @property {Rect} arithmeticTitle
 * @property {ChannelRow[]} channelRows
 * @property {Rect} sum
 */

const GAP = 28;
const TITLE = 44;
const SMALLEST_NUMBER = 8;

/**
 * @param {Model} model
 * @param {number} width of the stage
 * @param {number} [room] the height that the canvas should keep to where it can
 * @returns {Layout}
 */
export function layoutStage(model, width, room = 470) {
  if (width >= 760) return wideLayout(model, width, room);
  return width >= 560 ? mediumLayout(model, width, room) : narrowLayout(model, width);
}

/**
 * @param {Model} model
 * @param {number} width
 * @param {number} room
 * @returns {Layout}
 */
function wideLayout(model, width, room) {
  const font = width >= 1000 ? 15 : 13;
  const gap = width >= 1000 ? GAP : 16;
  // A larger kernel needs the room for its numbers; a small one leaves it to the pictures.
  const middle = Math.min(width * (model.kernelCols > 3 ? 0.52 : 0.41), 720);
  const side = (width - middle - 2 * gap) / 2;
  const note = noteHeight(model, side, font);
  const footer = Math.max(52, note + 10);
  const thumbRows = thumbGrid(model.features, side);
  const pictureRoom = Math.min(side, room - TITLE - footer - (model.features > 1 ? thumbRows.height + 10 : 0));
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: room - TITLE - footer });
  const right = width - side;
  const output = fitPicture(model.outRows, model.outCols, { x: right, y: TITLE, w: side, h: pictureRoom });
  const scaleBar = { x: right, y: output.area.y + output.area.h + 10, w: side, h: 38 };
  const thumbs = placeThumbs(model, right, scaleBar.y + scaleBar.h + 12, thumbRows);
  const arithmeticTop = TITLE;
  const sumHeight = 64;
  const rows = channelRows(model, side + gap, arithmeticTop, middle, room - arithmeticTop - sumHeight - 8);
  const rowsEnd = endOf(rows[rows.length - 1].subtotal);
  const sum = { x: side + gap, y: rowsEnd + 14, w: middle, h: sumHeight };
  const thumbsEnd = thumbs.length ? endOf(thumbs[thumbs.length - 1].picture.area) : 0;
  const height = Math.max(endOf(sum), endOf(scaleBar), thumbsEnd, endOf(input.area) + footer) + 4;
  return {
    width, height, wide: true, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote: { x: 0, y: endOf(input.area) + 10, w: side, h: note },
    outputTitle: { x: right, y: 0, w: side, h: TITLE },
    arithmeticTitle: { x: side + gap, y: 0, w: middle, h: TITLE },
    channelRows: rows,
  };
}

/**
 * @param {Model} model
 * @param {number} width
 * @param {number} room
 * @returns {Layout}
 */
function mediumLayout(model, width, room) {
  const font = 13;
  const gap = 20;
  const bar = 46;
  const tall = Math.max(room, 480);
  const side = Math.min(width * 0.36, (tall - 2 * TITLE - bar - 16) / 2);
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: side });
  const note = { x: 0, y: endOf(input.area) + 4, w: side, h: noteHeight(model, side, font) };
  const outputTop = endOf(note) + 8;
  const output = fitPicture(model.outRows, model.outCols, { x: 0, y: outputTop + TITLE, w: side, h: side });
  const scaleBar = { x: 0, y: endOf(output.area) + 10, w: side, h: bar };
  const left = side + gap;
  const middle = width - left;
  const rows = channelRows(model, left, TITLE, middle, 116 * model.channels);
  const sum = { x: left, y: endOf(rows[rows.length - 1].subtotal) + 14, w: middle, h: 60 };
  const thumbRows = thumbGrid(model.features, middle);
  const thumbs = placeThumbs(model, left, endOf(sum) + 14, thumbRows);
  const height = Math.max(endOf(scaleBar), endOf(sum) + (thumbs.length ? 14 + thumbRows.height : 0)) + 4;
  return {
    width, height, wide: false, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote: note,
    outputTitle: { x: 0, y: outputTop, w: side, h: TITLE },
    arithmeticTitle: { x: left, y: 0, w: middle, h: TITLE },
    channelRows: rows,
  };
}

/**
 * @param {Model} model
 * @param {number} width
 * @returns {Layout}
 */
function narrowLayout(model, width) {
  const font = 13;
  const gap = 14;
  const side = (width - gap) / 2;
  const right = side + gap;
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: side });
  const output = fitPicture(model.outRows, model.outCols, { x: right, y: TITLE, w: side, h: side });
  const under = Math.max(endOf(input.area), endOf(output.area)) + 8;
  const scaleBar = { x: right, y: under, w: side, h: 38 };
  const inputNote = { x: 0, y: under, w: side, h: noteHeight(model, side, font) };
  const below = under + Math.max(50, inputNote.h) + 8;
  const thumbRows = thumbGrid(model.features, width);
  const thumbs = placeThumbs(model, 0, below, thumbRows);
  const top = below + (thumbs.length ? thumbRows.height + 14 : 0);
  const rows = channelRows(model, 0, top + 26, width, 150 * model.channels);
  const sum = { x: 0, y: endOf(rows[rows.length - 1].subtotal) + 12, w: width, h: 60 };
  return {
    width, height: endOf(sum) + 4, wide: false, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote,
    outputTitle: { x: right, y: 0, w: side, h: TITLE },
    arithmeticTitle: { x: 0, y: top, w: width, h: 24 },
    channelRows: rows,
  };
}

/**
 * The note's height, by the number of its letters; its words are wrapped where it is painted.
 *
 * @param {Model} model
 * @param {number} width
 * @param {number} font
 */
function noteHeight(model, width, font) {
  const text = unusedText(model);
  if (!text) return 0;
  // A line ends before the word that does not fit: about six letters of it stay empty.
  const perLine = width / (0.55 * (font - 1)) - 6;
  return Math.ceil(text.length / perLine) * (font + 3) + 4;
}

/** @param {Model} model */
function paddedRows(model) {
  const [before, after] = model.payload.header.pads[0];
  return model.rows + before + after;
}

/** @param {Model} model */
function paddedCols(model) {
  const [before, after] = model.payload.header.pads[1];
  return model.cols + before + after;
}

/**
 * The largest picture with square pixels that fits, at the top left of the room.
 *
 * @param {number} rows
 * @param {number} cols
 * @param {Rect} room
 * @returns {Picture}
 */
export function fitPicture(rows, cols, room) {
  const px = Math.min(room.w / cols, room.h / rows);
  return { area: { x: room.x, y: room.y, w: cols * px, h: rows * px }, px, rows, cols };
}

/**
 * @param {number} features
 * @param {number} width
 */
function thumbGrid(features, width) {
  if (features < 2) return { perRow: 0, side: 0, height: 0 };
  const perRow = Math.min(features, width > 500 ? 8 : features > 8 ? 8 : 4);
  const side = Math.min(64, (width - 8 * (perRow - 1)) / perRow);
  const rows = Math.ceil(features / perRow);
  return { perRow, side, height: rows * side + (rows - 1) * 8 };
}

/**
 * @param {Model} model
 * @param {number} left
 * @param {number} top
 * @param {{perRow: number, side: number}} grid
 */
function placeThumbs(model, left, top, { perRow, side }) {
  if (model.features < 2) return [];
  return Array.from({ length: model.features }, (_, feature) => {
    const x = left + (feature % perRow) * (side + 8);
    const y = top + Math.floor(feature / perRow) * (side + 8);
    return { feature, picture: fitPicture(model.outRows, model.outCols, { x, y, w: side, h: side }) };
  });
}

/**
 * @param {Model} model
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @returns {ChannelRow[]}
 */
function channelRows(model, left, top, width, height) {
  const { channels, kernelRows, kernelCols } = model;
  const [subtotalW, operator] = width > 400 ? [74, 18] : [52, 13];
  const label = 6 + 10 * Math.max(...channelNames(model).map((name) => name.length));
  const gap = channels > 1 ? 12 : 0;
  const cellW = Math.min(60, (width - 3 * operator - subtotalW - label) / (3 * kernelCols));
  const cellH = Math.min(Math.max(cellW * 0.94, 5), 48, (height - gap * (channels - 1)) / channels / kernelRows);
  const rowH = Math.max(kernelRows * cellH, 22);
  const area = (/** @type {number} */ x, /** @type {number} */ y) => ({ x, y, w: kernelCols * cellW, h: kernelRows * cellH });
  return Array.from({ length: channels }, (_, c) => {
    const y = top + c * (rowH + gap);
    const patchX = left + label;
    const weightsX = patchX + kernelCols * cellW + operator;
    const productsX = weightsX + kernelCols * cellW + operator;
    const subtotalX = productsX + kernelCols * cellW + operator;
    return {
      patch: { area: area(patchX, y), cellW, cellH },
      weights: { area: area(weightsX, y), cellW, cellH },
      products: { area: area(productsX, y), cellW, cellH },
      subtotal: { x: subtotalX, y, w: left + width - subtotalX, h: rowH },
    };
  });
}

/**
 * The largest size at which a number of so many characters fits a cell; 0 where it could not be read.
 *
 * @param {number} cellW
 * @param {number} cellH
 * @param {number} characters
 */
export function numberFont(cellW, cellH, characters) {
  const size = Math.min(20, cellH * 0.7, (cellW - 4) / (characters * 0.56));
  return size >= SMALLEST_NUMBER ? size : 0;
}

/** @param {Rect} rect */
function endOf(rect) {
  return rect.y + rect.h;
}

/**
 * @typedef {{part: "input" | "output", row: number, col: number} | {part: "thumb", feature: number}
 *   | {part: "weight", channel: number, row: number, col: number} | null} Hit
 *
 * What lies under a point of the stage: a place of the padded input, a cell of the map, a thumbnail, or a weight.
 *
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {Hit}
 */
export function hitTest(layout, x, y) {
  for (const part of /** @type {const} */ (["output", "input"])) {
    const { area, px, rows, cols } = layout[part];
    const place = cellUnder(area, px, px, x, y);
    if (place.row >= 0 && place.col >= 0 && place.row < rows && place.col < cols) return { part, ...place };
  }
  for (const { feature, picture } of layout.thumbs) {
    if (inside(picture.area, x, y)) return { part: "thumb", feature };
  }
  for (const [channel, { weights }] of layout.channelRows.entries()) {
    if (!inside(weights.area, x, y)) continue;
    return { part: "weight", channel, ...cellUnder(weights.area, weights.cellW, weights.cellH, x, y) };
  }
  return null;
}

/**
 * @param {Rect} area
 * @param {number} w of a cell
 * @param {number} h
 * @param {number} x
 * @param {number} y
 */
function cellUnder(area, w, h, x, y) {
  return { row: Math.floor((y - area.y) / h), col: Math.floor((x - area.x) / w) };
}

/**
 * @param {Rect} area
 * @param {number} x
 * @param {number} y
 */
function inside({ x: left, y: top, w, h }, x, y) {
  return x >= left && y >= top && x < left + w && y < top + h;
}
