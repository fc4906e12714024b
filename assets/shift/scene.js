/**
 * The scene and its maps, worked out as `ui/shift_scene.py` has them: sums in double precision, rounded to float32.
 *
 * @typedef {[row: number, col: number]} Cells
 * @typedef {{shape: Cells, values: ArrayLike<number>}} Grid row by row
 * @typedef {object} Way how a scene becomes a map
 * @property {number} stride
 * @property {number} pool 1 for none, GLOBAL for the whole map
 * @property {boolean} circular what the padding is filled with: the other side of the scene, else zeros
 * @property {boolean} relu
 * @property {Cells} pads before the first row and column
 * @property {Cells} mapShape rows and columns before the pooling
 * @property {Grid} kernel as it is laid on the scene: not flipped any more
 * @property {number} bias
 *
 * @typedef {{pixels: Grid, mask: ArrayLike<number>}} Thing
 * @typedef {{row: number, col: number, value: number}} Peak
 * @typedef {{cells: number, largest: number}} Count
 * @typedef {object} Comparison
 * @property {Grid} shiftedFirst
 * @property {Grid} convolvedFirst
 * @property {Grid} difference the first less the second
 * @property {Uint8Array} inside 1 for the cells that see nothing but the scene, before and after
 * @property {Cells} steps by which the map was moved
 * @property {boolean} exact whether these are the whole displacement
 */

/** The size of a pool that takes the whole map. */
export const GLOBAL = 0;

/** Pixels of the scene for one cell of the map; 0 where the map has but one cell.
 * @param {Way} way
 */
export function stepOf({ stride, pool }) {
  return stride * pool;
}

/**
 * The place nearest to this one where an object lies wholly in the scene.
 *
 * @param {Cells} place
 * @param {Cells} shape of the object
 * @param {Cells} scene its shape
 * @returns {Cells}
 */
export function placeIn([row, col], [rows, cols], [tall, wide]) {
  return [Math.min(Math.max(row, 0), tall - rows), Math.min(Math.max(col, 0), wide - cols)];
}

/**
 * Lay an object on a background.
 *
 * @param {Grid} ground
 * @param {Thing} thing
 * @param {Cells} place
 * @returns {Grid}
 */
export function withThing(ground, { pixels, mask }, place) {
  const values = Float64Array.from(ground.values);
  const [rows, cols] = pixels.shape;
  const [top, left] = placeIn(place, pixels.shape, ground.shape);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) {
      if (mask[at]) values[(top + row) * ground.shape[1] + left + col] = pixels.values[at];
    }
  }
  return { shape: ground.shape, values };
}

/**
 * Move what is in a grid down and to the right.
 *
 * @param {Grid} grid
 * @param {Cells} by
 * @param {boolean} circular whether what leaves comes in on the other side; else zeros come in
 * @returns {Grid}
 */
export function moved({ shape: [rows, cols], values }, [down, right], circular) {
  const result = new Float64Array(rows * cols);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) {
      let [r, c] = [row - down, col - right];
      if (circular) [r, c] = [around(r, rows), around(c, cols)];
      if (r >= 0 && r < rows && c >= 0 && c < cols) result[at] = values[r * cols + c];
    }
  }
  return { shape: [rows, cols], values: result };
}

/**
 * @param {number} at
 * @param {number} length
 */
function around(at, length) {
  return ((at % length) + length) % length;
}

/**
 * The map of a scene: convolution, ReLU where there is one, pooling.
 *
 * @param {Grid} scene
 * @param {Way} way
 * @returns {Grid}
 */
export function mapOf(scene, way) {
  const map = convolved(scene, way);
  if (way.relu) map.values = Float64Array.from(map.values, (value) => (value > 0 ? value : 0));
  return pooled(map, way.pool);
}

/**
 * @param {Grid} scene
 * @param {Way} way
 * @returns {{shape: Cells, values: Float64Array}}
 */
function convolved({ shape: [tall, wide], values }, { stride, circular, pads, mapShape, kernel, bias }) {
  const [rows, cols] = mapShape;
  const [high, broad] = kernel.shape;
  const map = new Float64Array(rows * cols);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) {
      let sum = 0;
      for (let i = 0; i < high; i++) {
        let r = row * stride + i - pads[0];
        if (circular) r = around(r, tall);
        if (r < 0 || r >= tall) continue;
        for (let j = 0; j < broad; j++) {
          let c = col * stride + j - pads[1];
          if (circular) c = around(c, wide);
          if (c >= 0 && c < wide) sum += kernel.values[i * broad + j] * values[r * wide + c];
        }
      }
      map[at] = Math.fround(sum + bias);
    }
  }
  return { shape: mapShape, values: map };
}

/**
 * @param {Grid} map
 * @param {number} pool
 * @returns {Grid}
 */
function pooled(map, pool) {
  if (pool === 1) return map;
  const [tall, wide] = map.shape;
  const [rows, cols] = pool === GLOBAL ? [1, 1] : [Math.floor(tall / pool), Math.floor(wide / pool)];
  const [high, broad] = pool === GLOBAL ? [tall, wide] : [pool, pool];
  const values = new Float64Array(rows * cols);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) {
      let most = -Infinity;
      for (let i = 0; i < high; i++) {
        for (let j = 0; j < broad; j++) most = Math.max(most, map.values[(row * high + i) * wide + col * broad + j]);
      }
      values[at] = most;
    }
  }
  return { shape: [rows, cols], values };
}

/** The maximum; of equal ones the first, row by row.
 * @param {Grid} map
 * @returns {Peak}
 */
export function peakOf({ shape: [, cols], values }) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return { row: Math.floor(best / cols), col: best % cols, value: values[best] };
}

/** @param {Grid} map */
export function rangeOf({ values }) {
  let [low, high] = [values[0], values[0]];
  for (let i = 1; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return { low, high, limit: Math.max(Math.abs(low), Math.abs(high)) };
}

/**
 * By how many cells a map moves when its scene moves by so many pixels: halves are rounded up.
 *
 * @param {number} by
 * @param {number} step of `stepOf`
 */
export function nearest(by, step) {
  return step === 0 ? 0 : Math.floor((2 * by + step) / (2 * step));
}

/**
 * Shift and convolve, in both orders.
 *
 * @param {Grid} scene
 * @param {Way} way
 * @param {Cells} by
 * @param {Grid} start the map of the scene
 * @returns {Comparison}
 */
export function compare(scene, way, by, start) {
  const step = stepOf(way);
  const steps = /** @type {Cells} */ (by.map((pixels) => nearest(pixels, step)));
  const shiftedFirst = mapOf(moved(scene, by, way.circular), way);
  const convolvedFirst = moved(start, steps, way.circular);
  const values = Float64Array.from(shiftedFirst.values, (value, i) => value - convolvedFirst.values[i]);
  const [rows, cols] = start.shape;
  const [down, across] = [0, 1].map((axis) => insideAlong(axis, start.shape[axis], scene.shape[axis], way, by[axis], steps[axis]));
  const inside = Uint8Array.from({ length: rows * cols }, (_, i) => down[Math.floor(i / cols)] & across[i % cols]);
  const exact = step === 0 || by.every((pixels) => pixels % step === 0);
  return { shiftedFirst, convolvedFirst, difference: { shape: start.shape, values }, inside, steps, exact };
}

/**
 * @param {number} axis
 * @param {number} cells of the map
 * @param {number} side of the scene
 * @param {Way} way
 * @param {number} by
 * @param {number} steps
 * @returns {number[]} 1 for inside
 */
function insideAlong(axis, cells, side, way, by, steps) {
  const step = stepOf(way);
  const reach = (way.pool - 1) * way.stride + way.kernel.shape[axis] - 1;
  const sees = (/** @type {number} */ cell, /** @type {number} */ shift) => {
    const first = cell * step - way.pads[axis] - shift;
    return first >= 0 && first + reach < side;
  };
  return Array.from({ length: cells }, (_, cell) => {
    if (way.circular || step === 0) return 1;
    const source = cell - steps;
    return Number(source >= 0 && source < cells && sees(cell, 0) && sees(cell, by) && sees(source, 0));
  });
}

/**
 * How many cells there are inside, or not inside, and the largest difference in them.
 *
 * @param {Comparison} comparison
 * @param {boolean} inside
 * @returns {Count}
 */
export function count(comparison, inside) {
  const result = { cells: 0, largest: 0 };
  comparison.inside.forEach((is, i) => {
    if (Boolean(is) !== inside) return;
    result.cells++;
    result.largest = Math.max(result.largest, Math.abs(comparison.difference.values[i]));
  });
  return result;
}
