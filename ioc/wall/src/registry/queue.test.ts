import { describe, expect, it } from "vitest";
import { codeIn, draftOf, offeredCode, readCollected, readMade, readQueue } from "./queue";

const ONE = {
  id: "7",
  subject: "device",
  centre: "hoi-an",
  profile: "river-gauge",
  said: { serial: "SN 7", maker: "Seba", position: [108.33, 15.88] },
  arrived_at: "2026-11-26T01:00:00Z",
};

describe("the queue", () => {
  it("is read with what each said of itself", () => {
    const { enrolments, spoken } = readQueue({
      enrolments: [ONE, { id: "" }],
      spoke: [{ topic: "ioc/v1/tam-ky/gw/in/ttn", centre: "tam-ky", code: "", count: 3, text: "{" }],
    });
    expect(enrolments).toMatchObject([{ serial: "SN 7", maker: "Seba", position: [108.33, 15.88] }]);
    expect(spoken).toMatchObject([{ centre: "tam-ky", count: 3, lastAt: null }]);
    expect(readQueue("no")).toEqual({ enrolments: [], spoken: [] });
  });

  it("offers a code that the register takes", () => {
    const [one] = readQueue({ enrolments: [ONE] }).enrolments;
    if (!one) throw new Error("nobody waits");
    expect(offeredCode(one)).toBe("river-gauge-sn-7");
    expect(offeredCode({ ...one, name: "Trạm Cẩm Châu" })).toBe("tram-cam-chau");
  });
});

describe("a device that spoke", () => {
  const spoken = { topic: "ioc/v1/tam-ky/gw-1/in/ttn", centre: "tam-ky", count: 1, lastAt: null, code: "" };

  it("is named by its topic", () => {
    expect(draftOf({ ...spoken, code: "gauge-9", text: "" })).toEqual({ code: "gauge-9", gateway: "" });
  });

  it("is named in its gateway's message, even of one that is cut off", () => {
    const whole = '{"end_device_ids": {"device_id": "Eui-A84041"}, "uplink": 1}';
    expect(draftOf({ ...spoken, text: whole })).toEqual({ code: "eui-a84041", gateway: "gw-1" });
    const cut = '{"deviceInfo": {"devEui": "A84041000181C061", "name": "x';
    expect(draftOf({ ...spoken, text: cut })).toEqual({ code: "eui-a84041000181c061", gateway: "gw-1" });
  });

  it("may have no name", () => {
    expect(draftOf({ ...spoken, text: "\u0000\u0001" })).toEqual({ code: "", gateway: "gw-1" });
  });
});

it("finds a one-time code in a label's address", () => {
  expect(codeIn("#enrol=K7QF-3M9D")).toBe("K7QF-3M9D");
  expect(codeIn("#enrol=%zz")).toBe("%zz");
  expect(codeIn("#devices/a")).toBe("");
});

it("reads what is shown once", () => {
  const [made] = readMade({ codes: [{ id: "1", code: "K7QF", label: "<svg/>", link: "x" }] });
  expect(made).toMatchObject({ code: "K7QF", label: "<svg/>" });
  expect(readCollected({ state: "collected", thing: "gauge-new", key: "k" })).toMatchObject({ key: "k" });
  expect(readCollected({})).toMatchObject({ state: "waiting", askAgain: 30 });
});
