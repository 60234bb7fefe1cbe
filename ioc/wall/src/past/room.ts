import { getJson } from "../api";
import { Board, type Layer } from "../board";
import { lookAt, serverNow } from "../clock";
import type { View } from "../detail/view";
import { byId } from "../dom";
import { zoneOffset } from "../format";
import { t } from "../i18n/language";
import type { LiveEvent } from "../live";
import type { WallMap } from "../map/map";
import { extremeWaiting } from "../model";
import { whyNot } from "../people/send";
import { DEEDS, PAGE_KEYS, type PageKey } from "../work/keys";
import { Band } from "./band";
import { TimeBar } from "./bar";
import { Changes, pictureAt, type Reach, reachOfPast } from "./feed";
import { areaDay, fieldOf, HOUR, type Speed, within } from "./steps";
import { type Kind, PastView } from "./view";

const ALL: readonly Layer[] = ["incident", "device", "camera", "alarm", "ticket"];
/** How often play shows a new moment; for who wants less motion, seldom enough to be read as pictures. */
const FRAME_MS = 250;
const STILL_MS = 2_000;
/** Seconds of ours that are read ahead of play. */
const AHEAD_S = 8;
/** A slider that is dragged asks when it rests. */
const CALM_MS = 140;
/** Play that comes so near to now has arrived. */
const NOW_MS = 5_000;
/** What is entered or changed; not while looking back. */
const CHANGING: ReadonlySet<PageKey> = new Set(["report", "doubts", "silences"]);

/** What the room moves of the page. */
export interface Page {
  readonly board: Board;
  redraw(layers: readonly Layer[]): void;
  /** Ends what the panel shows, or draws it again. */
  dismiss(): void;
  renderPanel(): void;
  map(): WallMap | null;
}

/**
 * The wall as it was. The page's board then holds a picture of the past; the living one goes on underneath, and what
 * is new and extreme in it is told at once.
 */
export class PastRoom {
  /** The living picture, whatever the page shows. */
  readonly living = new Board();
  private readonly shown = new Board();
  private readonly band = new Band(() => this.leave());
  private readonly bar: TimeBar;
  private reach: Reach | null = null;
  private looking = false;
  private at = 0;
  private fetched = false;
  private changes: Changes | null = null;
  private wanted: AbortController | null = null;
  private calm: ReturnType<typeof setTimeout> | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private ticked = 0;
  private speed: Speed = 60;
  private said = "";
  /** Play waits for changes that are not read yet. */
  private waits = false;
  private known: ReadonlySet<string> = new Set();
  private day: string | null = null;

  constructor(private readonly page: Page) {
    this.living.share(page.board);
    this.bar = new TimeBar({
      seek: (at) => this.seek(at),
      turn: () => this.turn(),
      hasten: (speed) => this.hasten(speed),
      leave: () => this.leave(),
    });
    byId("header").before(this.band.root);
    byId("main").after(this.bar.root);
    this.bar.root.hidden = true;
    document.addEventListener("keydown", (event) => this.escape(event), { capture: true });
  }

  get active(): boolean {
    return this.looking;
  }

  /** Opens the bar an hour back, or returns to now. */
  toggle(): void {
    if (this.looking) this.leave();
    else void this.open();
  }

  /** Takes what the stream tells into the living picture, while the page shows another; whether it did. */
  takes(event: LiveEvent): boolean {
    if (!this.looking) return false;
    this.living.apply(event);
    this.paint();
    return true;
  }

  /** Whether a key of the page is refused while looking back; it then says why. */
  refuses(what: PageKey): boolean {
    return this.looking && CHANGING.has(what) && this.refuse();
  }

  /** What the panel shows of a thing while looking back; null: the present has its own views. */
  view(kind: Kind, id: string): View | null {
    if (!this.looking) return null;
    const steps = new Set(DEEDS.map((one) => one.key));
    const pages = new Set<string>(Object.values(PAGE_KEYS));
    return new PastView(
      kind,
      id,
      this.page.board,
      (letter) => steps.has(letter) && !pages.has(letter) && this.refuse(),
    );
  }

  render(): void {
    this.bar.render();
    if (this.looking) this.paint();
  }

  /** Back to the living picture, at once. */
  leave(): void {
    if (!this.looking) return;
    this.stop();
    this.wanted?.abort();
    if (this.calm !== null) clearTimeout(this.calm);
    this.looking = false;
    this.changes = null;
    lookAt(null);
    this.page.board.share(this.living);
    this.page.map()?.show(this.page.board);
    this.setDay(null);
    this.band.hide();
    this.bar.root.hidden = true;
    this.page.dismiss();
    this.page.redraw(ALL);
  }

  private async open(): Promise<void> {
    const now = serverNow();
    this.looking = true;
    this.said = "";
    this.fetched = false;
    this.living.share(this.page.board);
    this.known = new Set(extremeWaiting(this.living.incidents.values()));
    this.at = now - HOUR;
    this.page.dismiss();
    this.bar.root.hidden = false;
    this.paint();
    try {
      this.reach = await reachOfPast(getJson);
    } catch (error) {
      this.reach = null;
      this.said = t("past.none", { why: whyNot(error) });
    }
    if (!this.looking) return;
    if (this.reach === null) {
      this.paint();
      return;
    }
    this.bar.span(this.reach);
    this.bar.focus();
    this.seek(within(this.reach, this.at));
  }

  private seek(at: number): void {
    if (!this.looking || this.reach === null) return;
    this.reach.newest = Math.max(this.reach.newest, serverNow());
    this.at = within(this.reach, at);
    this.fetched = false;
    this.changes = null;
    this.wanted?.abort();
    this.paint();
    if (this.calm !== null) clearTimeout(this.calm);
    this.calm = setTimeout(() => void this.fetch(), CALM_MS);
  }

  private async fetch(): Promise<void> {
    const wanted = new AbortController();
    this.wanted = wanted;
    try {
      const picture = await pictureAt(getJson, this.at, wanted.signal);
      if (wanted.signal.aborted || !this.looking) return;
      const board = new Board();
      for (const event of picture.events) board.apply(event);
      this.shown.share(board);
      this.changes = new Changes(picture, getJson, wanted.signal);
      this.said = "";
      this.show();
    } catch (error) {
      if (wanted.signal.aborted || !this.looking) return;
      this.stop();
      this.said = t("past.failed", { why: whyNot(error) });
      this.paint();
    }
  }

  /** Puts the picture that has come in place of what the page showed. */
  private show(): void {
    this.fetched = true;
    lookAt(this.at);
    this.page.board.share(this.shown);
    this.page.map()?.show(this.shown);
    this.setDay(areaDay(fieldOf(this.at, zoneOffset(this.at)).slice(0, 10), this.reach?.changed ?? []));
    this.page.redraw(ALL);
    this.page.renderPanel();
    this.paint();
  }

  /** The areas of the day, where they are not those of today. */
  private setDay(day: string | null): void {
    if (day === this.day) return;
    this.day = day;
    this.page.map()?.setDay(day);
  }

  private turn(): void {
    if (this.timer !== null) {
      this.stop();
      this.paint();
      return;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.ticked = performance.now();
    this.said = "";
    this.timer = setInterval(() => this.play(), still ? STILL_MS : FRAME_MS);
    this.paint();
  }

  private hasten(speed: Speed): void {
    this.speed = speed;
    this.paint();
  }

  private stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.waits = false;
  }

  private play(): void {
    const now = performance.now();
    const passed = (now - this.ticked) * this.speed;
    this.ticked = now;
    const { changes } = this;
    if (!changes || !this.fetched) return;
    const ahead = Math.min(serverNow(), this.at + AHEAD_S * 1000 * this.speed);
    changes.read(ahead).catch((error: unknown) => {
      if (this.changes !== changes) return;
      this.stop();
      this.said = t("past.failed", { why: whyNot(error) });
      this.paint();
    });
    this.waits = changes.known < this.at + passed && ahead > changes.known;
    this.at = Math.max(this.at, Math.min(this.at + passed, changes.known));
    if (this.at >= serverNow() - NOW_MS) this.leave();
    else this.advance(changes);
  }

  private advance(changes: Changes): void {
    const dirty = new Set<Layer>();
    for (const event of changes.take(this.at)) for (const layer of this.shown.apply(event)) dirty.add(layer);
    lookAt(this.at);
    this.setDay(areaDay(fieldOf(this.at, zoneOffset(this.at)).slice(0, 10), this.reach?.changed ?? []));
    if (dirty.size > 0) this.page.redraw([...dirty]);
    this.page.renderPanel();
    this.paint();
  }

  private refuse(): boolean {
    this.said = t("past.refused");
    this.paint();
    return true;
  }

  private paint(): void {
    const waiting = extremeWaiting(this.living.incidents.values());
    const fresh = waiting.filter((id) => !this.known.has(id)).length;
    this.band.show(this.at, this.fetched, this.said, fresh);
    this.bar.show(this.at, this.timer !== null, this.speed, this.waits ? t("past.waits") : "");
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.looking || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.leave();
  }
}
