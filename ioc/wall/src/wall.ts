import { getJson, type Session, toSignIn } from "./api";
import { Board, type Layer } from "./board";
import { serverNow } from "./clock";
import { TOLD } from "./desk/notifications";
import { byId } from "./dom";
import { readTeams } from "./duty/week";
import { Header } from "./header";
import type { Host } from "./host";
import { onLanguage } from "./i18n/language";
import { KeyRouter } from "./keys";
import { renderKpi } from "./kpi";
import { IncidentList } from "./list";
import { type LiveEvent, type LiveStatus, LiveStream } from "./live";
import { MapRoom } from "./located";
import { LostBanner } from "./lost";
import { newestReading } from "./newest";
import { Openings } from "./openings";
import { PartsBanner } from "./parts";
import { ProvisionalList } from "./provisional";
import { TicketQueue } from "./tickets/queue";
import { loadUnits } from "./tickets/units";
import { LatestValues } from "./values";
import { Doubts } from "./work/doubts";
import { Help } from "./work/help";
import type { PageKey } from "./work/keys";
import { Silences } from "./work/silences";
import { Toolbar } from "./work/toolbar";

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
  private readonly help = new Help();
  private readonly toolbar: Toolbar;
  private readonly host: Host;
  private status: LiveStatus = { state: "connecting", lastSign: null, retryAt: null };
  private readonly dirty = new Set<Layer>();
  private frame: number | null = null;

  constructor(private readonly session: Session) {
    const { board } = this;
    this.header = new Header(byId("header"), session);
    this.room = new MapRoom(session, board);
    this.host = this.hosting();
    this.toolbar = new Toolbar(this.host, this.doubts, (what) => this.act(what));
    this.queue = new TicketQueue({ login: session.user, teams: this.teams }, (id) =>
      this.openings.openTicket(id),
    );
    this.list = new IncidentList(
      byId("list"),
      (id) => this.openings.chosen({ layer: "incident", id }),
      this.toolbar.root,
      this.provisional.root,
      this.queue.root,
    );
    const { host, room, list, queue, doubts, toolbar } = this;
    this.openings = new Openings({ session, board, host, room, list, queue, doubts, toolbar });
    new KeyRouter(this.openings, list, queue, (what) => this.act(what));
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
    void this.room.load(
      (picked) => this.openings.chosen(picked),
      () => this.openings.panel.isOpen,
    );
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
    for (const layer of this.board.apply(event)) this.dirty.add(layer);
    if (event.kind === "ready") this.room.complete();
    if (event.kind === "put" || event.kind === "removed") this.tellPanel(event);
    if (this.dirty.size > 0) {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null;
        this.redraw([...this.dirty]);
        this.dirty.clear();
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
    this.toolbar.render();
    renderKpi(byId("kpi"), this.board);
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
    const newest = newestReading(this.board.devices.values(), serverNow());
    this.header.tick(this.status, now, newest, this.parts.dropped);
    this.banner.tick(this.status, now);
    this.tellParts();
    this.list.tick();
    this.queue.tick();
    this.toolbar.render();
    this.openings.panel.tick();
  }

  private tellParts(): void {
    this.parts.tick(this.status.state === "lost", this.board.provisional.size);
  }

  private translate(): void {
    this.header.render();
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

  /** What a key or a button of the whole page does. */
  private act(what: PageKey): void {
    const deeds: Record<PageKey, () => void> = {
      help: () => this.help.toggle(),
      tickets: () => this.turn(),
      doubts: () => this.openings.openDoubts(),
      silences: () => this.openings.openSilences(),
      report: () => this.openings.openReport(),
    };
    deeds[what]();
  }
}
