import { describe, expect, it } from "vitest";
import {
  byFamily,
  deadline,
  isLate,
  lateBy,
  mostUrgent,
  queueOf,
  readConflict,
  readTicket,
  readTicketFeature,
  readTicketRecord,
  type Ticket,
} from "./ticket";

const NOW = Date.parse("2026-11-26T08:00:00Z");

function ticket(values: Record<string, unknown> = {}): Ticket {
  const made = readTicket({ id: "t", number: 7, version: 3, unit: "hoi-an", state: "accepted", ...values });
  if (!made) throw new Error("no ticket");
  return made;
}

const LAN = { login: "lan", teams: new Set(["tam-ky/boat"]) };
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

describe("a ticket", () => {
  it("is read from the list, and from a feature of the live stream", () => {
    const told = { number: 7, unit: "hoi-an", state: "new", title: "Nước lên", accept_by: at(5) };
    const feature = {
      type: "Feature",
      geometry: { type: "Point", coordinates: [108.3, 15.9] },
      properties: told,
    };
    const read = readTicketFeature("t", feature);
    expect(read?.position).toEqual([108.3, 15.9]);
    expect(read?.acceptBy).toBe(NOW + 300_000);
    expect(read?.titleEn).toBe("Nước lên");
    expect(readTicketFeature("t", null)).toBeNull();
    expect(readTicket({ number: 1 })).toBeNull();
  });

  it("knows its incident and parent whether they are named or told whole", () => {
    const whole = {
      id: "t",
      incident: { id: "i", title: "A" },
      parent: { id: "p", number: 3 },
      steps: ["accept", 4],
    };
    const record = readTicketRecord(whole);
    expect(record?.incident).toBe("i");
    expect(record?.about?.title).toBe("A");
    expect(record?.parentTicket?.number).toBe(3);
    expect(record?.steps).toEqual(["accept"]);
    expect(readTicketRecord({ id: "t", incident: "i", parent: null })?.parent).toBeNull();
  });

  it("shows only pictures of this server", () => {
    const photos = ["/api/v1/media/a1", "https://elsewhere.example/x", "javascript:alert(1)"];
    expect(readTicketRecord({ id: "t", photos })?.photos).toEqual(["/api/v1/media/a1"]);
  });
});

describe("the clock", () => {
  it("asks to be accepted first, then to be done", () => {
    const both = { accept_by: at(10), due_at: at(60) };
    expect(deadline(ticket({ ...both, state: "new" }))).toEqual({ kind: "accept", at: NOW + 600_000 });
    expect(deadline(ticket({ ...both, state: "accepted" }))).toEqual({ kind: "done", at: NOW + 3_600_000 });
    expect(deadline(ticket({ accept_by: at(90), due_at: at(60), state: "reopened" }))?.kind).toBe("done");
  });

  it("counts no longer where it is done, stands still, or there is none", () => {
    expect(deadline(ticket({ due_at: at(-60), state: "resolved" }))).toBeNull();
    expect(deadline(ticket({ due_at: null, rest_s: 60, state: "waiting" }))).toBeNull();
    expect(isLate(ticket({ due_at: at(-60), state: "closed" }), NOW)).toBe(false);
  });

  it("is late from the moment on that has passed", () => {
    expect(lateBy(ticket({ due_at: at(-3) }), NOW)).toBe(180_000);
    expect(isLate(ticket({ due_at: at(0) }), NOW)).toBe(false);
  });
});

describe("the queue", () => {
  const one = ticket({ id: "a", number: 1, due_at: at(-10), owner: "lan" });
  const two = ticket({ id: "b", number: 2, due_at: at(-90), unit: "tam-ky" });
  const three = ticket({ id: "c", number: 3, due_at: null, state: "waiting", rest_s: 50 });
  const ended = ticket({ id: "d", number: 4, state: "closed" });
  const all = [three, one, ended, two];
  const any = { unit: "", state: "", late: false, mine: false };
  const ids = (list: Ticket[]) => list.map(({ id }) => id);

  it("has the longest late first and no ended ones", () => {
    expect(ids(queueOf(all, any, LAN, NOW))).toEqual(["b", "a", "c"]);
  });

  it("is filtered by unit, state, late and mine", () => {
    expect(ids(queueOf(all, { ...any, unit: "tam-ky" }, LAN, NOW))).toEqual(["b"]);
    expect(ids(queueOf(all, { ...any, state: "waiting" }, LAN, NOW))).toEqual(["c"]);
    expect(ids(queueOf(all, { ...any, late: true }, LAN, NOW))).toEqual(["b", "a"]);
    expect(ids(queueOf(all, { ...any, mine: true }, LAN, NOW))).toEqual(["a"]);
    const team = ticket({ id: "e", unit: "tam-ky", team: "boat" });
    const other = ticket({ id: "f", unit: "hoi-an", team: "boat" });
    expect(ids(queueOf([team, other], { ...any, mine: true }, LAN, NOW))).toEqual(["e"]);
  });

  it("puts the graver first where the clock says nothing, and never swaps rows by itself", () => {
    const grave = ticket({ id: "x", number: 9, severity: "extreme" });
    const mild = ticket({ id: "y", number: 8, severity: "minor" });
    expect([mild, grave].sort(mostUrgent).map(({ id }) => id)).toEqual(["x", "y"]);
    expect([grave, ticket({ id: "z", number: 5, severity: "extreme" })].sort(mostUrgent)[0]?.id).toBe("z");
  });

  it("has the leading ticket of an incident before its parts", () => {
    const part = ticket({ id: "p", number: 1, parent: "l" });
    expect([part, ticket({ id: "l", number: 2 })].sort(byFamily).map(({ id }) => id)).toEqual(["l", "p"]);
  });
});

describe("a conflict", () => {
  it("has the ticket of now and what happened since", () => {
    const since = [{ at: at(-1), who: "lan", what: "accepted", text: "", unit: "hoi-an", state: "accepted" }];
    const read = readConflict({ current: { id: "t", version: 4, steps: ["start"] }, log: since });
    expect(read.current?.version).toBe(4);
    expect(read.since[0]?.who).toBe("lan");
    expect(readConflict({})).toEqual({ current: null, since: [] });
  });
});
