import { expect, it } from "vitest";
import { ANY, exportOf, hashOf, queryOf, type Route, routeOf } from "./route";

it("asks only for what is wished", () => {
  expect(queryOf(ANY)).toBe("");
  expect(queryOf({ ...ANY, q: " cầu ", fault: "silent" })).toBe("q=c%E1%BA%A7u&fault=silent");
});

it("asks for a file with the same filters under the names that files have", () => {
  expect(exportOf("cameras", "csv", ANY)).toBe("/api/v1/register/export?kind=cameras&f=csv");
  expect(exportOf("devices", "xlsx", { ...ANY, kind: "river-gauge", fault: "silent" })).toBe(
    "/api/v1/register/export?fault=silent&type=river-gauge&kind=devices&f=xlsx",
  );
});

it("leads from an address to a place and back", () => {
  const places: Route[] = [
    { at: "list", family: "cameras", wish: { ...ANY, fault: "unlawful", centre: "hoi-an" } },
    { at: "list", family: "devices", wish: ANY },
    { at: "record", family: "devices", code: "vu-gia/1", tab: "" },
    { at: "record", family: "cameras", code: "cam-1", tab: "history" },
    { at: "new", family: "cameras" },
    { at: "room", room: "import" },
  ];
  for (const place of places) expect(routeOf(hashOf(place))).toEqual(place);
});

it("shows the devices where an address means nothing", () => {
  const devices = { at: "list", family: "devices", wish: ANY };
  for (const hash of ["", "#", "#nothing/here", "#%", "#do"]) expect(routeOf(hash), hash).toEqual(devices);
  expect(routeOf("#new/else")).toEqual({ at: "new", family: "devices" });
});

it("goes where the labels lead", () => {
  expect(routeOf("#device=gauge-7")).toMatchObject({ at: "record", family: "devices", code: "gauge-7" });
  expect(routeOf("#camera=cam%2D1")).toMatchObject({ at: "record", family: "cameras", code: "cam-1" });
  expect(routeOf("#enrol=K7QF-3M9D")).toEqual({ at: "room", room: "enrol" });
});
