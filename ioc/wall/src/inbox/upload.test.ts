import { expect, test } from "vitest";
import { bring, type Photo, Stopped } from "./upload";

const BYTES = new Uint8Array(100).map((_, at) => at);

function photo(more: Partial<Photo> = {}): Photo {
  const bytes = new Blob([BYTES]);
  return { id: "p", login: "lan", ticket: "t", bytes, upload: "", tries: 0, offset: 0, done: false, ...more };
}

/** A server that speaks tus, and loses the connection when it is told to: before a piece came, or after it. */
class Server {
  readonly uploads = new Map<string, number[]>();
  readonly lost = new Set<string>();
  readonly keys = new Map<string, string>();
  cuts: ("before" | "after")[] = [];
  refuse = 0;
  requests = 0;

  readonly send = async (path: string, init: RequestInit): Promise<Response> => {
    this.requests += 1;
    const headers = new Headers(init.headers);
    if (headers.get("Tus-Resumable") !== "1.0.0") return new Response(null, { status: 412 });
    if (init.method === "POST") {
      const key = headers.get("Idempotency-Key") ?? "";
      const id = this.keys.get(key) ?? `u${this.uploads.size + this.lost.size + 1}`;
      this.keys.set(key, id);
      if (!this.uploads.has(id)) this.uploads.set(id, []);
      return this.cut(Response.json({ id }, { status: 201 }));
    }
    const kept = this.uploads.get(path.split("/").at(-1) ?? "");
    if (kept === undefined) return new Response(null, { status: 404 });
    const where = () => ({ "Upload-Offset": String(kept.length) });
    if (init.method === "HEAD") return new Response(null, { status: 200, headers: where() });
    if (Number(headers.get("Upload-Offset")) !== kept.length) return new Response(null, { status: 409 });
    const cut = this.cuts.shift();
    if (cut === "before") throw new TypeError("Failed to fetch");
    kept.push(...new Uint8Array(await (init.body as Blob).arrayBuffer()));
    if (cut === "after") throw new TypeError("Failed to fetch");
    if (kept.length === BYTES.length && this.refuse)
      return Response.json({ detail: "no photo" }, { status: this.refuse });
    return new Response(null, { status: 204, headers: where() });
  };

  private cut(response: Response): Response {
    return response;
  }
}

async function stubborn(server: Server, start: Photo): Promise<Photo> {
  let kept = start;
  const keep = async (at: Photo) => {
    kept = at;
  };
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return await bring(kept, server.send, keep, 16);
    } catch (error) {
      if (error instanceof Stopped) throw error;
    }
  }
  throw new Error("it never came");
}

test("a photograph comes whole and once, whatever is cut", async () => {
  const server = new Server();
  server.cuts = ["after", "before", "after", "after", "before"];
  const there = await stubborn(server, photo());
  expect(there).toMatchObject({ upload: "u1", offset: 100, done: true });
  expect(server.uploads.size).toBe(1);
  expect(server.uploads.get("u1")).toEqual([...BYTES]);
});

test("it goes on from where the server is, not from where the phone believes it is", async () => {
  const server = new Server();
  server.uploads.set("u9", [...BYTES.slice(0, 60)]);
  const seen: number[] = [];
  await bring(photo({ upload: "u9", offset: 20 }), server.send, async (at) => void seen.push(at.offset), 16);
  expect(seen).toEqual([60, 76, 92, 100]);
});

test("an upload that the server let go is announced anew, under another key", async () => {
  const server = new Server();
  const there = await stubborn(server, photo({ upload: "gone", offset: 50 }));
  expect([...server.keys]).toEqual([["p-1", "u1"]]);
  expect(there).toMatchObject({ upload: "u1", done: true, tries: 1 });
});

test("a whole upload is asked about once more, and what is no photograph stops for good", async () => {
  const server = new Server();
  server.refuse = 422;
  await expect(stubborn(server, photo())).rejects.toMatchObject({ status: 422, message: "no photo" });
  server.refuse = 0;
  server.uploads.set("u5", [...BYTES]);
  expect((await bring(photo({ upload: "u5" }), server.send, async () => undefined)).done).toBe(true);
});

test("an upload whose bytes the server lost on the way begins anew", async () => {
  const server = new Server();
  const seen: string[] = [];
  const keep = async (at: Photo) => {
    if (at.upload === "u1" && at.offset === 32) {
      server.uploads.delete("u1");
      server.lost.add("u1");
    }
    seen.push(`${at.upload}:${at.offset}`);
  };
  const there = await bring(photo(), server.send, keep, 16);
  expect(there).toMatchObject({ upload: "u2", done: true, tries: 1 });
  expect(server.uploads.get("u2")).toEqual([...BYTES]);
  expect(seen.slice(0, 4)).toEqual(["u1:0", "u1:16", "u1:32", "u2:0"]);
});

test("one that is there is not asked about", async () => {
  const server = new Server();
  await bring(photo({ upload: "u1", offset: 100, done: true }), server.send, async () => undefined);
  expect(server.requests).toBe(0);
});
