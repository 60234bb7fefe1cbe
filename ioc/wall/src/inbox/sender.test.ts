import { expect, test } from "vitest";
import type { Waiting } from "./queue";
import { type Desk, sendAll } from "./sender";
import type { Photo } from "./upload";

function step(order: number, ticket: string, more: Partial<Waiting> = {}): Waiting {
  return {
    id: `k${order}`,
    order,
    login: "lan",
    ticket,
    number: 1,
    title: "",
    step: "start",
    fields: {},
    version: 1,
    made_at: "2026-11-26T03:00:00Z",
    photos: [],
    state: "waiting",
    why: "",
    current: null,
    since: [],
    ...more,
  };
}

class Phone implements Desk {
  waiting: Waiting[] = [];
  photos = new Map<string, Photo>();
  out = false;
  queue = () => this.waiting;
  photo = async (id: string) => this.photos.get(id) ?? null;
  keepPhoto = async (photo: Photo) => void this.photos.set(photo.id, photo);
  settle = async (done: Waiting, _: unknown, behind: Waiting[]) => {
    this.waiting = this.waiting
      .filter((one) => one.id !== done.id)
      .map((one) => behind.find((other) => other.id === one.id) ?? one);
  };
  hold = async (one: Waiting) => {
    this.waiting = this.waiting.map((other) => (other.id === one.id ? one : other));
  };
  signedOut = () => {
    this.out = true;
  };
}

/** A centre that keeps a version of each ticket and answers a repeated key as before. */
class Centre {
  versions = new Map<string, number>();
  answers = new Map<string, () => Response>();
  done: string[] = [];
  lose = 0;

  readonly send = async (path: string, init: RequestInit): Promise<Response> => {
    const [, , , , ticket = "", step = ""] = path.split("/");
    const key = new Headers(init.headers).get("Idempotency-Key") ?? "";
    const before = this.answers.get(key);
    if (before) return before();
    const asked: unknown = JSON.parse(String(init.body));
    const expected = (asked as { expected_version: number }).expected_version;
    const version = this.versions.get(ticket) ?? 1;
    if (expected !== version) {
      return Response.json(
        { code: "stale-ticket", current: { id: ticket, version }, since: [] },
        { status: 409 },
      );
    }
    this.versions.set(ticket, version + 1);
    this.done.push(`${ticket}/${step}`);
    const answer = () => Response.json({ id: ticket, version: version + 1 });
    this.answers.set(key, answer);
    if (this.lose > 0) {
      this.lose -= 1;
      throw new TypeError("Failed to fetch");
    }
    return answer();
  };
}

test("in order, each on what the one before left", async () => {
  const [phone, centre] = [new Phone(), new Centre()];
  phone.waiting = [
    step(2, "a", { step: "start" }),
    step(1, "a", { step: "accept" }),
    step(3, "a", { step: "resolve" }),
  ];
  expect(await sendAll(phone, centre.send)).toBe("idle");
  expect(centre.done).toEqual(["a/accept", "a/start", "a/resolve"]);
  expect(phone.waiting).toEqual([]);
});

test("an answer that was lost is asked for again, and nothing is done twice", async () => {
  const [phone, centre] = [new Phone(), new Centre()];
  centre.lose = 1;
  phone.waiting = [step(1, "a", { step: "accept" }), step(2, "a", { step: "start" })];
  expect(await sendAll(phone, centre.send)).toBe("later");
  expect(phone.waiting).toHaveLength(2);
  expect(await sendAll(phone, centre.send)).toBe("idle");
  expect(centre.done).toEqual(["a/accept", "a/start"]);
});

test("a ticket that somebody changed holds its own steps, and no other's", async () => {
  const [phone, centre] = [new Phone(), new Centre()];
  centre.versions.set("a", 5);
  phone.waiting = [step(1, "a"), step(2, "a", { step: "resolve" }), step(3, "b")];
  expect(await sendAll(phone, centre.send)).toBe("idle");
  expect(centre.done).toEqual(["b/start"]);
  expect(phone.waiting.map((one) => [one.order, one.state])).toEqual([
    [1, "conflict"],
    [2, "waiting"],
  ]);
  expect(phone.waiting[0]?.current?.version).toBe(5);
});

test("a session that ended stops everything, and loses nothing", async () => {
  const phone = new Phone();
  phone.waiting = [step(1, "a")];
  expect(await sendAll(phone, async () => Response.json({}, { status: 401 }))).toBe("signedout");
  expect([phone.out, phone.waiting.length]).toEqual([true, 1]);
});

test("a photograph that the centre does not take holds its step with the reason", async () => {
  const phone = new Phone();
  const bytes = new Blob(["not a picture"]);
  phone.photos.set("p", {
    id: "p",
    login: "lan",
    ticket: "a",
    bytes,
    upload: "u",
    tries: 0,
    offset: 0,
    done: false,
  });
  phone.waiting = [step(1, "a", { photos: ["p"] })];
  const send = async (_: string, init: RequestInit) =>
    init.method === "HEAD"
      ? new Response(null, { headers: { "Upload-Offset": "13" } })
      : Response.json({ detail: "không phải ảnh" }, { status: 422 });
  expect(await sendAll(phone, send)).toBe("idle");
  expect(phone.waiting).toMatchObject([{ state: "refused", why: "không phải ảnh" }]);
});
