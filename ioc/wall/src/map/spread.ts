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
const MOST = 600;
const GAP_PX = 3;
const TEXT_HALF_PX = 11;
/** Where the text begins, from the middle of the symbol. */
const TEXT_FROM_PX = 23;
const RINGS = 4;
/** Up and left first: values stand to the right. */
const TURNS = [-90, 180, -135, 135, 90, -45, 45, 0];
/** The side of a cell of the grid that says what lies near; wider than two symbols. */
const CELL_PX = 64;

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

/** What takes room, by the cells that it reaches into. */
class Room {
  private readonly cells = new Map<string, { rounds: [Shift, number][]; boxes: Rectangle[] }>();
  private widest = 0;

  private *around(box: Rectangle): Generator<{ rounds: [Shift, number][]; boxes: Rectangle[] }> {
    const cell = (px: number) => Math.floor(px / CELL_PX);
    for (let x = cell(box.left); x <= cell(box.right); x += 1)
      for (let y = cell(box.top); y <= cell(box.bottom); y += 1) {
        const key = `${x} ${y}`;
        let found = this.cells.get(key);
        if (!found) {
          found = { rounds: [], boxes: [] };
          this.cells.set(key, found);
        }
        yield found;
      }
  }

  take(at: Shift, radius: number): void {
    this.widest = Math.max(this.widest, radius);
    for (const cell of this.around({ left: at.x, top: at.y, right: at.x, bottom: at.y }))
      cell.rounds.push([at, radius]);
  }

  write(box: Rectangle): void {
    for (const cell of this.around(box)) cell.boxes.push(box);
  }

  isFree(at: Shift, radius: number): boolean {
    const reach = radius + this.widest + GAP_PX;
    const box = { left: at.x - reach, top: at.y - reach, right: at.x + reach, bottom: at.y + reach };
    for (const { rounds, boxes } of this.around(box)) {
      for (const [other, wide] of rounds)
        if (Math.hypot(other.x - at.x, other.y - at.y) < wide + radius + GAP_PX) return false;
      for (const one of boxes) if (touches(one, at, radius)) return false;
    }
    return true;
  }
}

/**
 * Where each mark is drawn, by its id. The first marks get their own place, later ones the nearest free one;
 * who finds none stays, and covers or is covered.
 */
export function spread(marks: Mark[]): Map<string, Shift> {
  const placed = new Map<string, Shift>();
  const room = new Room();
  for (const mark of marks.slice(0, MOST)) {
    const own = { x: mark.x, y: mark.y };
    const at = mark.fixed ? own : (candidates(mark).find((one) => room.isFree(one, mark.radius)) ?? own);
    placed.set(mark.id, at);
    if (mark.radius > 0) room.take(at, mark.radius);
    if (mark.text > 0) room.write(textOf(mark, at));
  }
  return placed;
}
