/** Where the object goes by itself, by which keys it is moved, and the places where it has been. */

/** @import { Cells, Peak } from "./scene.js" */

/**
 * @typedef {{by: Cells, peak: Peak, whole: boolean}} Visit by how much the object was moved, what the maximum was
 *   then, and whether that is a whole number of cells of the map
 */

/** So many places are remembered. */
export const MOST_VISITS = 60;
/** How far an arrow key goes with Shift. */
export const FAR = 8;

/** @type {Record<string, Cells>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @param {string} key as the browser names it
 * @param {boolean} shift
 * @returns {Cells | null} rows down, columns to the right
 */
export function stepOfKey(key, shift) {
  if (!Object.hasOwn(ARROWS, key)) return null;
  const [rows, cols] = ARROWS[key];
  return shift ? [FAR * rows, FAR * cols] : [rows, cols];
}

/**
 * One step of a walk: to the right at each step and down at every second, and back from the margins.
 *
 * @param {{place: Cells, going: Cells, count: number}} walk
 * @param {Cells} room the last row and column of a corner
 * @param {Cells} margin rows and columns to keep away from the borders
 */
export function walked({ place, going, count }, room, margin) {
  const one = (/** @type {number} */ axis, /** @type {number} */ amount) => {
    const least = Math.min(margin[axis], Math.floor(room[axis] / 2));
    const most = room[axis] - least;
    let way = going[axis] || 1;
    if (place[axis] + way > most) way = -1;
    else if (place[axis] + way < least) way = 1;
    return [place[axis] + amount * way, way];
  };
  const [[row, down], [col, right]] = [one(0, count % 2), one(1, 1)];
  return { place: /** @type {Cells} */ ([row, col]), going: /** @type {Cells} */ ([down, right]), count: count + 1 };
}

/**
 * @param {Visit[]} visits
 * @param {Visit} visit
 * @returns {Visit[]} the last ones; who stays has not visited another place
 */
export function visited(visits, visit) {
  const last = visits.at(-1);
  const stays = last && last.by[0] === visit.by[0] && last.by[1] === visit.by[1];
  return [...(stays ? visits.slice(0, -1) : visits), visit].slice(-MOST_VISITS);
}
