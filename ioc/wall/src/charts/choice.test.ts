import { expect, it } from "vitest";
import { chartsOf, hashOf, readChoice } from "./choice";

it("stands in the address, and comes back from it", () => {
  const choice = readChoice("#device=gauge%20%231&property=water_level&range=31d&centre=hoi-an&count=24h");
  expect(choice).toEqual({
    device: "gauge #1",
    property: "water_level",
    range: "31d",
    centre: "hoi-an",
    days: 1,
  });
  expect(readChoice(hashOf(choice))).toEqual(choice);
  expect(readChoice("")).toEqual({ device: "", property: "", range: "24h", centre: "", days: 7 });
  expect(readChoice("#range=9d").range).toBe("24h");
});

it("leads from a station to its charts", () => {
  expect(chartsOf("a&b", "rain")).toBe("/charts#device=a%26b&property=rain");
  expect(readChoice(chartsOf("a&b").split("#")[1] ?? "").device).toBe("a&b");
});
