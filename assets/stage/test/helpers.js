/**
 * What the tests share: random cases from a seed, messages for the stage, a context that records what is drawn
 * on it, and a reader of the arithmetic that the stage writes. Nothing here is taken over from the modules.
 */

import { buildModel } from "../model.js";
import { decodePayload } from "../payload.js";

/** @import { FeatureHeader, Header } from "../payload.js" */
/** @import { Model } from "../model.js" */
/** @import { Rect } from "../layout.js" */

export const BOUNDARIES = /** @type {const} */ (["zeros", "reflect", "replicate", "circular"]);

// --- random cases --------------------------------------------------------------------------------------------

/** Random numbers that are the same in every run (mulberry32). */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, not with, 1. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} low
   * @param {number} high with it
   */
  integer(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  real(low, high) {
    return low + this.next() * (high - low);
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return items[this.integer(0, items.length - 1)];
  }
}

/**
 * Hold a law to `count` random cases; a failure names the case.
 *
 * @template T
 * @param {number} seed
 * @param {number} count
 * @param {(random: Random) => T} draw
 * @param {(drawn: T) => void} law
 */
export function forAll(seed, count, draw, law) {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const drawn = draw(random);
    try {
      law(drawn);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\nin case ${i} of ${count}: ${described(drawn)}`, { cause: error });
    }
  }
}

/** @param {unknown} drawn */
function described(drawn) {
  const numbers = (/** @type {unknown} */ value) =>
    ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value;
  return (JSON.stringify(drawn, (key, value) => (key === "model" ? undefined : numbers(value))) ?? "").slice(0, 700);
}

// --- messages ------------------------------------------------------------------------------------------------

/**
 * @typedef {object} Experiment what a message is made of; all but the sizes has a default
 * @property {[number, number, number]} image rows, columns, channels
 * @property {[number, number]} kernel rows, columns
 * @property {number} [features]
 * @property {[number, number]} [stride]
 * @property {[number, number]} [dilation]
 * @property {"valid" | "same" | "full" | [[number, number], [number, number]]} [padding]
 * @property {"zeros" | "reflect" | "replicate" | "circular"} [boundary]
 * @property {boolean} [flip]
 * @property {number} [top]
 * @property {string} [imageToken] names the image, which then comes in another message
 * @property {ArrayLike<number>} [pixels] (H, W, C), sent as float32 if they are that
 * @property {ArrayLike<number>} [bank] (K, kh, kw, C)
 * @property {ArrayLike<number>} [bias] (K,)
 * @property {(Omit<FeatureHeader, "strongest" | "weakest"> & Partial<FeatureHeader>)[]} [maps]
 * @property {number} [seed] of the pixels and weights that are not given
 */

/**
 * The padding of one axis and the cells it gives, found by laying windows until one would stick out.
 *
 * @param {Experiment} experiment
 * @param {0 | 1} axis
 * @returns {{before: number, after: number, out: number, unused: number}}
 */
export function axisPlan(
  { image, kernel, stride = [1, 1], dilation = [1, 1], padding = "valid", boundary = "zeros" },
  axis,
) {
  const [n, s, d, k] = [image[axis], stride[axis], dilation[axis], kernel[axis]];
  const reach = d * (k - 1);
  const sides = { valid: [0, 0], full: [reach, reach], same: [0, 0] };
  let [before, after] = typeof padding === "string" ? sides[padding] : padding[axis];
  if (padding === "same") {
    // One window starts at every s-th pixel: as much padding as the last one needs, the odd pixel at the end.
    let lastStart = 0;
    while (lastStart + s < n) lastStart += s;
    const lacking = Math.max(0, lastStart + reach + 1 - n);
    before = Math.floor(lacking / 2);
    after = lacking - before;
  }
  const read = new Set();
  let out = 0;
  let last = -Infinity;
  for (let start = -before; start + reach < n + after; start += s) {
    for (let tap = 0; tap < k; tap++) read.add(walk(start + tap * d, n, boundary));
    last = start + reach;
    out++;
  }
  let unused = 0;
  while (unused < n && n - 1 - unused > last && !read.has(n - 1 - unused)) unused++;
  return { before, after, out, unused };
}

/**
 * What stands at a position of an endlessly padded axis, by walking there from pixel 0 one step at a time.
 *
 * @param {number} position
 * @param {number} length
 * @param {string} boundary
 */
export function walk(position, length, boundary) {
  let at = 0;
  let ahead = Math.sign(position);
  for (let step = 0; step !== position; step += Math.sign(position)) {
    const next = at + ahead;
    const inside = next >= 0 && next < length;
    if (inside) at = next;
    else if (boundary === "zeros") return -1;
    else if (boundary === "circular") at = next < 0 ? length - 1 : 0;
    else if (boundary === "reflect" && length > 1) {
      ahead = -ahead;
      at += ahead;
    }
  }
  return at;
}

/**
 * @param {Experiment} experiment
 * @returns {Uint8Array} a message as the engine's side writes it
 */
export function encode(experiment) {
  const { image, kernel, features = 1, stride = [1, 1], dilation = [1, 1], padding = "valid" } = experiment;
  const random = new Random(experiment.seed ?? 1);
  const some = (/** @type {number} */ length, /** @type {() => number} */ make) => Array.from({ length }, make);
  const [rows, cols] = [axisPlan(experiment, 0), axisPlan(experiment, 1)];
  const bankShape = [features, ...kernel, image[2]];
  const levelsShape = [features, rows.out, cols.out];
  const arrays = {
    bank: {
      shape: bankShape,
      data: new Float64Array(experiment.bank ?? some(product(bankShape), () => random.integer(-3, 3))),
    },
    bias: { shape: [features], data: new Float64Array(experiment.bias ?? some(features, () => 0)) },
    image: {
      shape: image,
      data:
        experiment.pixels instanceof Float32Array
          ? experiment.pixels
          : new Uint8Array(experiment.pixels ?? some(product(image), () => random.integer(0, 255))),
    },
    levels: { shape: levelsShape, data: Int16Array.from({ length: product(levelsShape) }, (_, i) => (i % 255) - 127) },
  };
  for (const { shape, data } of Object.values(arrays)) {
    if (data.length !== product(shape)) throw new Error(`${data.length} numbers for the shape ${shape}`);
  }
  /** @type {Header} */
  const header = {
    version: 1,
    imageShape: image,
    top: experiment.top ?? 255,
    outputShape: [rows.out, cols.out, features],
    pads: [
      [rows.before, rows.after],
      [cols.before, cols.after],
    ],
    stride,
    dilation,
    unused: [rows.unused, cols.unused],
    padding: typeof padding === "string" ? padding : "numbers",
    boundary: experiment.boundary ?? "zeros",
    flip: experiment.flip ?? false,
    features: (
      experiment.maps ??
      some(features, () => 0).map((_, i) => ({ name: `kernel ${i}`, low: -100, high: 200, limit: 200, below: 0, above: 0 }))
    ).map((map) => ({ strongest: [], weakest: [], ...map })),
    place: { row: 0, col: 0, feature: 0, cellToken: 0, featureToken: 0 },
    arrays: {},
  };
  const { imageToken } = experiment;
  const { bank, bias, levels } = arrays;
  return imageToken ? blob({ ...header, imageToken }, { bank, bias, levels }) : blob(header, arrays);
}

/**
 * @param {string} imageToken
 * @param {number[]} shape
 * @param {Uint8Array | Float32Array} data
 * @returns {Uint8Array} a message that holds an image and nothing else
 */
export function encodeImage(imageToken, shape, data) {
  return blob({ version: 1, imageToken }, { image: { shape, data } });
}

/**
 * @param {object} header
 * @param {Record<string, {shape: number[], data: Uint8Array | Int16Array | Float32Array | Float64Array}>} arrays
 */
function blob(header, arrays) {
  const aligned = (/** @type {number} */ n) => Math.ceil(n / 8) * 8;
  const dtype = (/** @type {object} */ data) => data.constructor.name.replace("Array", "").toLowerCase();
  /** @param {(name: string) => number} offsetOf */
  const text = (offsetOf) =>
    new TextEncoder().encode(
      JSON.stringify({
        ...header,
        arrays: Object.fromEntries(
          Object.entries(arrays).map(([name, { shape, data }]) => [
            name,
            { dtype: dtype(data), shape, offset: offsetOf(name) },
          ]),
        ),
      }),
    );
  // With ten digits in every offset no real one can make the header longer.
  const start = aligned(8 + text(() => 1e9).length);
  /** @type {Record<string, number>} */
  const offsets = {};
  let end = start;
  for (const [name, { data }] of Object.entries(arrays)) {
    offsets[name] = end;
    end = aligned(end + data.byteLength);
  }
  const message = new Uint8Array(end);
  message.set(new TextEncoder().encode("CVS1"));
  new DataView(message.buffer).setUint32(4, start - 8, true);
  message.fill(0x20, 8, start);
  message.set(
    text((name) => offsets[name]),
    8,
  );
  for (const [name, { data }] of Object.entries(arrays)) {
    message.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsets[name]);
  }
  return message;
}

/** @param {readonly number[]} shape */
function product(shape) {
  return shape.reduce((all, n) => all * n, 1);
}

/**
 * @param {Experiment} experiment
 * @returns {Model}
 */
export function modelOf(experiment) {
  return buildModel(decodePayload(encode(experiment)));
}

/**
 * An experiment of every kind: sizes from 1, oblong kernels, strides, dilations, lopsided padding, all boundaries.
 *
 * @param {Random} random
 * @param {{largest?: number, channels?: number, whole?: boolean}} [limits] whole: integer weights, so sums are exact
 * @returns {Experiment}
 */
export function anyExperiment(random, { largest = 7, channels = 4, whole = false } = {}) {
  const pair = (/** @type {number} */ low, /** @type {number} */ high) =>
    /** @type {[number, number]} */ ([random.integer(low, high), random.integer(low, high)]);
  for (;;) {
    /** @type {Experiment} */
    const experiment = {
      image: [...pair(1, largest), random.integer(1, channels)],
      kernel: pair(1, 4),
      features: random.integer(1, 3),
      stride: pair(1, 4),
      dilation: pair(1, 3),
      padding: random.pick(["valid", "same", "full", [pair(0, 5), pair(0, 5)]]),
      boundary: random.pick(BOUNDARIES),
      flip: random.next() < 0.5,
      seed: random.integer(0, 2 ** 31),
    };
    const { image, kernel, features = 1 } = experiment;
    const count = features * product(kernel) * image[2];
    const weight = () =>
      whole
        ? random.integer(-9, 9)
        : random.pick([random.real(-2, 2), random.integer(-9, 9), random.integer(-8, 8) / 9, 0]);
    experiment.bank = Array.from({ length: count }, weight);
    experiment.bias = Array.from({ length: features }, weight);
    if (axisPlan(experiment, 0).out > 0 && axisPlan(experiment, 1).out > 0) return experiment;
  }
}

/** The edge detector that most tests look at, over a small colour photo.
 * @type {Experiment}
 */
export const SOBEL = {
  image: [6, 7, 3],
  kernel: [3, 3],
  bank: [-1, 0, 1, -2, 0, 2, -1, 0, 1].flatMap((weight) => [weight, weight, weight]),
  bias: [5],
  maps: [{ name: "Sobel x", low: -612.5, high: 1019, limit: 1019, below: 0, above: 0 }],
};

// --- a context that records ----------------------------------------------------------------------------------

/**
 * @typedef {object} Call
 * @property {string} op the method
 * @property {unknown[]} args
 * @property {Rect | null} clip
 * @property {string} fillStyle and the rest as they stood at the call, empty where the method makes no use of them
 * @property {string} strokeStyle
 * @property {number} lineWidth
 * @property {string} font
 * @property {string} textAlign
 * @property {string} textBaseline
 * @property {boolean} smoothed
 * @property {number} globalAlpha
 */

/** Takes the place of a CanvasRenderingContext2D; half an em to every character. */
export class Recorder {
  fillStyle = "#000000";
  strokeStyle = "#000000";
  lineWidth = 1;
  lineJoin = "miter";
  font = "10px sans-serif";
  textAlign = "start";
  textBaseline = "alphabetic";
  imageSmoothingEnabled = true;
  globalAlpha = 1;

  constructor() {
    /** @type {Call[]} */
    this.calls = [];
    /** @type {Rect | null} */
    this.clipped = null;
    /** @type {Record<string, unknown>[]} */
    this.saved = [];
    /** @type {Rect | null} */
    this.lastRect = null;
  }

  /** @returns {CanvasRenderingContext2D} */
  get context() {
    return /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (this));
  }

  /**
   * @param {string} op
   * @param {unknown[]} args
   */
  record(op, args) {
    const [fills, strokes, writes] = [/^fill/.test(op), /^stroke/.test(op), op === "fillText"];
    this.calls.push({
      op,
      args,
      clip: this.clipped,
      globalAlpha: this.globalAlpha,
      fillStyle: fills ? this.fillStyle : "",
      strokeStyle: strokes ? this.strokeStyle : "",
      lineWidth: strokes ? this.lineWidth : 0,
      font: writes ? this.font : "",
      textAlign: writes ? this.textAlign : "",
      textBaseline: writes ? this.textBaseline : "",
      smoothed: op === "drawImage" && this.imageSmoothingEnabled,
    });
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, clipped } = this;
    this.saved.push({ fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, clipped });
    this.record("save", []);
  }

  restore() {
    Object.assign(this, this.saved.pop());
    this.record("restore", []);
  }

  clip() {
    this.clipped = this.lastRect;
    this.record("clip", []);
  }

  /** @param {[number, number, number, number]} args */
  rect(...args) {
    const [x, y, w, h] = args;
    this.lastRect = { x, y, w, h };
    this.record("rect", args);
  }

  /** @param {string} text */
  measureText(text) {
    return { width: 0.5 * fontSize(this.font) * [...text].length };
  }

  beginPath() {
    this.record("beginPath", []);
  }
  /** @param {unknown[]} args */
  setLineDash(...args) {
    this.record("setLineDash", args);
  }
  /** @param {unknown[]} args */
  roundRect(...args) {
    this.record("roundRect", args);
  }
  /** @param {unknown[]} args */
  moveTo(...args) {
    this.record("moveTo", args);
  }
  /** @param {unknown[]} args */
  lineTo(...args) {
    this.record("lineTo", args);
  }
  /** @param {unknown[]} args */
  fill(...args) {
    this.record("fill", args);
  }
  stroke() {
    this.record("stroke", []);
  }
  /** @param {unknown[]} args */
  fillRect(...args) {
    this.record("fillRect", args);
  }
  /** @param {unknown[]} args */
  strokeRect(...args) {
    this.record("strokeRect", args);
  }
  /** @param {unknown[]} args */
  fillText(...args) {
    this.record("fillText", args);
  }
  /** @param {unknown[]} args */
  strokeText(...args) {
    this.record("strokeText", args);
  }
  /** @param {unknown[]} args */
  drawImage(...args) {
    this.record("drawImage", args);
  }

  /** The calls of one kind, in order.
   * @param {string} op
   */
  of(op) {
    return this.calls.filter((call) => call.op === op);
  }

  /** Every text, with the box it takes up. */
  texts() {
    return this.of("fillText").map((call) => {
      const [text, x, y] = /** @type {[string, number, number]} */ (call.args);
      const size = fontSize(call.font);
      const w = 0.5 * size * [...text].length;
      const left = call.textAlign === "center" ? x - w / 2 : call.textAlign === "right" ? x - w : x;
      // From the top of the capitals to the foot of a descender is about 0.9 em.
      return { text, size, x, y, colour: call.fillStyle, box: { x: left, y: y - 0.45 * size, w, h: 0.9 * size } };
    });
  }

  /** The text that is centred in a cell of a grid.
   * @param {Rect} rect
   */
  textsIn(rect) {
    return this.texts().filter(({ x, y }) => contains(rect, { x, y, w: 0, h: 0 }));
  }
}

/** @param {string} font */
export function fontSize(font) {
  const match = /([\d.]+)px/.exec(font);
  if (!match) throw new Error(`no size in the font "${font}"`);
  return Number(match[1]);
}

// --- rectangles ----------------------------------------------------------------------------------------------

const SLACK = 1e-6;

/**
 * @param {Rect} outer
 * @param {Rect} inner
 */
export function contains(outer, inner) {
  return (
    inner.x >= outer.x - SLACK &&
    inner.y >= outer.y - SLACK &&
    inner.x + inner.w <= outer.x + outer.w + SLACK &&
    inner.y + inner.h <= outer.y + outer.h + SLACK
  );
}

/**
 * @param {Rect} a
 * @param {Rect} b
 */
export function overlap(a, b) {
  return (
    Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x) > SLACK &&
    Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y) > SLACK
  );
}

// --- reading what was written --------------------------------------------------------------------------------

/**
 * A number as the stage writes it; NaN for anything else.
 *
 * @param {string} text
 */
export function readNumber(text) {
  if (!/^−?\d+(\.\d+)?(e−?\d+)?(\/\d+)?$/.test(text)) return NaN;
  const [top, bottom = "1"] = text.replaceAll("−", "-").split("/");
  return Number(top) / Number(bottom);
}

/**
 * The value of arithmetic as it is written for people: + − · × /, brackets, ⌊floor⌋ and ⌈ceiling⌉.
 *
 * @param {string} text
 * @returns {number}
 */
export function evaluate(text) {
  const tokens = text.match(/\d+(\.\d+)?(e−?\d+)?|\S/g) ?? [];
  let at = 0;
  /** @returns {number} */
  const sum = () => {
    let value = term();
    while (tokens[at] === "+" || tokens[at] === "−") value += tokens[at++] === "+" ? term() : -term();
    return value;
  };
  const term = () => {
    let value = factor();
    while (["·", "×", "/"].includes(tokens[at])) value = tokens[at++] === "/" ? value / factor() : value * factor();
    return value;
  };
  /** @returns {number} */
  const factor = () => {
    const token = tokens[at++];
    if (token === "−") return -factor();
    const close = { "(": ")", "⌊": "⌋", "⌈": "⌉" }[token];
    if (!close) {
      const value = Number(token?.replace("−", "-"));
      if (Number.isNaN(value)) throw new Error(`"${token}" is no number, in "${text}"`);
      return value;
    }
    const inner = sum();
    if (tokens[at++] !== close) throw new Error(`${close} is missing in "${text}"`);
    return close === "⌋" ? Math.floor(inner) : close === "⌉" ? Math.ceil(inner) : inner;
  };
  const value = sum();
  if (at !== tokens.length) throw new Error(`what is "${tokens[at]}" in "${text}"?`);
  return value;
}
