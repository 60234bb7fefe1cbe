import { describe, expect, it } from "vitest";
import { bodyOf, movedUp, readContacts } from "./contacts";

describe("contacts", () => {
  it("are read and sent back with their version", () => {
    const read = readContacts({
      version: 3,
      channels: [
        { channel: "mail", address: " a@b.vn " },
        { channel: "push", address: "", least: "severe" },
      ],
      quiet_from: "22:00",
      quiet_until: "06:00",
    });
    expect(bodyOf(read)).toEqual({
      expected_version: 3,
      channels: [
        { channel: "mail", address: "a@b.vn", least: "minor" },
        { channel: "push", address: "", least: "severe" },
      ],
      quiet_from: "22:00",
      quiet_until: "06:00",
    });
  });

  it("have both quiet hours or none", () => {
    const none = readContacts(null);
    expect(bodyOf(none)).toMatchObject({ expected_version: 0, quiet_from: null, quiet_until: null });
    expect(bodyOf({ ...none, quietFrom: "22:00" })).toBeNull();
  });

  it("change their order one place at a time", () => {
    expect(movedUp(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
    expect(movedUp(["a", "b"], 0)).toEqual(["a", "b"]);
  });
});
