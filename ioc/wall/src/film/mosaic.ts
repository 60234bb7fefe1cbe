import { el, replace, setText } from "../dom";
import { t, word } from "../i18n/language";
import type { Place } from "../model";
import { moved, pageOf } from "./grid";
import { CameraScreen } from "./screen";
import { FilmSource } from "./source";

export const SIZES = [4, 9] as const;
const WELL = "live";

/** One camera of the page: what it shows, its name and its state. */
class Tile {
  readonly screen: CameraScreen;
  private readonly name = el("b", {});
  private readonly state = el("span", { class: "state" });
  readonly root: HTMLElement;

  constructor(readonly code: string) {
    this.screen = new CameraScreen(code);
    const head = el("div", { class: "tilehead" }, this.name, this.state);
    this.root = el(
      "article",
      { class: "tile", attributes: { tabindex: "-1" }, data: { testid: "tile", camera: code } },
      head,
      this.screen.root,
    );
  }

  tick(place: Place | undefined, big: boolean): void {
    const name = place?.name ?? this.code;
    setText(this.name, name);
    setText(this.state, word("state", place?.state ?? ""));
    this.state.classList.toggle("trouble", place?.state !== WELL);
    this.root.setAttribute("aria-label", t(big ? "cameras.shrink" : "cameras.enlarge", { name }));
    this.screen.tick();
  }
}

/** Several cameras at once, in pages; one of them can fill the page. All of it by keyboard, too. */
export class Mosaic {
  private readonly note = el("p", { class: "note" });
  private readonly tilesRoot = el("section", { class: "tiles", data: { testid: "tiles" } });
  readonly root = el("div", { class: "mosaic" }, this.note, this.tilesRoot);
  private cameras: Place[] = [];
  private tiles: Tile[] = [];
  private source: FilmSource | null = null;
  private first = 0;
  private chosen = 0;
  private big: string | null = null;
  size: number = SIZES[0];

  constructor(private readonly changed: () => void) {
    this.tilesRoot.addEventListener("keydown", (event) => this.key(event));
    this.tilesRoot.addEventListener("click", (event) => {
      const at = this.tiles.findIndex((tile) => tile.root.contains(event.target as Node));
      if (at >= 0) this.toggle(at);
    });
  }

  /** The cameras of the reader's scope, by name. */
  take(cameras: Place[]): void {
    this.cameras = cameras;
    this.lay();
    this.tick();
  }

  setSize(size: number): void {
    this.size = size;
    this.first -= this.first % size;
    this.big = null;
    this.lay();
  }

  get place(): { page: number; pages: number } {
    return pageOf(this.first, this.size, this.cameras.length);
  }

  turn(by: number): void {
    const { page, pages } = this.place;
    const to = page + by;
    if (to < 0 || to >= pages) return;
    this.first = to * this.size;
    this.chosen = 0;
    this.big = null;
    this.lay();
    this.focus();
  }

  tick(): void {
    setText(this.note, this.cameras.length === 0 ? t("cameras.none") : "");
    for (const tile of this.tiles) {
      const place = this.cameras.find((camera) => camera.code === tile.code);
      tile.tick(place, this.big !== null);
    }
  }

  close(): void {
    this.source?.close();
    for (const tile of this.tiles) tile.screen.close();
    this.tiles = [];
  }

  private get columns(): number {
    return this.big === null ? Math.round(Math.sqrt(this.size)) : 1;
  }

  private wanted(): string[] {
    if (this.big !== null) return [this.big];
    return this.cameras.slice(this.first, this.first + this.size).map((camera) => camera.code);
  }

  /** Puts the wanted cameras on the page; those that are there already are left alone. */
  private lay(): void {
    const wanted = this.wanted();
    this.tilesRoot.dataset.columns = String(this.columns);
    if (wanted.join() !== this.tiles.map((tile) => tile.code).join()) this.fill(wanted);
    this.changed();
  }

  private fill(wanted: string[]): void {
    this.close();
    this.tiles = wanted.map((code) => new Tile(code));
    this.chosen = Math.min(this.chosen, Math.max(0, this.tiles.length - 1));
    replace(this.tilesRoot, ...this.tiles.map((tile) => tile.root));
    this.rove();
    this.source = new FilmSource(new Map(this.tiles.map((tile) => [tile.code, tile.screen])));
    this.source.start();
    this.tick();
  }

  private rove(): void {
    this.tiles.forEach((tile, at) => {
      tile.root.tabIndex = at === this.chosen ? 0 : -1;
    });
  }

  private focus(): void {
    this.tiles[this.chosen]?.root.focus();
  }

  private toggle(at: number): void {
    const code = this.tiles[at]?.code;
    if (code === undefined) return;
    if (this.big === null) this.chosen = at;
    this.big = this.big === null ? code : null;
    const chosen = this.cameras.findIndex((camera) => camera.code === code) - this.first;
    this.chosen = this.big === null ? Math.max(0, chosen) : 0;
    this.lay();
    this.focus();
  }

  private key(event: KeyboardEvent): void {
    const to = moved(event.key, this.chosen, this.columns, this.tiles.length);
    if (to !== null) {
      this.chosen = to;
      this.rove();
      this.focus();
    } else if (event.key === "Enter" || event.key === " ") this.toggle(this.chosen);
    else if (event.key === "Escape" && this.big !== null) this.toggle(0);
    else if (event.key === "PageDown" || event.key === "PageUp") this.turn(event.key === "PageDown" ? 1 : -1);
    else return;
    event.preventDefault();
  }
}
