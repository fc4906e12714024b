/**
 * The patch of the photo that is to be lifted: a rectangle of whole pixels, of at most 15 rows and columns.
 *
 * @typedef {{row: number, col: number, rows: number, cols: number}} Patch
 * @typedef {{row: number, col: number}} Pixel
 * @typedef {{rows: number, cols: number}} Size
 */

/** As in `ui/experiment.py`. */
export const LARGEST_PATCH = 15;

/**
 * A patch about a pixel, inside of the photo. Its middle is the tap that "same" padding lays on the pixel.
 *
 * @param {Pixel} pixel
 * @param {Size} size
 * @param {Size} photo
 * @returns {Patch}
 */
export function patchAbout({ row, col }, size, photo) {
  const rows = Math.min(size.rows, photo.rows, LARGEST_PATCH);
  const cols = Math.min(size.cols, photo.cols, LARGEST_PATCH);
  return {
    row: within(row - Math.floor((rows - 1) / 2), photo.rows - rows),
    col: within(col - Math.floor((cols - 1) / 2), photo.cols - cols),
    rows, cols,
  };
}

/**
 * The patch from the pixel where a drag began to the one where it is; no larger than allowed, and then with the end
 * where it began.
 *
 * @param {Pixel} from
 * @param {Pixel} to
 * @param {Size} photo
 * @returns {Patch}
 */
export function patchBetween(from, to, photo) {
  const [row, rows] = along(from.row, to.row, photo.rows);
  const [col, cols] = along(from.col, to.col, photo.cols);
  return { row, col, rows, cols };
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} length
 */
function along(from, to, length) {
  const start = within(from, length - 1);
  const reach = LARGEST_PATCH - 1;
  const end = Math.min(start + reach, Math.max(start - reach, within(to, length - 1)));
  return [Math.min(start, end), Math.abs(end - start) + 1];
}

/**
 * @param {Patch} patch
 * @param {number} rows downwards
 * @param {number} cols to the right
 * @param {Size} photo
 * @returns {Patch}
 */
export function movedPatch(patch, rows, cols, photo) {
  return {
    ...patch,
    row: within(patch.row + rows, photo.rows - patch.rows),
    col: within(patch.col + cols, photo.cols - patch.cols),
  };
}

/**
 * The same corner at the top left, with so many more rows and columns.
 *
 * @param {Patch} patch
 * @param {number} rows
 * @param {number} cols
 * @param {Size} photo
 * @returns {Patch}
 */
export function resizedPatch(patch, rows, cols, photo) {
  return {
    ...patch,
    rows: Math.max(1, Math.min(LARGEST_PATCH, photo.rows - patch.row, patch.rows + rows)),
    cols: Math.max(1, Math.min(LARGEST_PATCH, photo.cols - patch.col, patch.cols + cols)),
  };
}

/**
 * @param {number} value
 * @param {number} most
 */
function within(value, most) {
  return Math.max(0, Math.min(most, value));
}
