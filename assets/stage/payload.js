/**
 * The message from the engine to the stage: one blob of bytes.
 *
 * Layout, little-endian: the magic "CVS1", the length of the JSON header as uint32, the header in UTF-8,
 * then the arrays, each at the offset from the start of the blob that the header names. `ui/message.py` writes it.
 * One flat blob, because a component's arrays inside a dict arrive as text.
 *
 * A message for the stage holds its image, or names one by a token; that one comes in a message which holds nothing
 * else, and goes by the same token.
 *
 * A transposed convolution comes as the plain one that gives the same, as Dumoulin and Visin draw it
 * (arXiv:1603.07285, chapter 4): stride 1, over the maps with `stretch` − 1 zeros between neighbours and a ring of
 * zeros, `pads`, around them. Its bank lies here as the channels that come out, rows, columns, the channels that
 * come in, so (C, kh, kw, K) of a bank (K, kh, kw, C) of the convolution that runs backwards; and `flip` is true
 * where that convolution does not flip, because running backwards turns the kernel by 180°.
 */

/**
 * @typedef {{dtype: "uint8" | "int16" | "float32" | "float64", shape: number[], offset: number}} ArraySlot
 * @typedef {[row: number, col: number, value: number]} Extreme
 * @typedef {{name: string, low: number, high: number, limit: number,
 *   below: number, above: number, strongest: Extreme[], weakest: Extreme[]}} FeatureHeader below 0 and above `top`, as
 *   shares of the map; up to four cells each with the greatest and the least values, whose windows do not overlap
 * @typedef {{row: number, col: number, feature: number, cellToken: number, featureToken: number}} PlaceHeader
 * @typedef {{cut: [[number, number], [number, number]], extra: [number, number]}} TransposedHeader what is cut off
 *   from all that the cells paint, top and bottom, left and right, and the rows and columns that are added at the end
 * @typedef {object} Header
 * @property {number} version
 * @property {number[]} imageShape rows, columns, channels
 * @property {number} top the value of a white pixel: 255, or 1 where the bytes of the image stand for their 255th
 *   parts, rounded to float32
 * @property {number[]} outputShape rows, columns, features
 * @property {[[number, number], [number, number]]} pads top and bottom, left and right
 * @property {[number, number]} stride
 * @property {[number, number]} dilation
 * @property {[number, number]} unused rows and columns after the last window that none reads
 * @property {string} padding the words for the padding, such as "same"
 * @property {"zeros" | "reflect" | "replicate" | "circular"} boundary
 * @property {boolean} flip true for the mathematician's convolution, and for the transposed one of a kernel as it is
 * @property {[number, number]} [stretch] of a transposed convolution: how far its cells are set apart; else 1 and 1
 * @property {TransposedHeader} [transposed] where the message is about a transposed convolution
 * @property {FeatureHeader[]} features
 * @property {PlaceHeader} place
 * @property {string} [imageToken] where the image is in another message, or is all that there is in this one
 * @property {Record<string, ArraySlot>} arrays
 *
 * @typedef {Uint8Array | Float32Array} Image
 * @typedef {{bank: Float64Array, bias: Float64Array, levels: Int16Array, image?: Image}} Arrays
 * @typedef {{token: string, image: Image}} ImageMessage
 * @typedef {{header: Header, arrays: Arrays}} StageMessage
 *
 * @typedef {object} Payload
 * @property {Header} header
 * @property {Image} image (H, W, C): a picture, or the maps of a layer before this one
 * @property {Float64Array} bank (K, kh, kw, C), as it was given: not flipped
 * @property {number[]} kernelShape rows, columns of a kernel
 * @property {Float64Array} bias (K,)
 * @property {Int16Array} levels (K, rows, cols) of the maps' pictures: value / limit · LEVELS, zero only for zero
 * @property {number[]} levelsShape
 */

/** How many levels a picture of a map has on either side of zero. */
export const LEVELS = 32767;

const MAGIC = 0x31535643; // "CVS1" read as a little-endian uint32

const CUT_SHORT = "The stage was sent a message that was cut short.";

const CONSTRUCTORS = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array, float64: Float64Array };

/**
 * @param {Uint8Array} bytes a message of either kind
 * @returns {ImageMessage | StageMessage}
 */
export function openMessage(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8 || view.getUint32(0, true) !== MAGIC) {
    throw new Error("The stage was sent something that is not a stage message.");
  }
  const headerLength = view.getUint32(4, true);
  if (8 + headerLength > bytes.byteLength) throw new Error(CUT_SHORT);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  /** @type {Header} */
  const header = JSON.parse(text);
  const slots = Object.entries(header.arrays);
  const arrays = /** @type {Arrays} */ (Object.fromEntries(slots.map(([name, slot]) => [name, arrayAt(bytes, slot)])));
  if (arrays.image && !arrays.bank) return { token: header.imageToken ?? "", image: arrays.image };
  return { header, arrays };
}

/**
 * @param {StageMessage} message
 * @param {Image | undefined} image
 * @returns {Payload}
 */
export function payloadOf({ header, arrays: { bank, bias, levels } }, image) {
  if (!image) throw new Error("The stage was sent a message without its image.");
  return {
    header, image, bank, bias, levels,
    kernelShape: header.arrays.bank.shape.slice(1, 3),
    levelsShape: header.arrays.levels.shape,
  };
}

/**
 * @param {Uint8Array} bytes a message for the stage with its image in it
 * @returns {Payload}
 */
export function decodePayload(bytes) {
  const message = openMessage(bytes);
  if (!("header" in message)) throw new Error("The stage was sent an image and nothing else.");
  return payloadOf(message, message.arrays.image);
}

/**
 * @param {Uint8Array} bytes
 * @param {ArraySlot} slot
 */
function arrayAt(bytes, slot) {
  const Constructor = CONSTRUCTORS[slot.dtype];
  const length = slot.shape.reduce((product, n) => product * n, 1);
  const end = slot.offset + length * Constructor.BYTES_PER_ELEMENT;
  if (end > bytes.byteLength) throw new Error(CUT_SHORT);
  const start = bytes.byteOffset + slot.offset;
  if (start % Constructor.BYTES_PER_ELEMENT === 0) {
    return new Constructor(/** @type {ArrayBuffer} */ (bytes.buffer), start, length);
  }
  // A typed array must begin at a multiple of its element's size; the transport need not care.
  return new Constructor(bytes.slice(slot.offset, end).buffer);
}
