import type { LiveEvent } from "./live";
import { type Incident, isWaiting, type Place, readIncident, readPlace } from "./model";
import { type Provisional, readProvisional } from "./provisional";
import { isLive, readTicketFeature, type Ticket } from "./tickets/ticket";

const SAVED = ["incident", "device", "camera", "ticket"] as const;
type Saved = (typeof SAVED)[number];
/** `alarm`: what holds provisionally. Saved alarms are shown as incidents. */
export type Layer = Saved | "alarm";

/** The present picture: what the live stream has told so far. */
export class Board {
  incidents: Map<string, Incident> = new Map();
  devices: Map<string, Place> = new Map();
  cameras: Map<string, Place> = new Map();
  /** Those in which somebody has something to do. */
  tickets: Map<string, Ticket> = new Map();
  provisional: Map<string, Provisional> = new Map();
  /** Codes of stations and cameras that a silence names, which mutes now. */
  muted: ReadonlySet<string> = new Set();
  /** Whether the reader's filter shows an incident, in the list and on the map. */
  passes: (incident: Incident) => boolean = () => true;
  /** Whether a whole snapshot has arrived. */
  complete = false;
  /** What a running snapshot has not named yet: it is gone when the snapshot ends. */
  private unseen: Record<Saved, Set<string>> | null = null;

  /** Takes one event in and says which layers look different now. */
  apply(event: LiveEvent): Layer[] {
    switch (event.kind) {
      case "begin":
        this.unseen = {
          incident: new Set(this.incidents.keys()),
          device: new Set(this.devices.keys()),
          camera: new Set(this.cameras.keys()),
          ticket: new Set(this.tickets.keys()),
        };
        return [];
      case "reset":
        this.incidents.clear();
        this.devices.clear();
        this.cameras.clear();
        this.tickets.clear();
        this.unseen = null;
        this.complete = false;
        this.provisional.clear();
        return [...SAVED, "alarm"];
      case "ready":
        this.sweep();
        this.complete = true;
        this.provisional.clear();
        return [...SAVED, "alarm"];
      case "resumed":
        // What ended while nothing was heard is not told again; what still holds is.
        this.provisional.clear();
        return ["alarm"];
      case "put":
        return this.put(event.layer, event.id, event.feature);
      case "removed":
        return this.remove(event.layer, event.id);
    }
  }

  /** Holds what another board holds, in the same tables, so that what one is told the other shows. */
  share(other: Board): void {
    this.incidents = other.incidents;
    this.devices = other.devices;
    this.cameras = other.cameras;
    this.tickets = other.tickets;
    this.provisional = other.provisional;
    this.unseen = other.unseen;
    this.complete = other.complete;
  }

  place(layer: "device" | "camera", code: string): Place | undefined {
    return layer === "device" ? this.devices.get(code) : this.cameras.get(code);
  }

  private put(layer: string, id: string, feature: unknown): Layer[] {
    if (layer === "incident") {
      const incident = readIncident(id, feature);
      if (!incident) return [];
      this.unseen?.incident.delete(id);
      incident.takenAt = takenAt(this.incidents.get(id), incident);
      this.incidents.set(id, incident);
      return ["incident"];
    }
    if (layer === "ticket") return this.putTicket(id, feature);
    if (layer === "alarm") {
      const alarm = readProvisional(id, feature);
      if (!alarm) return [];
      this.provisional.set(id, alarm);
      return ["alarm"];
    }
    if (layer !== "device" && layer !== "camera") return [];
    const place = readPlace(id, feature);
    if (!place) return [];
    this.unseen?.[layer].delete(id);
    (layer === "device" ? this.devices : this.cameras).set(id, place);
    return [layer];
  }

  /** A ticket that has ended is not kept: there may be thousands of them. */
  private putTicket(id: string, feature: unknown): Layer[] {
    const ticket = readTicketFeature(id, feature);
    if (!ticket) return [];
    this.unseen?.ticket.delete(id);
    if (isLive(ticket)) this.tickets.set(id, ticket);
    else if (!this.tickets.delete(id)) return [];
    return ["ticket"];
  }

  private remove(layer: string, id: string): Layer[] {
    if (layer === "alarm") return this.provisional.delete(id) ? ["alarm"] : [];
    const saved = SAVED.find((one) => one === layer);
    return saved && this.tableOf(saved).delete(id) ? [saved] : [];
  }

  private sweep(): void {
    if (!this.unseen) return;
    for (const layer of SAVED) {
      for (const id of this.unseen[layer]) this.tableOf(layer).delete(id);
    }
    this.unseen = null;
  }

  private tableOf(layer: Saved): Map<string, Incident | Place | Ticket> {
    if (layer === "incident") return this.incidents;
    if (layer === "ticket") return this.tickets;
    return layer === "device" ? this.devices : this.cameras;
  }
}

/** When an incident was taken on: told by the version that ended its waiting, and kept while it does not wait. */
function takenAt(before: Incident | undefined, now: Incident): number | null {
  if (!before || isWaiting(now)) return null;
  return isWaiting(before) ? now.updatedAt : before.takenAt;
}
