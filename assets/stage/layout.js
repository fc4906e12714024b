/**
 * Where everything stands, in CSS pixels, from sizes alone. Three columns where there is room (input, arithmetic,
 * output); two on a tablet, the pictures beside the arithmetic; on a phone the pictures side by side above it.
 */

import { channelNames, clamp } from "./model.js";
import { unusedText } from "./readout.js";

/** @import { Model } from "./model.js" */

/**
 * @typedef {{x: number, y: number, w: number, h: number}} Rect
 *
 * @typedef {object} Picture an image or a map on the stage
 * @property {Rect} area all of it; for the input with its ring of padding
 * @property {Rect} frame where it is seen: the same, but for a picture that is zoomed into
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
 * @property {number} channel
 * @property {Grid} patch
 * @property {Grid} weights
 * @property {Grid} products
 * @property {Rect} subtotal
 *
 * @typedef {object} FoldedRow a channel of which only the subtotal is shown
 * @property {number} channel
 * @property {Rect} area all of it
 * @property {Rect} strip its products, side by side
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
 * @property {FoldedRow[]} foldedRows
 * @property {Rect} sum
 */

const GAP = 28;
const TITLE = 44;
/** What would be smaller than this is not written at all. */
export const SMALLEST_TEXT = 7;
/** More channels than these stand in a list of which one is unfolded. */
export const MOST_UNFOLDED = 4;
const FOLDED = 19;

/**
 * @param {Model} model
 * @param {number} width of the stage
 * @param {number} [room] the height that the canvas should keep to where it can
 * @param {number} [channel] the one that is unfolded where there are many
 * @param {number} [zoom] how far one has zoomed: the frames of pictures that do not fill their room grow with it
 * @returns {Layout}
 */
export function layoutStage(model, width, room = 470, channel = 0, zoom = 1) {
  if (width >= 760) return wideLayout(model, width, room, channel, zoom);
  return width >= 560 ? mediumLayout(model, width, room, channel, zoom) : narrowLayout(model, width, channel, zoom);
}

/**
 * @param {Model} model
 * @param {number} width
 * @param {number} room
 * @param {number} channel
 * @param {number} zoom
 * @returns {Layout}
 */
function wideLayout(model, width, room, channel, zoom) {
  const font = width >= 1000 ? 15 : 13;
  const gap = width >= 1000 ? GAP : 16;
  // A larger kernel needs the room for its numbers; a small one leaves it to the pictures.
  const middle = Math.min(width * (model.kernelCols > 5 ? 0.5 : model.kernelCols > 3 ? 0.56 : hasWhole(model) ? 0.41 : 0.5), 720);
  const side = (width - middle - 2 * gap) / 2;
  const note = noteHeight(model, side, font);
  const footer = Math.max(52, note + 10);
  const thumbRows = thumbGrid(model.features, side);
  const pictureRoom = Math.min(side, room - TITLE - footer - (model.features > 1 ? thumbRows.height + 10 : 0));
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: room - TITLE - footer }, zoom);
  const right = width - side;
  const output = fitPicture(model.outRows, model.outCols, { x: right, y: TITLE, w: side, h: pictureRoom }, zoom);
  const scaleBar = { x: right, y: endOf(output.frame) + 10, w: side, h: 38 };
  const thumbs = placeThumbs(model, right, scaleBar.y + scaleBar.h + 12, thumbRows);
  const arithmeticTop = TITLE;
  const sumHeight = 64;
  const list = placeChannels(model, side + gap, arithmeticTop, middle, room - arithmeticTop - sumHeight - 8, channel);
  const sum = { x: side + gap, y: list.end + 14, w: middle, h: sumHeight };
  const thumbsEnd = thumbs.length ? endOf(thumbs[thumbs.length - 1].picture.area) : 0;
  const height = Math.max(endOf(sum), endOf(scaleBar), thumbsEnd, endOf(input.frame) + footer) + 4;
  return {
    width, height, wide: true, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote: { x: 0, y: endOf(input.frame) + 10, w: side, h: note },
    outputTitle: { x: right, y: 0, w: side, h: TITLE },
    arithmeticTitle: { x: side + gap, y: 0, w: middle, h: TITLE },
    channelRows: list.open,
    foldedRows: list.folded,
  };
}

/** Whether the input has whole numbers, of three digits: others need more room.
 * @param {Model} model
 */
function hasWhole({ signed, top }) {
  return !signed && top === 255;
}

/**
 * @param {Model} model
 * @param {number} width
 * @param {number} room
 * @param {number} channel
 * @param {number} zoom
 * @returns {Layout}
 */
function mediumLayout(model, width, room, channel, zoom) {
  const font = 13;
  const gap = 20;
  const bar = 46;
  const tall = Math.max(room, 480);
  const side = Math.min(width * 0.36, (tall - 2 * TITLE - bar - 16) / 2);
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: side }, zoom);
  const note = { x: 0, y: endOf(input.frame) + 4, w: side, h: noteHeight(model, side, font) };
  const outputTop = endOf(note) + 8;
  const output = fitPicture(model.outRows, model.outCols, { x: 0, y: outputTop + TITLE, w: side, h: side }, zoom);
  const scaleBar = { x: 0, y: endOf(output.frame) + 10, w: side, h: bar };
  const left = side + gap;
  const middle = width - left;
  const list = placeChannels(model, left, TITLE, middle, 116 * Math.min(model.channels, MOST_UNFOLDED), channel);
  const sum = { x: left, y: list.end + 14, w: middle, h: 60 };
  const thumbRows = thumbGrid(model.features, middle);
  const thumbs = placeThumbs(model, left, endOf(sum) + 14, thumbRows);
  const height = Math.max(endOf(scaleBar), endOf(sum) + (thumbs.length ? 14 + thumbRows.height : 0)) + 4;
  return {
    width, height, wide: false, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote: note,
    outputTitle: { x: 0, y: outputTop, w: side, h: TITLE },
    arithmeticTitle: { x: left, y: 0, w: middle, h: TITLE },
    channelRows: list.open,
    foldedRows: list.folded,
  };
}

/**
 * @param {Model} model
 * @param {number} width
 * @param {number} channel
 * @param {number} zoom
 * @returns {Layout}
 */
function narrowLayout(model, width, channel, zoom) {
  const font = 13;
  const gap = 14;
  const side = (width - gap) / 2;
  const right = side + gap;
  const input = fitPicture(paddedRows(model), paddedCols(model), { x: 0, y: TITLE, w: side, h: side }, zoom);
  const output = fitPicture(model.outRows, model.outCols, { x: right, y: TITLE, w: side, h: side }, zoom);
  const under = Math.max(endOf(input.frame), endOf(output.frame)) + 8;
  const scaleBar = { x: right, y: under, w: side, h: 38 };
  const inputNote = { x: 0, y: under, w: side, h: noteHeight(model, side, font) };
  const below = under + Math.max(50, inputNote.h) + 8;
  const thumbRows = thumbGrid(model.features, width);
  const thumbs = placeThumbs(model, 0, below, thumbRows);
  const top = below + (thumbs.length ? thumbRows.height + 14 : 0);
  const list = placeChannels(model, 0, top + 26, width, 150 * Math.min(model.channels, MOST_UNFOLDED), channel);
  const sum = { x: 0, y: list.end + 12, w: width, h: 60 };
  return {
    width, height: endOf(sum) + 4, wide: false, font, input, output, scaleBar, thumbs, sum,
    inputTitle: { x: 0, y: 0, w: side, h: TITLE },
    inputNote,
    outputTitle: { x: right, y: 0, w: side, h: TITLE },
    arithmeticTitle: { x: 0, y: top, w: width, h: 24 },
    channelRows: list.open,
    foldedRows: list.folded,
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
 * @param {number} [zoom] what does not fill its room is seen through a larger frame when it is zoomed into
 * @returns {Picture}
 */
export function fitPicture(rows, cols, room, zoom = 1) {
  const px = Math.min(room.w / cols, room.h / rows);
  const area = { x: room.x, y: room.y, w: cols * px, h: rows * px };
  if (zoom === 1) return { area, frame: area, px, rows, cols };
  const frame = { x: room.x, y: room.y, w: Math.min(room.w, area.w * zoom), h: Math.min(room.h, area.h * zoom) };
  return { area, frame, px, rows, cols };
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
 * The channels, one under the other; where there are many, all but one of them folded.
 *
 * @param {Model} model
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {number} unfolded the channel that is open where not all are
 * @returns {{open: ChannelRow[], folded: FoldedRow[], end: number}}
 */
function placeChannels(model, left, top, width, height, unfolded) {
  const { channels, kernelRows, kernelCols } = model;
  const folding = channels > MOST_UNFOLDED;
  const [subtotalW, operator] = width > 400 ? [74, 18] : [52, 13];
  const label = 6 + 10 * Math.max(...channelNames(model).map((name) => name.length)) + (folding ? 12 : 0);
  const gap = folding ? 3 : channels > 1 ? 12 : 0;
  const openCount = folding ? 1 : channels;
  const room = height - gap * (channels - 1) - (channels - openCount) * FOLDED;
  const cellW = Math.min(60, (width - 3 * operator - subtotalW - label) / (3 * kernelCols));
  const fitting = Math.max(room / openCount / kernelRows, folding ? Math.min(24, 120 / kernelRows) : 0);
  const cellH = Math.min(Math.max(cellW * 0.94, 5), 48, fitting);
  const rowH = Math.max(kernelRows * cellH, 22);
  const area = (/** @type {number} */ x, /** @type {number} */ y) => ({ x, y, w: kernelCols * cellW, h: kernelRows * cellH });
  const patchX = left + label;
  const weightsX = patchX + kernelCols * cellW + operator;
  const productsX = weightsX + kernelCols * cellW + operator;
  const subtotalX = productsX + kernelCols * cellW + operator;
  /** @type {ChannelRow[]} */
  const open = [];
  /** @type {FoldedRow[]} */
  const folded = [];
  let y = top;
  for (let channel = 0; channel < channels; channel++) {
    const isFolded = folding && channel !== unfolded;
    const h = isFolded ? FOLDED : rowH;
    const subtotal = { x: subtotalX, y, w: left + width - subtotalX, h };
    if (isFolded) {
      const strip = { x: patchX, y: y + 3, w: subtotalX - operator - patchX, h: FOLDED - 6 };
      folded.push({ channel, area: { x: left, y, w: width, h }, strip, subtotal });
    } else {
      open.push({
        channel,
        patch: { area: area(patchX, y), cellW, cellH },
        weights: { area: area(weightsX, y), cellW, cellH },
        products: { area: area(productsX, y), cellW, cellH },
        subtotal,
      });
    }
    y += h + gap;
  }
  return { open, folded, end: y - gap };
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
  return size >= SMALLEST_TEXT ? size : 0;
}

/** @param {Rect} rect */
function endOf(rect) {
  return rect.y + rect.h;
}

/**
 * @typedef {{part: "input" | "output", row: number, col: number} | {part: "thumb", feature: number}
 *   | {part: "weight" | "tap", channel: number, row: number, col: number} | {part: "channel", channel: number}
 *   | null} Hit
 *
 * What lies under a point of the stage: a place of the padded input, a cell of the map, a thumbnail, a weight, a tap
 * in the window or among the products, or a folded channel.
 *
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {Hit}
 */
export function hitTest(layout, x, y) {
  for (const part of /** @type {const} */ (["output", "input"])) {
    const { area, frame, px, rows, cols } = layout[part];
    const { row, col } = cellUnder(area, px, px, x, y);
    if (inside(frame, x, y)) return { part, row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) };
  }
  for (const { feature, picture } of layout.thumbs) {
    if (inside(picture.area, x, y)) return { part: "thumb", feature };
  }
  for (const { channel, patch, weights, products } of layout.channelRows) {
    for (const [part, grid] of /** @type {["weight" | "tap", Grid][]} */ ([["weight", weights], ["tap", patch], ["tap", products]])) {
      if (inside(grid.area, x, y)) return { part, channel, ...cellUnder(grid.area, grid.cellW, grid.cellH, x, y) };
    }
  }
  for (const { channel, area } of layout.foldedRows) {
    if (inside(area, x, y)) return { part: "channel", channel };
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
