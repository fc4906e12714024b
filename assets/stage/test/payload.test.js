import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePayload, openMessage, payloadOf } from "../payload.js";
import { Random, anyExperiment, axisPlan, encode, encodeImage, forAll } from "./helpers.js";

const experiment = anyExperiment(new Random(4));
const message = encode(experiment);

/**
 * The same bytes in the middle of a larger buffer, as a transport may hand them over.
 *
 * @param {Uint8Array} bytes
 * @param {number} before
 */
function embedded(bytes, before) {
  const buffer = new Uint8Array(before + bytes.length + 64).fill(0xa5);
  buffer.set(bytes, before);
  return buffer.subarray(before, before + bytes.length);
}

test("every array comes out as it was put in, with its shape", () => {
  forAll(
    1,
    100,
    (random) => anyExperiment(random),
    (drawn) => {
      const pixels = Array.from(
        { length: drawn.image[0] * drawn.image[1] * drawn.image[2] },
        (_, i) => (37 * i) % 256,
      );
      const { header, image, bank, kernelShape, bias, levels, levelsShape } = decodePayload(
        encode({ ...drawn, pixels }),
      );
      const [rows, cols] = [axisPlan(drawn, 0), axisPlan(drawn, 1)];
      assert.deepEqual(header.imageShape, drawn.image);
      assert.deepEqual(header.outputShape, [rows.out, cols.out, drawn.features]);
      assert.deepEqual(header.pads, [
        [rows.before, rows.after],
        [cols.before, cols.after],
      ]);
      assert.deepEqual(kernelShape, drawn.kernel);
      assert.deepEqual(image, new Uint8Array(pixels));
      assert.deepEqual(bank, new Float64Array(drawn.bank ?? []));
      assert.deepEqual(bias, new Float64Array(drawn.bias ?? []));
      assert.deepEqual(levelsShape, [drawn.features, rows.out, cols.out]);
      assert.deepEqual(
        levels,
        Int16Array.from({ length: levels.length }, (_, i) => (i % 255) - 127),
      );
    },
  );
});

test("the maps of another layer arrive as an image of any number of channels", () => {
  for (let channels = 1; channels <= 16; channels++) {
    const pixels = Float32Array.from({ length: 12 * channels }, (_, i) => Math.sin(i) * 1e3);
    const sent = encode({ image: [3, 4, channels], kernel: [2, 2], pixels });
    for (const before of [0, 3]) {
      const { header, image } = decodePayload(embedded(sent, before));
      assert.deepEqual(header.imageShape, [3, 4, channels]);
      assert.deepEqual(image, pixels);
    }
  }
});

test("an image that comes by itself makes the same payload as one in the message of the stage", () => {
  for (const data of [Uint8Array.from({ length: 24 }, (_, i) => 9 * i), Float32Array.from({ length: 24 }, Math.sqrt)]) {
    const parts = { ...experiment, image: /** @type {[number, number, number]} */ ([4, 3, 2]), pixels: data };
    const sized = { ...parts, kernel: /** @type {[number, number]} */ ([1, 1]), features: 1, bank: [2, 3], bias: [1] };
    const alone = openMessage(encodeImage("t", [4, 3, 2], data));
    const stage = openMessage(encode({ ...sized, imageToken: "t" }));
    assert.ok("token" in alone && "header" in stage);
    assert.equal(alone.token, "t");
    assert.equal(stage.header.imageToken, "t");
    assert.equal(stage.arrays.image, undefined);
    const joined = payloadOf(stage, alone.image);
    const whole = decodePayload(encode(sized));
    const { header, ...arrays } = joined;
    const { header: other, ...others } = whole;
    assert.deepEqual(arrays, others);
    assert.deepEqual({ ...header, arrays: null, imageToken: null }, { ...other, arrays: null, imageToken: null });
  }
});

test("half a message is refused with a sentence", () => {
  assert.throws(() => decodePayload(encode({ ...experiment, imageToken: "t" })), /^Error: The stage .* image\.$/);
  assert.throws(() => decodePayload(encodeImage("t", [1], new Uint8Array(1))), /^Error: The stage .* else\.$/);
});

test("a message means the same wherever in its buffer it begins", () => {
  const plain = decodePayload(message);
  for (let before = 0; before <= 16; before++) {
    assert.deepEqual(decodePayload(embedded(message, before)), plain, `${before} bytes in`);
  }
});

test("decoding changes none of the bytes", () => {
  const bytes = embedded(message, 3);
  decodePayload(bytes);
  assert.deepEqual(bytes, message);
});

test("a name in any script survives", () => {
  const maps = [{ name: "Kante — Ränder 縁 ∂x", low: -1, high: 1, limit: 1, below: 0, above: 0 }];
  assert.equal(
    decodePayload(encode({ image: [2, 2, 1], kernel: [1, 1], maps })).header.features[0].name,
    maps[0].name,
  );
});

test("bytes that are no message are refused with a sentence", () => {
  const almost = Uint8Array.from(message);
  almost[3] ^= 1;
  const others = [
    new Uint8Array(0),
    new Uint8Array(7),
    new Uint8Array(8),
    new TextEncoder().encode("CVS1"),
    almost,
    message.subarray(1),
  ];
  for (const bytes of others) {
    assert.throws(() => decodePayload(bytes), /^Error: The stage was sent something that is not a stage message\.$/);
  }
});

test("a message that was cut short is refused with a sentence, even when other bytes follow it", () => {
  const { levels } = decodePayload(message).header.arrays;
  const end = levels.offset + levels.shape.reduce((all, n) => all * n, 1);
  for (let length = 8; length < end; length++) {
    for (const before of [0, 5]) {
      const cut = embedded(message, before).subarray(0, length);
      assert.throws(() => decodePayload(cut), /^Error: The stage was sent .*\.$/, `${length} of ${end} bytes`);
    }
  }
});
