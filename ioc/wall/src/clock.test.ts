import { describe, expect, it } from "vitest";
import { lookAt, serverNow, setClock, shownNow } from "./clock";

describe("the server's time", () => {
  it("is followed when this machine's clock is wrong", () => {
    setClock(new Date(Date.now() + 3_600_000).toUTCString());
    expect(Math.abs(serverNow() - Date.now() - 3_600_000)).toBeLessThan(2_000);
  });

  it("is not disturbed by an answer without a date", () => {
    setClock(new Date().toUTCString());
    setClock(null);
    setClock("nonsense");
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
  });
});

describe("the moment that is shown", () => {
  it("is the server's now unless the page looks at another one", () => {
    lookAt(5_000);
    expect(shownNow()).toBe(5_000);
    lookAt(null);
    expect(Math.abs(shownNow() - serverNow())).toBeLessThan(50);
  });
});
