import { getJson, type Session, toSignIn } from "./api";
import { Board, type Layer } from "./board";
import { serverNow } from "./clock";
import { TOLD } from "./desk/notifications";
import { byId } from "./dom";
import { readTeams } from "./duty/week";
import { Aids } from "./find/aids";
import { Header } from "./header";
import type { Host } from "./host";
import { onLanguage, t } from "./i18n/language";
import { KeyRouter } from "./keys";
import { renderKpi } from "./kpi";
import { IncidentList } from "./list";
import { type LiveEvent, type LiveStatus, LiveStream } from "./live";
import { MapRoom } from "./located";
import { LostBanner } from "./lost";
import { isOpen, worstFirst, worstWaiting } from "./model";
import { newestReading } from "./newest";
import { Openings } from "./openings";
import { PartsBanner } from "./parts";
import { PastRoom } from "./past/room";
import type { Kind } from "./past/view";
import { ProvisionalList } from "./provisional";
import { nextTheme, onTheme } from "./theme";
import { TicketQueue } from "./tickets/queue";
import { loadUnits } from "./tickets/units";
import { LatestValues } from "./values";
import { centreNames } from "./watch/centres";
import { CentreStrip } from "./watch/centrestrip";
import { FilterBar } from "./watch/filterbar";
import { Sound } from "./watch/sound";
import { Doubts } from "./work/doubts";
import { Help } from "./work/help";
import { PAGE_KEYS, type PageKey } from "./work/keys";
import { Silences } from "./work/silences";
import { Toolbar } from "./work/toolbar";

/** What is open is listed before the map's code takes the page's time, unless the server tells of it too late. */
const MAP_WAITS_MS = 1_000;

/** The parts of the page and the one picture that they show. */
export class Wall {
  private readonly board = new Board();
  private readonly header: Header;
  private readonly banner = new LostBanner(byId("lost"));
  private readonly parts = new PartsBanner(byId("parts"));
  private readonly list: IncidentList;
  private readonly provisional = new ProvisionalList();
  private readonly queue: TicketQueue;
  /** The reader's own teams, as `unit/code`. */
  private readonly teams = new Set<string>();
  private readonly room: MapRoom;
  private readonly openings: Openings;
  private readonly silences = new Silences(() => this.silenced());
  private readonly doubts = new Doubts(() => this.doubted());
  private readonly help = new Help(() => this.served);
  private readonly toolbar: Toolbar;
  private readonly host: Host;
  private readonly filter: FilterBar;
  private readonly sound: Sound;
  private readonly centres: CentreStrip;
  private readonly past: PastRoom;
  private readonly aids: Aids;
  /** What the keys and buttons of the page do; other rooms add theirs with `on`. */
  private readonly deeds = new Map<PageKey, () => void>();
  private status: LiveStatus = { state: "connecting", lastSign: null, retryAt: null };
  private readonly dirty = new Set<Layer>();
  private frame: number | null = null;
  private pictured: () => void = () => undefined;
  private readonly picture = new Promise<void>((done) => {
    this.pictured = done;
  });

  constructor(private readonly session: Session) {
    const { board } = this;
    this.header = new Header(byId("header"), session);
    const room = new MapRoom(session, board);
    this.room = room;
    this.host = this.hosting();
    this.toolbar = new Toolbar(this.host, this.doubts, (what) => this.act(what));
    this.queue = new TicketQueue({ login: session.user, teams: this.teams }, (id) =>
      this.openings.openTicket(id),
    );
    this.filter = new FilterBar(
      board,
      session.user,
      centreNames(session),
      (id) => this.openings.panel.shows(id),
      () => this.refiltered(),
    );
    this.past = new PastRoom({
      board,
      redraw: (layers) => this.redraw([...layers]),
      dismiss: () => this.openings.panel.isOpen && this.openings.panel.dismiss(),
      renderPanel: () => this.openings.panel.render(),
      map: () => room.map,
    });
    this.sound = new Sound(this.past.living);
    this.filter.beside(this.sound.root);
    this.centres = new CentreStrip(
      byId("centres"),
      session,
      board,
      (code) => this.filter.onlyCentre(code),
      () => this.filter.state.centre,
    );
    this.list = new IncidentList(
      byId("list"),
      (id) => this.openings.chosen({ layer: "incident", id }),
      this.toolbar.root,
      this.filter.root,
      this.provisional.root,
      this.queue.root,
    );
    const { host, list, queue, doubts, toolbar } = this;
    const moved = () => {
      if (this.filter.chosen) this.redraw(["incident"]);
    };
    const past = (kind: Kind, id: string) => this.past.view(kind, id);
    this.openings = new Openings({ session, board, host, room, list, queue, doubts, toolbar, past, moved });
    new KeyRouter(this.openings, list, queue, (what) => this.act(what));
    this.serve();
    this.aids = new Aids({
      ...{ session, board, room, past: this.past, openings: this.openings, filter: this.filter, toolbar },
      status: () => this.status,
      turn: () => this.turn(),
      on: (what, deed) => this.on(what, deed),
    });
    this.redraw(["incident", "device", "camera", "ticket"]);
    onLanguage(() => this.translate());
    onTheme(() => this.room.map?.restyle());
  }

  start(): void {
    const stream = new LiveStream({
      url: "/api/v1/live",
      onEvent: (event) => this.take(event),
      onStatus: (status) => this.connection(status),
      onSignedOut: () => toSignIn(),
    });
    void stream.run();
    new LatestValues(this.past.living, (id, feature) =>
      this.take({ kind: "put", layer: "device", id, feature }),
    ).start(() => this.status.state === "live");
    this.parts.start();
    this.header.followLosses();
    this.centres.start(() => this.status.state === "live");
    if (this.session.sees.includes("silence")) this.silences.start();
    if (this.session.sees.includes("alarm")) this.doubts.start();
    addEventListener("online", () => stream.retryNow());
    addEventListener("hashchange", () => this.openings.follow());
    setInterval(() => this.tick(), 1_000);
    if (this.session.sees.includes("duty")) void this.loadTeams();
    if (this.session.sees.includes("ticket")) {
      loadUnits().then(
        () => this.queue.render(this.board),
        () => undefined,
      );
    }
    this.tick();
    this.openings.follow();
    this.aids.kiosk.begin();
    void this.loadMap();
  }

  private async loadMap(): Promise<void> {
    const { openings, room } = this;
    setTimeout(this.pictured, MAP_WAITS_MS);
    await this.picture;
    await room.load(
      (picked) => openings.chosen(picked),
      () => openings.panel.isOpen,
    );
    if (room.map) this.on("heat", () => room.map?.toggleHeat());
    await this.aids.begin();
  }

  private hosting(): Host {
    const { session, board, silences, room } = this;
    return {
      session,
      board,
      silences,
      openIncident: (id) => this.openings.open({ layer: "incident", id }),
      openTicket: (id) => this.openings.openTicket(id),
      fly: (position) => room.map?.fly(position),
      locate: (place) => room.locate(place),
      pickIncident: (take) => this.openings.pick(take),
      pickPlace: (take) => {
        document.body.toggleAttribute("data-pointing", take !== null);
        room.map?.point(take);
      },
      showCameras: (codes) => room.map?.showCameras(codes),
      mark: (marks) => room.map?.mark(marks),
    };
  }

  /** Without them "mine" is what the reader owns in person. */
  private async loadTeams(): Promise<void> {
    const found = await getJson("/api/v1/teams").then(readTeams, () => []);
    for (const { unit, code, members } of found) {
      if (members.some((one) => one.login === this.session.user)) this.teams.add(`${unit}/${code}`);
    }
  }

  private take(event: LiveEvent): void {
    if (event.kind === "put" && event.layer === TOLD) {
      dispatchEvent(new CustomEvent(TOLD, { detail: event.feature }));
      return;
    }
    if (this.past.takes(event)) return;
    for (const layer of this.board.apply(event)) this.dirty.add(layer);
    if (event.kind === "ready") this.room.complete();
    if (event.kind === "put" || event.kind === "removed") this.tellPanel(event);
    if (this.dirty.size > 0) {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null;
        this.redraw([...this.dirty]);
        this.dirty.clear();
        if (this.board.complete) setTimeout(this.pictured);
      });
    }
  }

  private tellPanel(event: LiveEvent & { kind: "put" | "removed" }): void {
    const { panel } = this.openings;
    if (event.layer === "silence") void this.silences.refresh();
    panel.changed(event.layer, event.id, this.board.incidents.get(event.id)?.version);
    const gone = event.kind === "removed" && event.layer !== "ticket";
    if (gone && panel.shows(event.id)) panel.dismiss();
  }

  private refiltered(): void {
    this.redraw(["incident"]);
    this.centres.render();
  }

  private silenced(): void {
    const named = this.silences.list.filter((one) => one.mutes).flatMap((one) => one.sources);
    this.board.muted = new Set(named);
    this.toolbar.render();
    this.openings.panel.silenced();
    this.room.changed(["device"]);
  }

  private doubted(): void {
    this.toolbar.render();
    this.openings.doubted();
  }

  private redraw(layers: Layer[]): void {
    this.centres.changed();
    this.toolbar.render();
    renderKpi(byId("kpi"), this.board);
    this.filter.render();
    this.sound.tick();
    this.aids.kiosk.changed();
    if (layers.includes("incident")) this.list.render(this.board);
    if (layers.includes("ticket")) this.queue.render(this.board);
    if (layers.includes("alarm")) {
      this.provisional.render(this.board.provisional);
      this.tellParts();
    }
    this.room.changed(layers);
  }

  private connection(status: LiveStatus): void {
    const changed = status.state !== this.status.state;
    this.status = status;
    if (changed) this.tick();
  }

  private tick(): void {
    const now = performance.now();
    document.body.dataset.live = this.status.state;
    const newest = newestReading(this.past.living.devices.values(), serverNow());
    this.header.tick(this.status, now, newest, this.parts.dropped);
    this.banner.tick(this.status, now);
    this.tellParts();
    this.list.tick();
    this.queue.tick();
    this.toolbar.render();
    this.sound.tick();
    this.centres.render();
    this.openings.panel.tick();
    this.aids.kiosk.tick();
  }

  private tellParts(): void {
    this.parts.tick(this.status.state === "lost", this.board.provisional.size);
  }

  private translate(): void {
    this.header.render();
    this.past.render();
    this.redraw(["incident", "device", "camera", "alarm", "ticket"]);
    this.openings.panel.render();
    this.room.map?.render();
    this.tick();
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

  /** Gives a key of the page to what it does. */
  on(what: PageKey, deed: () => void): void {
    this.deeds.set(what, deed);
  }

  /** The keys of the page that do something here, in the order of the help. */
  private get served(): PageKey[] {
    return (Object.keys(PAGE_KEYS) as PageKey[]).filter((what) => this.deeds.has(what));
  }

  private serve(): void {
    const { openings, filter, past, room } = this;
    this.on("help", () => this.help.toggle());
    this.on("tickets", () => this.turn());
    this.on("doubts", () => openings.openDoubts());
    this.on("silences", () => openings.openSilences());
    this.on("report", () => openings.openReport());
    this.on("worst", () => this.openWorst());
    this.on("next", () => this.openBeside(1));
    this.on("previous", () => this.openBeside(-1));
    this.on("filter", () => filter.turn());
    this.on("unfilter", () => filter.clear());
    this.on("past", () => past.toggle());
    this.on("mute", () => this.sound.press());
    this.on("theme", nextTheme);
    this.on("fly", () => room.again());
    this.on("home", () => room.map?.goHome());
    this.on("zoomin", () => room.map?.zoomBy(1));
    this.on("zoomout", () => room.map?.zoomBy(-1));
    if (this.session.sees.includes("camera")) this.on("mosaic", () => this.openMosaic());
  }

  /** Of everything, whatever the filter shows. */
  private openWorst(): void {
    const worst = worstWaiting(this.board.incidents.values());
    if (worst) this.openings.open({ layer: "incident", id: worst.id });
    else this.list.say(t("worst.none"));
  }

  /** The page of cameras, those near the worst that is open first. */
  private openMosaic(): void {
    const open = [...this.board.incidents.values()].filter((one) => isOpen(one) && one.position);
    const at = open.sort(worstFirst)[0]?.position;
    location.assign(at ? `/cameras#near=${at.join(",")}` : "/cameras");
  }

  private openBeside(by: number): void {
    const id = this.list.beside(by);
    if (id !== null) this.openings.open({ layer: "incident", id });
  }

  /** What a key or a button of the whole page does; whether there is anything. */
  private act(what: PageKey): boolean {
    if (this.past.refuses(what)) return true;
    const deed = this.deeds.get(what);
    deed?.();
    return deed !== undefined;
  }
}
