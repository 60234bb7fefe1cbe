import { getJson, type Session, toSignIn } from "./api";
import { Board, type Layer } from "./board";
import { serverNow } from "./clock";
import { TOLD } from "./desk/notifications";
import { IncidentView } from "./detail/incident";
import { DetailPanel } from "./detail/panel";
import { PlaceView } from "./detail/place";
import { byId, el, replace } from "./dom";
import { readTeams } from "./duty/week";
import { Header } from "./header";
import { type Host, type Located, maySteps } from "./host";
import { onLanguage, t } from "./i18n/language";
import { knownSession, RETRY_MS } from "./known";
import { renderKpi } from "./kpi";
import { IncidentList } from "./list";
import { type LiveEvent, type LiveStatus, LiveStream } from "./live";
import { LostBanner } from "./lost";
import type { Picked, WallMap } from "./map/map";
import { newestReading } from "./newest";
import { PartsBanner } from "./parts";
import { ProvisionalList } from "./provisional";
import { TICKET_DEEDS } from "./tickets/deeds";
import { TicketQueue } from "./tickets/queue";
import { loadUnits } from "./tickets/units";
import { TicketView } from "./tickets/view";
import { LatestValues } from "./values";
import { Doubts } from "./work/doubts";
import { DoubtView } from "./work/doubtview";
import { Help, isTyping, keysOn } from "./work/help";
import { DEEDS, letterOf, PAGE_KEYS, type PageKey } from "./work/keys";
import { ReportView } from "./work/reportview";
import { Silences } from "./work/silences";
import { SilenceView } from "./work/silenceview";
import { Toolbar } from "./work/toolbar";

const MAP_SOURCE = {
  incident: "incidents",
  device: "devices",
  camera: "cameras",
  alarm: "incidents",
} as const;

/** The parts of the page and the one picture that they show. */
class Wall {
  private readonly board = new Board();
  private readonly header: Header;
  private readonly banner = new LostBanner(byId("lost"));
  private readonly parts = new PartsBanner(byId("parts"));
  private readonly list: IncidentList;
  private readonly provisional = new ProvisionalList();
  private readonly queue: TicketQueue;
  /** The reader's own teams, as `unit/code`. */
  private readonly teams = new Set<string>();
  private readonly panel: DetailPanel;
  private readonly silences = new Silences(() => this.silenced());
  private readonly doubts = new Doubts(() => this.doubted());
  private readonly help = new Help();
  private readonly toolbar: Toolbar;
  private readonly host: Host;
  private doubtView: DoubtView | null = null;
  private picking: ((id: string) => void) | null = null;
  private map: WallMap | null = null;
  /** What the panel shows of the map, and whether the map has gone there. */
  private located: (Located & { seen: boolean }) | null = null;
  private opened = false;
  private status: LiveStatus = { state: "connecting", lastSign: null, retryAt: null };
  private readonly dirty = new Set<Layer>();
  private frame: number | null = null;

  constructor(private readonly session: Session) {
    this.header = new Header(byId("header"), session);
    this.host = {
      session,
      board: this.board,
      silences: this.silences,
      openIncident: (id) => this.open({ layer: "incident", id }),
      openTicket: (id) => this.openTicket(id),
      fly: (position) => this.map?.fly(position),
      locate: (place) => this.locate(place),
      pickIncident: (take) => this.pick(take),
      pickPlace: (take) => {
        document.body.toggleAttribute("data-pointing", take !== null);
        this.map?.point(take);
      },
      mark: (marks) => this.map?.mark(marks),
    };
    this.toolbar = new Toolbar(this.host, this.doubts, (what) => this.act(what));
    this.queue = new TicketQueue({ login: session.user, teams: this.teams }, (id) => this.openTicket(id));
    this.list = new IncidentList(
      byId("list"),
      (id) => this.chosen({ layer: "incident", id }),
      this.toolbar.root,
      this.provisional.root,
      this.queue.root,
    );
    document.addEventListener("keydown", (event) => this.key(event));
    this.panel = new DetailPanel(byId("detail"), () => this.closed());
    this.redraw(["incident", "device", "camera", "ticket"]);
    onLanguage(() => this.translate());
  }

  start(): void {
    const stream = new LiveStream({
      url: "/api/v1/live",
      onEvent: (event) => this.take(event),
      onStatus: (status) => this.connection(status),
      onSignedOut: toSignIn,
    });
    void stream.run();
    new LatestValues(this.board, (id, feature) =>
      this.take({ kind: "put", layer: "device", id, feature }),
    ).start(() => this.status.state === "live");
    this.parts.start();
    this.header.followLosses();
    if (this.session.sees.includes("silence")) this.silences.start();
    if (this.session.sees.includes("alarm")) this.doubts.start();
    addEventListener("online", () => stream.retryNow());
    addEventListener("hashchange", () => this.follow());
    setInterval(() => this.tick(), 1_000);
    if (this.session.sees.includes("duty")) void this.loadTeams();
    if (this.session.sees.includes("ticket")) {
      loadUnits().then(
        () => this.queue.render(this.board),
        () => undefined,
      );
    }
    this.tick();
    this.follow();
    void this.loadMap();
  }

  /** Without them "mine" is what the reader owns in person. */
  private async loadTeams(): Promise<void> {
    const found = await getJson("/api/v1/teams").then(readTeams, () => []);
    for (const { unit, code, members } of found) {
      if (members.some((one) => one.login === this.session.user)) this.teams.add(`${unit}/${code}`);
    }
  }

  private async loadMap(): Promise<void> {
    const root = byId("map");
    try {
      const { WallMap } = await import("./map/map");
      const covered = () => {
        // On a phone the panel hides all of the map, which then keeps its place.
        const width = this.panel.isOpen ? byId("detail").offsetWidth : 0;
        return width < root.offsetWidth ? width : 0;
      };
      this.map = new WallMap(root, this.board, (picked) => this.chosen(picked), covered);
      if (this.located) this.locate(this.located);
      this.openMap();
    } catch {
      document.body.dataset.map = "failed";
      replace(root, el("p", { class: "note" }, t("map.failed")));
    }
  }

  /** A district's map opens on what is the district's, as soon as that is known. */
  private openMap(): void {
    if (this.opened || !this.map || !this.board.complete) return;
    this.opened = true;
    if (this.session.centre !== null) this.map.openOnScope();
  }

  private take(event: LiveEvent): void {
    if (event.kind === "put" && event.layer === TOLD) {
      dispatchEvent(new CustomEvent(TOLD, { detail: event.feature }));
      return;
    }
    for (const layer of this.board.apply(event)) this.dirty.add(layer);
    if (event.kind === "ready") {
      this.openMap();
      if (this.located && !this.located.seen) this.locate(this.located);
    }
    if (event.kind === "put" || event.kind === "removed") {
      if (event.layer === "silence") void this.silences.refresh();
      this.panel.changed(event.layer, event.id, this.board.incidents.get(event.id)?.version);
      const gone = event.kind === "removed" && event.layer !== "ticket";
      if (gone && this.panel.shows(event.id)) this.panel.dismiss();
    }
    if (this.dirty.size > 0) {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null;
        this.redraw([...this.dirty]);
        this.dirty.clear();
      });
    }
  }

  private silenced(): void {
    const named = this.silences.list.filter((one) => one.mutes).flatMap((one) => one.sources);
    this.board.muted = new Set(named);
    this.toolbar.render();
    this.panel.silenced();
    this.map?.changed("devices");
  }

  private doubted(): void {
    this.toolbar.render();
    this.doubtView?.refreshed();
  }

  private redraw(layers: Layer[]): void {
    this.toolbar.render();
    renderKpi(byId("kpi"), this.board);
    if (layers.includes("incident")) this.list.render(this.board);
    if (layers.includes("ticket")) this.queue.render(this.board);
    if (layers.includes("alarm")) {
      this.provisional.render(this.board.provisional);
      this.tellParts();
    }
    for (const layer of layers) if (layer !== "ticket") this.map?.changed(MAP_SOURCE[layer]);
  }

  private connection(status: LiveStatus): void {
    const changed = status.state !== this.status.state;
    this.status = status;
    if (changed) this.tick();
  }

  private tick(): void {
    const now = performance.now();
    document.body.dataset.live = this.status.state;
    const newest = newestReading(this.board.devices.values(), serverNow());
    this.header.tick(this.status, now, newest, this.parts.dropped);
    this.banner.tick(this.status, now);
    this.tellParts();
    this.list.tick();
    this.queue.tick();
    this.toolbar.render();
    this.panel.tick();
  }

  private tellParts(): void {
    this.parts.tick(this.status.state === "lost", this.board.provisional.size);
  }

  private translate(): void {
    this.header.render();
    this.redraw(["incident", "device", "camera", "alarm", "ticket"]);
    this.panel.render();
    this.map?.render();
    this.tick();
  }

  /** A click on an incident opens it, or chooses it for what is being filled in. */
  private chosen(picked: Picked): void {
    if (this.picking && picked.layer === "incident") this.picking(picked.id);
    else this.open(picked);
  }

  private pick(take: ((id: string) => void) | null): void {
    this.picking = take;
    document.body.toggleAttribute("data-picking", take !== null);
  }

  /** Rings an incident on the map, outlines its area and goes there: to the place, else to the incident's own. */
  private locate(place: Located): void {
    const incident = this.board.incidents.get(place.incident);
    const to = place.position ?? incident?.position ?? null;
    this.located = { ...place, seen: to !== null && this.map !== null };
    this.map?.choose(place.incident, incident?.areaCode);
    if (to) this.map?.fly(to);
  }

  /** Nothing is chosen any more, in the lists and on the map. */
  private unchoose(): void {
    this.list.select(null);
    this.queue.select(null);
    this.located = null;
    this.map?.choose("");
  }

  private open(picked: Picked): void {
    if (!this.panel.isOpen) this.map?.remember();
    this.panel.leave();
    this.doubtView = null;
    if (picked.layer === "incident") {
      this.panel.show(new IncidentView(picked.id, this.host), picked.id);
      this.unchoose();
      this.list.select(picked.id);
      this.locate({ incident: picked.id, position: null });
      return;
    }
    const { layer, id } = picked;
    const replayed = this.session.replay !== null;
    const view = new PlaceView(layer, id, () => this.board.place(layer, id), replayed, this.silences);
    this.panel.show(view, id);
    this.unchoose();
  }

  private openTicket(id: string): void {
    if (!this.panel.isOpen) this.map?.remember();
    this.panel.leave();
    this.doubtView = null;
    this.panel.show(new TicketView(id, this.host), id);
    this.unchoose();
    this.queue.select(id);
    const ticket = this.board.tickets.get(id);
    if (ticket) this.locate(ticket);
  }

  /** The list beside the map shows tickets in place of incidents, or incidents again. */
  private turn(): void {
    if (!this.session.sees.includes("ticket")) return;
    this.toolbar.tickets = !this.toolbar.tickets;
    byId("list").dataset.shows = this.toolbar.tickets ? "tickets" : "incidents";
    this.queue.visible = this.toolbar.tickets;
    this.toolbar.render();
    if (this.toolbar.tickets) this.queue.focus();
    else this.list.focus();
  }

  /** What the address names after its #: a link in a notification leads to its ticket or incident. */
  private follow(): void {
    const [kind, id] = decodeURIComponent(location.hash.slice(1)).split("=");
    if (!id) return;
    if (kind === "ticket") this.openTicket(id);
    if (kind === "incident") this.open({ layer: "incident", id });
    history.replaceState(null, "", location.pathname);
  }

  private act(what: PageKey): void {
    if (what === "help") {
      this.help.toggle();
      return;
    }
    if (what === "tickets") {
      this.turn();
      return;
    }
    if (what === "report" && !maySteps(this.session)) return;
    if (!this.panel.isOpen) this.map?.remember();
    this.panel.leave();
    this.unchoose();
    this.doubtView = null;
    if (what === "doubts") {
      const view = new DoubtView(this.doubts, this.host);
      this.panel.show(view, what);
      this.doubtView = view;
    } else if (what === "silences") this.panel.show(new SilenceView(this.host), what);
    else this.panel.show(new ReportView(this.host, () => this.panel.dismiss()), what);
  }

  /** A letter: for what the panel shows, for the incident that the list is at, or for the page. */
  private key(event: KeyboardEvent): void {
    const letter = letterOf(event);
    if (letter === null || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (letter !== PAGE_KEYS.help && !keysOn()) return;
    if (!this.taken(letter)) return;
    event.preventDefault();
  }

  private taken(letter: string): boolean {
    if (this.panel.key(letter)) return true;
    const queued = this.queue.focused;
    if (queued !== null && !this.panel.shows(queued) && TICKET_DEEDS.some((one) => one.key === letter)) {
      this.openTicket(queued);
      return this.panel.key(letter);
    }
    const listed = this.list.focused;
    if (listed !== null && !this.panel.shows(listed) && DEEDS.some((one) => one.key === letter)) {
      this.open({ layer: "incident", id: listed });
      return this.panel.key(letter);
    }
    const what = Object.entries(PAGE_KEYS).find(([, key]) => key === letter)?.[0] as PageKey | undefined;
    if (what) this.act(what);
    return what !== undefined;
  }

  private closed(): void {
    this.doubtView = null;
    this.unchoose();
    (this.toolbar.tickets ? this.queue : this.list).focus();
    this.map?.giveBack();
  }
}

async function main(): Promise<void> {
  const known = await knownSession(() => {
    const now = performance.now();
    document.body.dataset.live = "lost";
    new LostBanner(byId("lost")).tick({ state: "lost", lastSign: null, retryAt: now + RETRY_MS }, now);
  });
  if (known) new Wall(known).start();
}

void main();
