/**
 * Wheel, drag and pinch over the pictures of a stage. One finger on a picture that is seen whole, and a wheel that
 * would zoom out of it, are left to the page: it scrolls.
 */

/**
 * @typedef {object} Hands what the gestures ask for; places are in client coordinates
 * @property {(x: number, y: number) => boolean} onPicture whether a picture lies there
 * @property {() => boolean} zoomed
 * @property {(factor: number, x: number, y: number) => void} zoom about a place
 * @property {(x: number, y: number, dx: number, dy: number) => void} drag the picture at a place by so many pixels
 *
 * @typedef {{x: number, y: number}} Point
 */

// A notch of a wheel is about 100 pixels, and zooms by 1.2.
const PER_PIXEL = Math.log(1.2) / 100;
// Browsers send a pinch on a touchpad as a turn of the wheel with Ctrl, in small steps.
const PER_PINCHED_PIXEL = 0.01;
const LINE = 16;
// A hand that is still moves as far as this.
const CLICK_SLACK = 5;

/**
 * @param {HTMLElement} canvas
 * @param {Hands} hands
 * @returns {{dragged: () => boolean}} whether the last press of a button or finger moved the picture
 */
export function listenToGestures(canvas, hands) {
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {Point | null} */
  let start = null;
  let dragged = false;

  canvas.addEventListener("wheel", (event) => {
    const { clientX, clientY, deltaY, deltaMode, ctrlKey } = event;
    if (!hands.onPicture(clientX, clientY)) return;
    // What cannot zoom out further scrolls the page down, and who is on the way up again comes to its top first.
    if (!ctrlKey && !hands.zoomed() && (deltaY > 0 || canScrollUp(canvas))) return;
    event.preventDefault();
    const pixels = deltaMode === WheelEvent.DOM_DELTA_LINE ? deltaY * LINE : deltaY;
    hands.zoom(Math.exp(-pixels * (ctrlKey ? PER_PINCHED_PIXEL : PER_PIXEL)), clientX, clientY);
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    if (fingers.size === 0) dragged = false;
    if (!hands.onPicture(event.clientX, event.clientY)) return;
    fingers.set(event.pointerId, pointOf(event));
    start = pointOf(event);
    // Else a drag that leaves the canvas would never end. A pointer that is not real cannot be held, nor need be.
    if (hands.zoomed() && event.isTrusted) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    // A button that was let go somewhere else is not held any more.
    if (event.pointerType === "mouse" && event.buttons === 0) fingers.delete(event.pointerId);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      const factor = distance(now, other) / Math.max(1, distance(before, other));
      dragged = true;
      hands.zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
      hands.drag(now.x, now.y, (now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (hands.zoomed() && start && (dragged || distance(now, start) > CLICK_SLACK)) {
      dragged = true;
      hands.drag(now.x, now.y, now.x - before.x, now.y - before.y);
    } else {
      return;
    }
    fingers.set(event.pointerId, now);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  // The browser asks once, at the first move, whether the page shall scroll.
  canvas.addEventListener("touchmove", (event) => {
    const [{ clientX, clientY }] = event.touches;
    if (event.touches.length > 1 || (hands.zoomed() && hands.onPicture(clientX, clientY))) event.preventDefault();
  }, { passive: false });
  return { dragged: () => dragged };
}

/** @param {HTMLElement} element */
function canScrollUp(element) {
  /** @type {Node | null} */
  let node = element;
  while (node) {
    if (node instanceof Element && node.scrollTop > 0) return true;
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
  return false;
}

/** @param {PointerEvent} event */
function pointOf({ clientX, clientY }) {
  return { x: clientX, y: clientY };
}

/**
 * @param {Point} one
 * @param {Point} other
 */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
