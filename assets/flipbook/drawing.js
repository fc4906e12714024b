/** Text of an SVG document as an element of the page, without anything that acts. */

const ACTING = "script, foreignObject, iframe, animate, set, a, image";

/**
 * @param {string} text
 * @returns {SVGSVGElement}
 */
export function drawingOf(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || parsed.querySelector("parsererror")) throw new Error("A page of the flipbook is no drawing.");
  // They come from our own code only; a drawing has no need of these whoever has made it.
  for (const acting of root.querySelectorAll(ACTING)) acting.remove();
  for (const shape of [root, ...root.querySelectorAll("*")]) {
    for (const { name } of [...shape.attributes]) if (/^on|href$/i.test(name)) shape.removeAttribute(name);
  }
  const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)));
  // What it shows is said below it, and read out at rest; a title would also pop up under the mouse.
  for (const said of svg.querySelectorAll(":scope > title, :scope > desc")) said.remove();
  svg.removeAttribute("role");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/**
 * How high drawings are for their width, the highest of them.
 *
 * @param {string[]} texts
 * @returns {number} 0 if none says so
 */
export function highest(texts) {
  const ratios = texts.map((text) => {
    const [, width, height] = /viewBox="\S+ \S+ (\S+) ([^"\s]+)"/.exec(text) ?? [];
    return Number(height) / Number(width) || 0;
  });
  return Math.max(0, ...ratios);
}
