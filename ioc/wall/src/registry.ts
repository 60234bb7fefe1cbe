import type { Session } from "./api";
import { PageHead } from "./desk/head";
import { button, noteLine } from "./desk/parts";
import { startPage } from "./desk/start";
import { keepingTyped, wouldLose } from "./desk/typed";
import { type Child, el, replace, setText } from "./dom";
import { download } from "./download";
import { beforeLanguage, onLanguage, t } from "./i18n/language";
import type { Position } from "./model";
import { whyNot } from "./people/send";
import { BulkBar } from "./registry/bulk";
import type { Desk, Shown } from "./registry/desk";
import { Drafting } from "./registry/drafting";
import { FilterBar } from "./registry/filterbar";
import { keepingFocus } from "./registry/focus";
import { byDistance, ListView } from "./registry/listview";
import { MapBox } from "./registry/mapbox";
import { ROOMS } from "./registry/panels";
import { placeOfPhone } from "./registry/phone";
import { RecordView } from "./registry/recordview";
import { ANY, exportOf, hashOf, type Route, routeOf, type Wish } from "./registry/route";
import { listed } from "./registry/server";
import { FAMILIES, type Family, type Thing } from "./registry/thing";
import { tick } from "./work/sheet";

const KEEPING = new Set(["admin", "registrar"]);
/** The list as it is read anew by itself, so that a state does not stand for hours. */
const AGAIN_MS = 30_000;
/** As in styles/registry.css. */
const NARROW = "(max-width: 900px)";

/** The register: a list with its map, and beside it a record, a new draft or a room such as the import. */
class RegistryPage implements Desk {
  readonly keeps: boolean;
  readonly ground: MapBox;
  private readonly head: PageHead;
  private readonly ways = el("nav", { class: "ways" });
  private readonly note = noteLine();
  private readonly filters: FilterBar;
  private readonly list = new ListView(() => this.drawTools());
  private readonly tools = el("div", { class: "tools" });
  private readonly bulk = new BulkBar(this);
  private readonly foot = el("div", { class: "listfoot" });
  private readonly stage = el("div", { class: "stage" });
  private route: Route = routeOf(location.hash);
  private family: Family = "devices";
  private wish: Wish = ANY;
  private things: Thing[] = [];
  private count: number | null = null;
  private next = "";
  /** Where the reader is, while the list is ordered by that. */
  private here: Position | null = null;
  private asked: AbortController | null = null;
  private shown: Shown | null = null;
  /** How far the list was scrolled when it was left. */
  private left = 0;

  constructor(
    private readonly root: HTMLElement,
    readonly session: Session,
  ) {
    this.keeps = KEEPING.has(session.role);
    this.head = new PageHead(session);
    this.ground = new MapBox(root, (code) => this.open(this.family, code));
    this.filters = new FilterBar(session, (wish) => this.wishes(wish));
    const side = el(
      "section",
      { class: "side", attributes: { "aria-label": t("register.list") } },
      this.filters.root,
      this.tools,
      this.bulk.root,
      this.list.root,
      this.foot,
    );
    replace(
      root,
      this.head.root,
      this.ways,
      this.note,
      el("div", { class: "columns" }, side, el("div", { class: "work" }, this.ground.root, this.stage)),
    );
    addEventListener("hashchange", () => this.follow());
    beforeLanguage(() => this.speaks() || confirm(t("language.lose")));
    onLanguage(() => this.speak());
    setInterval(() => void this.refresh(), AGAIN_MS);
    this.follow(true);
    void this.ground.load();
  }

  open(family: Family, code: string, tab = ""): void {
    location.hash = hashOf({ at: "record", family, code, tab });
  }

  take(thing: Thing): void {
    if (thing.family === this.family) {
      const known = this.things.some(({ code }) => code === thing.code);
      this.things = known
        ? this.things.map((other) => (other.code === thing.code ? thing : other))
        : [thing, ...this.things];
      if (!known && this.count !== null) this.count += 1;
      this.drawList();
    }
    if (this.shown instanceof RecordView) this.shown.take(thing);
  }

  reload(): void {
    void this.load();
  }

  say(words: string): void {
    setText(this.note, words);
  }

  /** Goes where the address points; `anew` also when that has not changed. */
  private follow(anew = false): void {
    const before = this.route;
    this.route = routeOf(location.hash);
    const { route } = this;
    this.say("");
    const family = "family" in route ? route.family : this.family;
    const wish = route.at === "list" ? route.wish : this.wish;
    const other = family !== this.family || JSON.stringify(wish) !== JSON.stringify(this.wish);
    this.family = family;
    this.wish = wish;
    if (other) this.list.ticked.clear();
    if (other || this.things.length === 0) void this.load();
    const stays = !anew && this.turned(route);
    this.root.dataset.at = route.at;
    keepingFocus(this.root, () => this.drawHead());
    if (stays) return;
    if (anew || hashOf(before) !== hashOf(route) || route.at === "list") this.drawStage();
    this.drawList();
    this.scroll(before, route);
  }

  /** Whether what is before the reader stays in another language; the form of a new draft is short enough to be drawn anew. */
  private speaks(): boolean {
    return this.route.at === "new" || (this.shown?.speaks?.() ?? !wouldLose(this.stage));
  }

  private speak(): void {
    this.ground.render();
    this.drawList();
    keepingFocus(this.root, () => this.drawHead());
    const { shown } = this;
    if (!shown?.speak) {
      keepingTyped(this.stage, () => this.drawStage());
      return;
    }
    shown.speak();
    this.put(shown);
  }

  /** Whether only another part of the record that is shown was asked for. */
  private turned(route: Route): boolean {
    const { shown } = this;
    return (
      route.at === "record" && shown instanceof RecordView && shown.turn(route.family, route.code, route.tab)
    );
  }

  /** On a narrow screen the list makes room for what is opened: that begins at its top, and the list is found as it was. */
  private scroll(before: Route, route: Route): void {
    if (before.at === route.at || !matchMedia(NARROW).matches) return;
    if (before.at === "list") this.left = scrollY;
    scrollTo({ top: route.at === "list" ? this.left : 0, behavior: "instant" });
  }

  private wishes(wish: Wish): void {
    const hash = hashOf({ at: "list", family: this.family, wish });
    this.wish = wish;
    if (this.route.at === "list") {
      this.route = { at: "list", family: this.family, wish };
      history.replaceState(null, "", hash);
    }
    void this.load();
  }

  private async load(): Promise<void> {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    const { family } = this;
    this.root.setAttribute("aria-busy", "true");
    try {
      const page = await listed(family, this.wish, "", asked.signal);
      if (this.asked !== asked) return;
      this.things = page.things;
      this.count = page.count;
      this.next = page.next;
      this.drawList();
    } catch (error) {
      if (!asked.signal.aborted) this.say(whyNot(error));
    } finally {
      if (this.asked === asked) this.root.removeAttribute("aria-busy");
    }
  }

  /** Reads what is listed anew without moving anything, while nobody has scrolled further or ticked anything. */
  private async refresh(): Promise<void> {
    if (document.hidden || this.root.hasAttribute("aria-busy")) return;
    if (this.list.ticked.size > 0 || this.things.length > 200) return;
    await this.load();
  }

  private async more(): Promise<void> {
    if (this.next === "") return;
    try {
      const page = await listed(this.family, this.wish, this.next);
      this.things = [...this.things, ...page.things];
      this.next = page.next;
      this.drawList();
    } catch (error) {
      this.say(whyNot(error));
    }
  }

  private get chosen(): string {
    return this.route.at === "record" ? this.route.code : "";
  }

  private drawHead(): void {
    this.head.draw(t("register.title"));
    const { route } = this;
    const way = (href: string, words: string, here: boolean) =>
      el("a", { class: "quiet", attributes: { href, ...(here ? { "aria-current": "page" } : {}) } }, words);
    this.ways.setAttribute("aria-label", t("register.ways"));
    replace(
      this.ways,
      ...FAMILIES.map((family) =>
        way(
          hashOf({ at: "list", family, wish: family === this.family ? this.wish : ANY }),
          t(`register.${family}`),
          family === this.family && (route.at === "list" || route.at === "record"),
        ),
      ),
      this.keeps &&
        way(hashOf({ at: "new", family: this.family }), t(`register.new.${this.family}`), route.at === "new"),
      ...ROOMS.filter((room) => room.fits(this)).map((room) =>
        way(
          hashOf({ at: "room", room: room.id }),
          t(room.named),
          route.at === "room" && route.room === room.id,
        ),
      ),
    );
  }

  private drawStage(): void {
    this.shown?.close?.();
    this.shown = null;
    this.ground.point(null);
    this.ground.pin(null);
    this.ground.draw([]);
    const { route } = this;
    if (route.at === "record") this.put(new RecordView(this, route.family, route.code, route.tab));
    else if (route.at === "room") {
      const room = ROOMS.find((each) => each.id === route.room && each.fits(this));
      if (room) this.put(room.show(this));
      else this.put({ root: el("p", { class: "note" }, t("register.noroom")) });
    } else if (route.at === "new" && this.keeps)
      this.put(
        new Drafting(route.family, this, () => {
          location.hash = this.listHash();
        }),
      );
    else replace(this.stage);
  }

  private put(shown: Shown): void {
    this.shown = shown;
    replace(
      this.stage,
      el("a", { class: "back", attributes: { href: this.listHash() } }, t("register.back")),
      shown.root,
    );
  }

  private listHash(): string {
    return hashOf({ at: "list", family: this.family, wish: this.wish });
  }

  private drawList(): void {
    this.filters.draw(this.family, this.wish);
    this.filters.offer([...new Set(this.things.map(({ kind }) => kind))].filter(Boolean).sort());
    const things = this.here ? byDistance(this.things, this.here) : this.things;
    this.list.root.setAttribute("aria-label", t(`register.${this.family}`));
    this.list.show(things, this.chosen, this.keeps, this.here);
    this.ground.show(this.things, this.chosen);
    this.drawTools();
    const missing = this.things.length === 0;
    replace(
      this.foot,
      missing && el("p", { class: "note" }, t("register.none")),
      this.next !== "" && button(t("desk.more"), () => void this.more(), { testid: "more" }),
      !missing && this.exports(),
    );
  }

  /** All that fits, as a file, however little of it is listed yet. */
  private exports(): HTMLElement {
    const get = (f: "csv" | "xlsx") =>
      button(f.toUpperCase(), () => {
        download(exportOf(this.family, f, this.wish), `${this.family}.${f}`).catch((error: unknown) =>
          this.say(whyNot(error)),
        );
      });
    return el(
      "div",
      { class: "row" },
      el("span", { class: "dim" }, t("register.export.list")),
      get("xlsx"),
      get("csv"),
    );
  }

  private drawTools(): void {
    const ticked = this.list.ticked.size;
    const all = this.count ?? this.things.length;
    const items: Child[] = [
      this.keeps && this.things.length > 0 && this.allBox(),
      el(
        "span",
        { class: "dim", attributes: { role: "status" }, data: { testid: "count" } },
        ticked > 0
          ? t("register.ticked", { count: ticked })
          : t("register.count", { shown: this.things.length, count: all }),
      ),
      button(t("register.nearest"), () => void this.nearest(), {
        testid: "nearest",
        pressed: this.here !== null,
      }),
      this.mapButton(),
    ];
    keepingFocus(this.tools, () => replace(this.tools, ...items));
    this.bulk.choose(
      this.family,
      this.things.filter(({ code }) => this.list.ticked.has(code)),
    );
  }

  private allBox(): HTMLElement {
    const codes = this.things.map(({ code }) => code);
    const all = codes.every((code) => this.list.ticked.has(code));
    const { input, row } = tick(t("register.tickall"), { "data-testid": "tick-all" }, all);
    input.indeterminate = !all && this.list.ticked.size > 0;
    input.addEventListener("change", () => this.list.tick(codes, input.checked));
    return row;
  }

  /** On a narrow screen the map stands before the reader only when asked for. */
  private mapButton(): HTMLElement {
    const shown = this.root.hasAttribute("data-mapping");
    const turn = () => {
      this.ground.reveal(!shown);
      this.drawTools();
    };
    const made = button(t("register.showmap"), turn, { testid: "show-map", pressed: shown });
    made.classList.add("only-narrow");
    return made;
  }

  /** Orders the list by how far things are from the reader, or as it was again. */
  private async nearest(): Promise<void> {
    if (this.here) this.here = null;
    else {
      try {
        const found = await placeOfPhone();
        this.here = found.position;
        while (this.next !== "" && this.things.length < 2_000) await this.more();
        this.ground.go(found.position);
      } catch {
        this.say(t("register.phone.failed"));
      }
    }
    this.drawList();
  }
}

void startPage((root, session) => {
  new RegistryPage(root, session);
});
