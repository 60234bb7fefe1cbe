/** Puts symbols that would cover each other side by side. Pure; pixels of the page, x to the right, y down. */

export interface Mark {
  id: string;
  x: number;
  y: number;
  /** Half of what it covers; 0 for what lies under another and takes no room. */
  radius: number;
  /** Width of the text to its right, 0 for none. */
  text: number;
  /** Stays where it is, whatever lies there. */
  fixed: boolean;
}

export interface Shift {
  x: number;
  y: number;
}

interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** More than these are not looked at: the rest stays in place. */
const MOST = 300;
const GAP_PX = 3;
const TEXT_HALF_PX = 11;
/** Where the text begins, from the middle of the symbol. */
const TEXT_FROM_PX = 23;
const RINGS = 4;
/** Up and left first: values stand to the right. */
const TURNS = [-90, 180, -135, 135, 90, -45, 45, 0];

function textOf(mark: Mark, at: Shift): Rectangle {
  const left = at.x + TEXT_FROM_PX;
  return { left, top: at.y - TEXT_HALF_PX, right: left + mark.text, bottom: at.y + TEXT_HALF_PX };
}

function touches(box: Rectangle, at: Shift, radius: number): boolean {
  const x = Math.max(box.left, Math.min(at.x, box.right));
  const y = Math.max(box.top, Math.min(at.y, box.bottom));
  return Math.hypot(at.x - x, at.y - y) < radius + GAP_PX;
}

function candidates(mark: Mark): Shift[] {
  const found: Shift[] = [{ x: mark.x, y: mark.y }];
  for (let ring = 1; ring <= RINGS; ring += 1) {
    const distance = ring * (mark.radius + GAP_PX * 2) * 1.25;
    for (const turn of TURNS) {
      const angle = (turn * Math.PI) / 180;
      found.push({ x: mark.x + distance * Math.cos(angle), y: mark.y + distance * Math.sin(angle) });
    }
  }
  return found;
}

/**
 * Where each mark is drawn, by its id. The first marks get their own place, later ones the nearest free one;
 * who finds none stays, and covers or is covered.
 */
export function spread(marks: Mark[]): Map<string, Shift> {
  const placed = new Map<string, Shift>();
  const taken: { at: Shift; radius: number }[] = [];
  const texts: Rectangle[] = [];
  for (const mark of marks.slice(0, MOST)) {
    const free = (at: Shift) =>
      taken.every(
        (one) => Math.hypot(one.at.x - at.x, one.at.y - at.y) >= one.radius + mark.radius + GAP_PX,
      ) && !texts.some((box) => touches(box, at, mark.radius));
    const own = { x: mark.x, y: mark.y };
    const at = mark.fixed ? own : (candidates(mark).find(free) ?? own);
    placed.set(mark.id, at);
    if (mark.radius > 0) taken.push({ at, radius: mark.radius });
    if (mark.text > 0) texts.push(textOf(mark, at));
  }
  return placed;
}
