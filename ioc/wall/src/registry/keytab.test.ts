import { expect, it } from "vitest";
import { brokerLines, readKey, speaks } from "./keytab";
import { readThing, type Thing } from "./thing";

it("reads what is known of a key, and that there is none", () => {
  const until = "2026-12-03T00:00:00Z";
  expect(
    readKey({ user: "vu-gia", made_at: until, seen_at: null, expiring: { user: "vu-gia~", until } }),
  ).toEqual({
    user: "vu-gia",
    madeAt: Date.parse(until),
    seenAt: null,
    expiring: { user: "vu-gia~", until: Date.parse(until) },
  });
  expect(readKey({ user: "vu-gia" })?.expiring).toBeNull();
  for (const none of [null, {}, "vu-gia"]) expect(readKey(none)).toBeNull();
});

it("says where a device signs in, and nothing that the server did not say", () => {
  const made = {
    user: "vu-gia",
    key: "secret",
    broker: { host: "mqtt.example", port: 1883, tls_port: null },
  };
  expect(brokerLines(made)).toEqual([
    ["host", "mqtt.example"],
    ["port", "1883"],
    ["user", "vu-gia"],
  ]);
  expect(brokerLines({})).toEqual([]);
});

it("offers a key to what signs in by itself", () => {
  const of = (family: "devices" | "cameras", more: object) =>
    speaks(readThing(family, { code: "x", ...more }) as Thing);
  expect(of("devices", { gateway: null })).toBe(true);
  expect(of("devices", { gateway: "gw" })).toBe(false);
  expect(of("cameras", { codec: "" })).toBe(false);
  expect(of("cameras", { codec: "onvif-ej" })).toBe(true);
});
