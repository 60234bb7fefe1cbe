import { el } from "./dom";

/** A row of a list, drawn anew only when what it shows has changed. */
export interface ListRow<Thing> {
  element: HTMLLIElement;
  thing: Thing;
  drawn: string;
}

/**
 * Rows that are chosen by click and by key (the listbox pattern of ARIA): one of them is reached by Tab, the arrows,
 * Home and End go on from it, Enter and the space bar open it. A row keeps its element, and so its focus, wherever it
 * moves to.
 */
export class RowList<Thing extends { id: string }> {
  readonly rows = new Map<string, ListRow<Thing>>();
  readonly root: HTMLOListElement;
  private order: string[] = [];
  private active: string | null = null;
  private selected: string | null = null;

  /**
   * @param name the name of the data attribute that holds a row's id
   * @param drawnOf what a row shows, as text: another text, another drawing
   * @param draw fills a row
   */
  constructor(
    private readonly name: string,
    style: string,
    private readonly open: (id: string) => void,
    private readonly drawnOf: (thing: Thing) => string,
    private readonly draw: (row: ListRow<Thing>) => void,
  ) {
    this.root = el("ol", { class: style, attributes: { role: "listbox" } });
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows these, in this order; returns which were not there before. */
  show(things: readonly Thing[]): Thing[] {
    this.order = things.map(({ id }) => id);
    const kept = new Set(this.order);
    for (const [id, { element }] of this.rows) {
      if (kept.has(id)) continue;
      element.remove();
      this.rows.delete(id);
    }
    const fresh = things.filter(({ id }) => !this.rows.has(id));
    things.forEach((thing, index) => {
      const { element } = this.row(thing);
      const there = this.root.children[index];
      if (there !== element) this.root.insertBefore(element, there ?? null);
    });
    if (this.active === null || !this.rows.has(this.active)) this.active = this.order[0] ?? null;
    this.mark();
    return fresh;
  }

  select(id: string | null): void {
    this.selected = id;
    if (id !== null && this.rows.has(id)) this.active = id;
    this.mark();
  }

  /** The row so many below the one that the keys are at, at most the last; null in an empty list. */
  beside(by: number): string | null {
    if (this.selected === null) return this.active;
    const at = this.order.indexOf(this.selected) + by;
    return this.order[Math.max(0, Math.min(at, this.order.length - 1))] ?? null;
  }

  /** What the keys are at, while the focus is in the list. */
  get focused(): string | null {
    return this.root.contains(document.activeElement) ? this.active : null;
  }

  /** Puts the focus on the row that the keys are at. */
  focus(): void {
    if (this.active !== null) this.rows.get(this.active)?.element.focus();
  }

  private row(thing: Thing): ListRow<Thing> {
    const { id } = thing;
    let row = this.rows.get(id);
    if (!row) {
      const element = el("li", {
        attributes: { role: "option" },
        data: { [this.name]: id },
        on: { click: () => this.open(id), focus: () => this.activate(id) },
      });
      row = { element, thing, drawn: "" };
      this.rows.set(id, row);
    }
    row.thing = thing;
    const drawn = this.drawnOf(thing);
    if (row.drawn !== drawn) {
      row.drawn = drawn;
      this.draw(row);
    }
    return row;
  }

  private activate(id: string): void {
    this.active = id;
    this.mark();
  }

  private mark(): void {
    for (const [id, { element }] of this.rows) {
      element.tabIndex = id === this.active ? 0 : -1;
      element.setAttribute("aria-selected", String(id === this.selected));
    }
  }

  private key(event: KeyboardEvent): void {
    const at = this.active === null ? -1 : this.order.indexOf(this.active);
    const last = this.order.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: Math.min(at + 1, last),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: last,
    };
    const target = steps[event.key];
    if (target !== undefined) {
      const id = this.order[target];
      if (id !== undefined) this.rows.get(id)?.element.focus();
    } else if ((event.key === "Enter" || event.key === " ") && this.active !== null) this.open(this.active);
    else return;
    event.preventDefault();
  }
}
