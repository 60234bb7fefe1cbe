import { expect, it } from "vitest";
import { ticketAt } from "./place";

it("finds the ticket of the list's own links and of links in messages", () => {
  const id = "0192f0aa-1111-7aaa-8bbb-cccccccccccc";
  expect(ticketAt(`#t/${id}`)).toBe(id);
  expect(ticketAt(`#ticket=${id}`)).toBe(id);
  expect(["", "#", "#t/", "#incident=1"].map(ticketAt)).toEqual(["", "", "", ""]);
});
