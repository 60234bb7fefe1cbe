import { expect, test } from "vitest";
import { Net } from "./net";

function answer(status: number, date: number): Response {
  return new Response(null, { status, headers: { Date: new Date(date).toUTCString() } });
}

test("the server's clock counts, but not the second that its header is cut by", () => {
  const net = new Net();
  net.note(answer(200, Date.now() + 600_000));
  expect(net.now() - Date.now()).toBeGreaterThan(590_000);
  net.note(answer(200, Date.now() - 1_000));
  expect(Math.abs(net.now() - Date.now())).toBeLessThan(100);
});

test("a refusal is an answer, a server that is away is none", () => {
  const net = new Net();
  let turns = 0;
  net.onchange = () => {
    turns += 1;
  };
  expect(net.reached).toBeNull();
  net.note(answer(403, Date.now()));
  expect(net.reached).toBe(true);
  net.note(answer(503, Date.now()));
  expect(net.reached).toBe(false);
  net.note(answer(503, Date.now()));
  expect(turns).toBe(2);
});

test("a request that gets no answer says that the line is lost", async () => {
  const net = new Net();
  await expect(net.ask("http://127.0.0.1:1/none")).rejects.toThrow();
  expect(net.reached).toBe(false);
});
