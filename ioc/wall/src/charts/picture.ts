/** A drawing of the page as a PNG: drawn anew on a canvas with the page's own fonts and colours; nothing is fetched. */

/** Pixels of the picture for each of the drawing: sharp in print and on a 4K screen. */
const SCALE = 2;
const HEAD = 64;
const FOOT = 34;
const EDGE = 16;

export interface Words {
  title: string;
  /** What is measured, its unit and the zone of the times. */
  under: string;
  /** When and by what it was made. */
  foot: string;
}

type Context = CanvasRenderingContext2D;
const numberOf = (element: Element, name: string) => Number(element.getAttribute(name) ?? 0);

function shapeOf(element: Element): Path2D | null {
  const path = new Path2D();
  const of = (name: string) => numberOf(element, name);
  switch (element.localName) {
    case "line":
      path.moveTo(of("x1"), of("y1"));
      path.lineTo(of("x2"), of("y2"));
      return path;
    case "rect":
      path.rect(of("x"), of("y"), Math.max(0, of("width")), Math.max(0, of("height")));
      return path;
    case "circle":
      path.arc(of("cx"), of("cy"), of("r"), 0, 2 * Math.PI);
      return path;
    case "path":
      return new Path2D(element.getAttribute("d") ?? "");
    default:
      return null;
  }
}

function pen(context: Context, style: CSSStyleDeclaration): void {
  context.lineWidth = Number.parseFloat(style.strokeWidth) || 0;
  context.lineJoin = style.strokeLinejoin as CanvasLineJoin;
  context.lineCap = style.strokeLinecap as CanvasLineCap;
  const dashes = style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[\s,]+/);
  context.setLineDash(dashes.map((dash) => Number.parseFloat(dash) || 0));
}

/** One after the other with its own opacity: `draw` uses what is set. */
function coloured(
  context: Context,
  style: CSSStyleDeclaration,
  of: "fill" | "stroke",
  draw: () => void,
): void {
  const colour = style[of];
  if (colour === "none" || (of === "stroke" && context.lineWidth === 0)) return;
  const before = context.globalAlpha;
  context.globalAlpha = before * Number.parseFloat(of === "fill" ? style.fillOpacity : style.strokeOpacity);
  if (of === "fill") context.fillStyle = colour;
  else context.strokeStyle = colour;
  draw();
  context.globalAlpha = before;
}

function write(context: Context, element: Element, style: CSSStyleDeclaration): void {
  const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
  const content = text.map((node) => node.textContent).join("");
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.textAlign =
    style.textAnchor === "end" ? "right" : style.textAnchor === "middle" ? "center" : "left";
  const [x, y] = [numberOf(element, "x"), numberOf(element, "y")];
  coloured(context, style, "stroke", () => context.strokeText(content, x, y));
  coloured(context, style, "fill", () => context.fillText(content, x, y));
}

function moveBy(context: Context, element: Element): void {
  const list = element instanceof SVGGraphicsElement ? element.transform.baseVal : null;
  const matrix = list?.consolidate()?.matrix;
  if (matrix) context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
}

function draw(context: Context, element: Element): void {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || element.localName === "title") return;
  context.save();
  moveBy(context, element);
  context.globalAlpha *= Number.parseFloat(style.opacity);
  pen(context, style);
  const shape = shapeOf(element);
  if (element.localName === "text") write(context, element, style);
  else if (shape) {
    coloured(context, style, "fill", () => context.fill(shape));
    coloured(context, style, "stroke", () => context.stroke(shape));
  } else for (const child of element.children) draw(context, child);
  context.restore();
}

/** The text, cut where it is longer than the room for it. */
function fitting(context: Context, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let cut = text;
  while (cut.length > 1 && context.measureText(`${cut}…`).width > room) cut = cut.slice(0, -1);
  return `${cut}…`;
}

/** The drawing under its title on a canvas. It must be on the page, whose styles it is drawn in. */
function paint(drawing: SVGSVGElement, words: Words): HTMLCanvasElement {
  const { width, height } = drawing.viewBox.baseVal;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SCALE);
  canvas.height = Math.round((height + HEAD + FOOT) * SCALE);
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const ground = getComputedStyle(document.documentElement);
  context.scale(SCALE, SCALE);
  context.fillStyle = ground.getPropertyValue("--panel") || ground.backgroundColor;
  context.fillRect(0, 0, width, height + HEAD + FOOT);
  const line = (text: string, size: string, y: number, colour: string) => {
    context.font = `${size} ${ground.fontFamily}`;
    context.fillStyle = ground.getPropertyValue(colour) || ground.color;
    context.fillText(fitting(context, text, width - 2 * EDGE), EDGE, y);
  };
  line(words.title, "600 18px", 28, "--text");
  line(words.under, "400 14px", 50, "--dim");
  line(words.foot, "400 12px", HEAD + height + 20, "--dim");
  context.translate(0, HEAD);
  draw(context, drawing);
  return canvas;
}

export async function png(drawing: SVGSVGElement, words: Words): Promise<Blob> {
  await document.fonts.ready;
  const canvas = paint(drawing, words);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}
