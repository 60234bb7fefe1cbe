import { expect, it } from "vitest";
import { doorFrom, wayBack } from "./wayback";

it("leads back to the page and the place in it that somebody came from", () => {
  expect(wayBack("?page=registry", "#devices?q=x")).toBe("/registry#devices?q=x");
  expect(wayBack("?page=inbox", "#ticket=7")).toBe("/inbox#ticket=7");
  expect(wayBack("", "#incident=7")).toBe("/#incident=7");
  expect(wayBack("", "")).toBe("/");
});

it("leads to pages of its own alone", () => {
  for (const page of [
    "//evil.example",
    "https://evil.example",
    "/evil",
    "../api/docs",
    "registry@evil",
    "",
    "signin",
  ])
    expect(wayBack(`?page=${encodeURIComponent(page)}`, "")).toBe("/");
  expect(wayBack("?page=registry&page=//evil.example", "#//evil.example")).toBe("/registry#//evil.example");
});

it("knows the inbox, and a label that was scanned, by their old marks", () => {
  expect(wayBack("", "#inbox")).toBe("/inbox");
  for (const label of ["#enrol=ABC", "#device=vu-gia", "#camera=cam-1"])
    expect(wayBack("", label)).toBe(`/registry${label}`);
  expect(wayBack("?page=registry", "#enrol=ABC")).toBe("/registry#enrol=ABC");
});

it("names the page at the door, so that both ways fit together", () => {
  expect(doorFrom("/rules", "#flood")).toBe("/signin?page=rules#flood");
  expect(doorFrom("/", "#incident=7")).toBe("/signin#incident=7");
  expect(doorFrom("/invite", "#secret")).toBe("/signin");
  for (const path of ["/charts", "/api/docs"]) {
    const door = new URL(doorFrom(path, "#a"), "https://ioc.example");
    expect(wayBack(door.search, door.hash)).toBe(`${path}#a`);
  }
});
