/**
 * Zooming and panning: which part of the input and of the map is seen. Both look at the same share of their
 * picture, so that a window and the cell it makes stay side by side.
 *
 * @typedef {object} Camera
 * @property {number} zoom from 1, where all is seen
 * @property {number} row the middle of what is seen, as a share of the picture's height
 * @property {number} col
 *
 * @typedef {{row: number, col: number, rows: number, cols: number}} Region of a picture: a corner and a size, in
 *   shares of the picture, or in its pixels
 */

import { clamp } from "./model.js";

/** @import { Layout, Picture } from "./layout.js" */

/** @type {Camera} */
export const WHOLE = { zoom: 1, row: 0.5, col: 0.5 };

// A pixel need not be larger than this: its numbers can be read from the back of a room.
const LARGEST_PIXEL = 72;

// What is followed keeps so much of the view between itself and the border.
const MARGIN = 0.08;

/**
 * How far one can zoom into a layout.
 *
 * @param {Layout} layout with nothing zoomed
 */
export function mostZoom({ input, output }) {
  return Math.max(1, LARGEST_PIXEL / Math.min(input.px, output.px));
}

/**
 * Zoom by a factor, about a place that stays where it is.
 *
 * @param {Camera} camera
 * @param {number} factor
 * @param {number} most
 * @param {number} [row] a share of the picture's height
 * @param {number} [col]
 * @returns {Camera}
 */
export function zoomedBy(camera, factor, most, row = camera.row, col = camera.col) {
  const zoom = clamp(camera.zoom * factor, 1, most);
  const nearer = camera.zoom / zoom;
  return bounded({ zoom, row: row + (camera.row - row) * nearer, col: col + (camera.col - col) * nearer });
}

/**
 * The camera that shows a place of a picture, in shares of it, at a point of the stage.
 *
 * @param {Picture} picture of a layout made for the zoom
 * @param {number} zoom
 * @param {{row: number, col: number}} place
 * @param {{x: number, y: number}} point
 * @returns {Camera}
 */
export function aimed({ frame, area }, zoom, { row, col }, { x, y }) {
  return bounded({
    zoom,
    row: row - (y - frame.y - frame.h / 2) / (area.h * zoom),
    col: col - (x - frame.x - frame.w / 2) / (area.w * zoom),
  });
}

/**
 * Move the view by so many of its own heights and widths.
 *
 * @param {Camera} camera
 * @param {number} rows
 * @param {number} cols
 * @returns {Camera}
 */
export function panned(camera, rows, cols) {
  return bounded({ ...camera, row: camera.row + rows / camera.zoom, col: camera.col + cols / camera.zoom });
}

/**
 * Move the view no further than needed to have a region in it; where the region is larger, its middle.
 *
 * @param {Camera} camera
 * @param {Region} region in shares of the picture
 * @returns {Camera}
 */
export function following(camera, { row, col, rows, cols }) {
  const half = 0.5 / camera.zoom;
  const margin = 2 * half * MARGIN;
  const along = (/** @type {number} */ at, /** @type {number} */ start, /** @type {number} */ size) => {
    const [low, high] = [start + size + margin - half, start - margin + half];
    return low > high ? start + size / 2 : clamp(at, low, high);
  };
  return bounded({ ...camera, row: along(camera.row, row, rows), col: along(camera.col, col, cols) });
}

/**
 * @param {Camera} camera
 * @returns {Camera}
 */
function bounded({ zoom, row, col }) {
  const half = 0.5 / zoom;
  return { zoom, row: clamp(row, half, 1 - half), col: clamp(col, half, 1 - half) };
}

/**
 * A layout as a camera sees it: the pictures grow within their frames.
 *
 * @param {Layout} layout made for the camera's zoom
 * @param {Camera} camera
 * @returns {Layout}
 */
export function seenBy(layout, camera) {
  if (camera.zoom === 1) return layout;
  const look = (/** @type {Picture} */ picture) => {
    const { frame } = picture;
    const [w, h] = [picture.area.w * camera.zoom, picture.area.h * camera.zoom];
    // Nothing but the picture is seen in its frame, where that has grown, too.
    const x = clamp(frame.x + frame.w / 2 - camera.col * w, frame.x + frame.w - w, frame.x);
    const y = clamp(frame.y + frame.h / 2 - camera.row * h, frame.y + frame.h - h, frame.y);
    return { ...picture, area: { x, y, w, h }, px: picture.px * camera.zoom };
  };
  return { ...layout, input: look(layout.input), output: look(layout.output) };
}

/**
 * The part of a picture that its frame shows, in the picture's pixels.
 *
 * @param {Picture} picture
 * @returns {Region}
 */
export function visibleRegion({ area, frame, px }) {
  return { row: (frame.y - area.y) / px, col: (frame.x - area.x) / px, rows: frame.h / px, cols: frame.w / px };
}

/**
 * The whole pixels that two regions share; nothing of a size below 0.
 *
 * @param {Region} one
 * @param {Region} other
 * @returns {Region}
 */
export function intersection(one, other) {
  const row = Math.max(one.row, other.row);
  const col = Math.max(one.col, other.col);
  return {
    row, col,
    rows: Math.max(0, Math.min(one.row + one.rows, other.row + other.rows) - row),
    cols: Math.max(0, Math.min(one.col + one.cols, other.col + other.cols) - col),
  };
}
