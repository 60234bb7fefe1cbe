import { beforeEach, expect, test } from "vitest";
import { Desk } from "./desk";
import { Net } from "./net";
import { KEYS, type Put, type Rows, type Shelf } from "./store";

/** Rows in memory, with the promises of the phone's store. */
class Memory implements Shelf {
  private readonly rows = new Map<string, Map<string, unknown>>();

  private of(name: string): Map<string, unknown> {
    const found = this.rows.get(name) ?? new Map<string, unknown>();
    this.rows.set(name, found);
    return found;
  }

  async change(work: (put: Put) => void): Promise<void> {
    work({
      put: (name, row) =>
        void this.of(name).set(String((row as unknown as Record<string, unknown>)[KEYS[name]]), row),
      delete: (name, key) => void this.of(name).delete(key),
      clear: (name) => this.of(name).clear(),
    });
  }

  async get<K extends keyof Rows>(name: K, key: string): Promise<Rows[K] | null> {
    return (this.of(name).get(key) as Rows[K] | undefined) ?? null;
  }

  async mine<K extends keyof Rows>(name: K, login: string): Promise<Rows[K][]> {
    return ([...this.of(name).values()] as Rows[K][]).filter((row) => row.login === login);
  }

  async forget(): Promise<void> {
    this.of("kept").clear();
  }

  size(name: string): number {
    return this.of(name).size;
  }
}

class Centre extends Net {
  answers: Record<string, unknown> = {};
  asked: string[] = [];
  status = 200;

  override readonly ask = async (path: string): Promise<Response> => {
    this.asked.push(path);
    if (this.status === 0) throw new TypeError("Failed to fetch");
    return Response.json(this.answers[path] ?? null, { status: path in this.answers ? this.status : 404 });
  };
}

function ticket(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, number: 1, version: 1, title: id, severity: "minor", state: "new", at: [108, 16], ...more };
}

function inbox(user: string, tickets: unknown[], total = tickets.length): unknown {
  const me = {
    user,
    name: user,
    role: "district",
    centre: "hoi-an",
    language: "vi",
    until: "2999-01-01T00:00:00Z",
  };
  return { me, total, tickets };
}

let shelf: Memory;
let centre: Centre;

beforeEach(() => {
  shelf = new Memory();
  centre = new Centre();
  centre.answers["/api/v1/inbox"] = inbox("lan", [ticket("a"), ticket("b")]);
});

async function desk(): Promise<Desk> {
  const made = new Desk(shelf, centre);
  await made.start();
  return made;
}

test("what was told is there again without a network, with its age", async () => {
  const first = await desk();
  centre.heard = 1_000;
  await first.refresh();
  const second = await desk();
  expect(second.entries().map((one) => one.id)).toEqual(["a", "b"]);
  expect(second.toldAt).toBe(1_000);
});

test("the first tickets of a long list leave those behind them where they were", async () => {
  const many = Array.from({ length: 30 }, (_, at) => ticket(`t${at}`, { number: at }));
  centre.answers["/api/v1/inbox"] = inbox("lan", many.slice(0, 20), 30);
  centre.answers["/api/v1/inbox?limit=100"] = inbox("lan", many);
  const one = await desk();
  await one.refresh();
  expect(one.entries()).toHaveLength(20);
  await one.fetchAhead();
  expect(one.entries()).toHaveLength(30);
  const next = await desk();
  await next.refresh(Promise.resolve(Response.json(centre.answers["/api/v1/inbox"])));
  expect(next.entries()).toHaveLength(30);
});

test("a step is on disk with its photographs before it is shown, and its draft is gone", async () => {
  const one = await desk();
  await one.refresh();
  const [entry] = one.entries();
  if (entry === undefined) throw new Error("no entry");
  const photo = await one.addPhoto(entry.id, new Blob(["x"]));
  const draft = { ...(await one.draft(entry, "comment")), photos: [photo.id] };
  await one.keepDraft(draft);
  await one.enqueue(entry, "comment", { text: "hi" }, draft);
  expect([shelf.size("queue"), shelf.size("drafts"), shelf.size("photos")]).toEqual([1, 0, 1]);
  const again = await desk();
  expect(again.of("a").map((step) => [step.step, step.photos])).toEqual([["comment", [photo.id]]]);
});

test("what our own step made of the version does not count against a sheet that was open", async () => {
  const one = await desk();
  await one.refresh();
  const [entry] = one.entries();
  if (entry === undefined) throw new Error("no entry");
  const open = await one.draft(entry, "comment");
  await one.enqueue(entry, "accept", {}, await one.draft(entry, "accept"));
  const [accept] = one.of("a");
  if (accept === undefined) throw new Error("no step");
  await one.settle(accept, ticket("a", { version: 2, state: "accepted" }), []);
  await one.enqueue(entry, "comment", { text: "hi" }, open);
  expect(one.of("a").map((step) => step.version)).toEqual([2]);
  expect(one.entry("a")?.state).toBe("accepted");
});

test("a session that ends takes what the centre told, and leaves what the person made to that person", async () => {
  const one = await desk();
  await one.refresh();
  const [entry] = one.entries();
  if (entry === undefined) throw new Error("no entry");
  await one.enqueue(entry, "accept", {}, await one.draft(entry, "accept"));
  centre.status = 401;
  await one.refresh();
  expect([one.locked, one.me, shelf.size("kept"), shelf.size("queue")]).toEqual([true, null, 0, 1]);
  centre.status = 200;
  centre.answers["/api/v1/inbox"] = inbox("minh", [ticket("a")]);
  await one.refresh();
  expect(one.queue()).toEqual([]);
  centre.answers["/api/v1/inbox"] = inbox("lan", [ticket("a")]);
  await one.refresh();
  expect(one.queue().map((step) => step.step)).toEqual(["accept"]);
});

test("a session ends by the clock, too, where nobody can be asked", async () => {
  const one = await desk();
  await one.refresh();
  await one.expire();
  expect(one.locked).toBe(false);
  centre.ahead = Date.parse("2999-01-02T00:00:00Z") - Date.now();
  await one.expire();
  expect([one.locked, shelf.size("kept")]).toEqual([true, 0]);
});

test("steps behind one that needs the person do not count for how the ticket stands", async () => {
  const one = await desk();
  await one.refresh();
  const [entry] = one.entries();
  if (entry === undefined) throw new Error("no entry");
  for (const step of ["accept", "start"]) await one.enqueue(entry, step, {}, await one.draft(entry, step));
  expect(one.state(entry)).toBe("working");
  const [accept] = one.of("a");
  if (accept === undefined) throw new Error("no step");
  await one.hold({ ...accept, state: "conflict" });
  expect(one.state(entry)).toBe("new");
  await one.discard({ ...accept, state: "conflict" });
  expect(one.of("a").map((step) => step.step)).toEqual(["start"]);
});

test("units and people are asked for once, and are there without a network", async () => {
  centre.answers["/api/v1/units"] = { units: [{ code: "hoi-an", name: "Hội An" }, 3] };
  const one = await desk();
  await one.refresh();
  expect(await one.units()).toEqual([{ code: "hoi-an", name: "Hội An" }]);
  expect(await one.people("hoi-an")).toEqual([]);
  expect([one.unitName("hoi-an"), one.unitName("gone")]).toEqual(["Hội An", "gone"]);
  centre.status = 0;
  expect(await one.units()).toHaveLength(1);
});
