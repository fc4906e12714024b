/** What is said under the pictures: numbers, and what they mean. */

import { formatNumber } from "../stage/numbers.js";
import { grouped } from "../stage/parts.js";
import { stepOf } from "./scene.js";

/** @import { Cells, Comparison, Count, Peak, Way } from "./scene.js" */
/** @import { Visit } from "./walk.js" */

/** @param {Cells} by */
export function displacement([down, right]) {
  const parts = [];
  if (down) parts.push(`${Math.abs(down)} ${down > 0 ? "down" : "up"}`);
  if (right) parts.push(`${Math.abs(right)} to the ${right > 0 ? "right" : "left"}`);
  return parts.length ? parts.join(" and ") : "by nothing";
}

/**
 * @param {Cells} place
 * @param {Cells} by
 * @param {Peak} peak
 * @param {Cells} shape of the map
 */
export function placeWords([row, col], by, peak, [rows, cols]) {
  const moved = by[0] || by[1] ? `moved ${displacement(by)}` : "at its start";
  const where = rows * cols === 1 ? ", the map’s one cell" : `, at row ${peak.row}, column ${peak.col}`;
  return `Object at row ${row}, column ${col}: ${moved}. Maximum of the map: ${formatNumber(peak.value)}${where}.`;
}

/** @param {{low: number, high: number}} range of a map */
export function rangeWords({ low, high }) {
  return low === high ? `All is ${formatNumber(low)}.` : `Values from ${formatNumber(low)} to ${formatNumber(high)}.`;
}

/**
 * @param {Count} inside
 * @param {Count} outside
 */
export function differenceWords(inside, outside) {
  const within = inside.cells === 0
    ? "No cell lies inside"
    : `Largest difference: ${amount(inside)}${outside.cells ? " inside" : ""}`;
  if (outside.cells === 0) return `${within}.`;
  const one = outside.cells === 1;
  return `${within}; ${formatNumber(outside.largest)} among the ${grouped(outside.cells)} hatched ${one ? "cell that touches" : "cells that touch"} a border.`;
}

/** What is 0 is so in all cells; what is not is the largest of them.
 * @param {Count} count
 */
function amount({ cells, largest }) {
  if (cells === 1) return `${formatNumber(largest)} in the one cell`;
  return `${formatNumber(largest)} ${largest === 0 ? "in all" : "among the"} ${grouped(cells)} cells`;
}

/**
 * By how much the map was moved, and whether that is all.
 *
 * @param {Way} way
 * @param {Cells} by
 * @param {Comparison} comparison
 */
export function stepsWords(way, by, { steps, exact }) {
  const step = stepOf(way);
  if (step === 0) {
    const number = "The map is one number, the maximum, so there is nothing to move";
    return way.stride === 1
      ? `${number}: shift or not, it should be the same.`
      : `${number}. Behind a stride of ${way.stride} other windows are looked at after a shift, unless it is a whole number of strides.`;
  }
  if (step === 1) return `The scene and its map move by the same: ${displacement(by)}.`;
  const cells = `The scene moves ${displacement(by)}; one cell of the map is ${step} pixels, so the map moves ${displacement(steps)}`;
  return exact ? `${cells}, exactly as far.` : `${cells}, the nearest whole number of cells: not as far as the scene.`;
}

/**
 * The least and the greatest maximum, at whole numbers of cells and between.
 *
 * @param {Visit[]} visits
 * @param {number} step
 */
export function visitsWords(visits, step) {
  const range = (/** @type {Visit[]} */ some) => {
    const values = some.map(({ peak }) => peak.value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;
  };
  const [whole, between] = [visits.filter((visit) => visit.whole), visits.filter((visit) => !visit.whole)];
  if (visits.length === 1) return `Maximum: ${range(visits)}, at the one place so far. Move the object: does it stay?`;
  const begin = `Maximum over the last ${visits.length} places`;
  if (step <= 1) return `${begin}: ${range(visits)}.`;
  const parts = [];
  const [even, odd] = step === 2
    ? ["at displacements even both ways", "at those odd in one way or both"]
    : [`at displacements of a multiple of ${step} both ways`, "at the others"];
  if (whole.length) parts.push(`${range(whole)} ${even} (●, ${whole.length})`);
  if (between.length) parts.push(`${range(between)} ${odd} (○, ${between.length})`);
  return `${begin}: ${parts.join("; ")}.`;
}
