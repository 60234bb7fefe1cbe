import type { Session } from "./api";
import type { Board } from "./board";
import { IncidentView } from "./detail/incident";
import { DetailPanel } from "./detail/panel";
import { PlaceView } from "./detail/place";
import type { View } from "./detail/view";
import { byId } from "./dom";
import { type Host, maySteps } from "./host";
import type { IncidentList } from "./list";
import type { MapRoom } from "./located";
import type { Picked } from "./map/map";
import type { Kind } from "./past/view";
import type { TicketQueue } from "./tickets/queue";
import { TicketView } from "./tickets/view";
import type { Doubts } from "./work/doubts";
import { DoubtView } from "./work/doubtview";
import { ReportView } from "./work/reportview";
import { SilenceView } from "./work/silenceview";
import type { Toolbar } from "./work/toolbar";

/** What the openings move besides the panel. */
export interface Opened {
  readonly session: Session;
  readonly board: Board;
  readonly host: Host;
  readonly room: MapRoom;
  readonly list: IncidentList;
  readonly queue: TicketQueue;
  readonly doubts: Doubts;
  readonly toolbar: Toolbar;
  /** What is shown of a thing while the page looks back; null where it shows what is now. */
  past(kind: Kind, id: string): View | null;
  /** The panel shows something else, or nothing. */
  moved(): void;
}

/** What the panel shows, and what is chosen with it in the lists and on the map. */
export class Openings {
  readonly panel: DetailPanel;
  private doubtView: DoubtView | null = null;
  private picking: ((id: string) => void) | null = null;

  constructor(private readonly of: Opened) {
    this.panel = new DetailPanel(byId("detail"), () => this.closed());
  }

  /** A click on an incident opens it, or chooses it for what is being filled in. */
  chosen(picked: Picked): void {
    if (this.picking && picked.layer === "incident") this.picking(picked.id);
    else this.open(picked);
  }

  pick(take: ((id: string) => void) | null): void {
    this.picking = take;
    document.body.toggleAttribute("data-picking", take !== null);
  }

  open(picked: Picked): void {
    const { layer, id } = picked;
    this.leave();
    if (layer === "incident") {
      this.show(this.of.past(layer, id) ?? new IncidentView(id, this.of.host), id);
      this.of.list.select(id);
      this.of.room.locate({ incident: id, position: null });
      return;
    }
    const { board, session, host } = this.of;
    const replayed = session.replay !== null;
    const now = () => new PlaceView(layer, id, () => board.place(layer, id), replayed, host.silences);
    this.show(this.of.past(layer, id) ?? now(), id);
  }

  openTicket(id: string): void {
    this.leave();
    this.show(this.of.past("ticket", id) ?? new TicketView(id, this.of.host), id);
    this.of.queue.select(id);
    const ticket = this.of.board.tickets.get(id);
    if (ticket) this.of.room.locate(ticket);
  }

  openDoubts(): void {
    this.leave();
    const view = new DoubtView(this.of.doubts, this.of.host);
    this.show(view, "doubts");
    this.doubtView = view;
  }

  openSilences(): void {
    this.leave();
    this.show(new SilenceView(this.of.host), "silences");
  }

  openReport(): void {
    if (!maySteps(this.of.session)) return;
    this.leave();
    this.show(new ReportView(this.of.host, () => this.panel.dismiss()), "report");
  }

  /** What the address names after its #: a link in a notification leads to its ticket or incident. */
  follow(): void {
    const [kind, id] = decodeURIComponent(location.hash.slice(1)).split("=");
    if (!id) return;
    if (kind === "ticket") this.openTicket(id);
    if (kind === "incident") this.open({ layer: "incident", id });
    history.replaceState(null, "", location.pathname);
  }

  /** What waits for a decision has changed. */
  doubted(): void {
    this.doubtView?.refreshed();
  }

  /** Ends what is shown before the next view is made. */
  private leave(): void {
    if (!this.panel.isOpen) this.of.room.map?.remember();
    this.panel.leave();
    this.doubtView = null;
  }

  private show(view: View, key: string): void {
    this.panel.show(view, key);
    this.unchoose();
    this.of.moved();
  }

  /** Nothing is chosen any more, in the lists and on the map. */
  private unchoose(): void {
    this.of.list.select(null);
    this.of.queue.select(null);
    this.of.room.unchoose();
  }

  private closed(): void {
    this.doubtView = null;
    this.unchoose();
    this.of.moved();
    (this.of.toolbar.tickets ? this.of.queue : this.of.list).focus();
    this.of.room.map?.giveBack();
  }
}
