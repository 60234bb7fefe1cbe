import { describe, expect, it } from "vitest";
import { joined, PartReader } from "./parts";

const bytes = (text: string) => new TextEncoder().encode(text);

function answer(...bodies: string[]): Uint8Array {
  const parts = bodies.map(
    (body) =>
      `Content-Type: video/mp4\r\nX-Camera: cam-a\r\nContent-Length: ${bytes(body).length}\r\n\r\n${body}\r\n--edge\r\n`,
  );
  return bytes(`--edge\r\n${parts.join("")}`);
}

describe("a multipart answer", () => {
  const whole = answer("one", "", "\r\n\r\n--edge\r\n", "four");

  it("gives its parts wherever the network cuts it", () => {
    for (const size of [1, 2, 7, 64, whole.length]) {
      const reader = new PartReader();
      const found = [];
      for (let place = 0; place < whole.length; place += size) {
        found.push(...reader.read(whole.subarray(place, place + size)));
      }
      expect(found.map((part) => new TextDecoder().decode(part.body))).toEqual([
        "one",
        "",
        "\r\n\r\n--edge\r\n",
        "four",
      ]);
      expect(found[0]?.fields.get("x-camera")).toBe("cam-a");
    }
  });

  it("without the length of a part is refused", () => {
    expect(() => new PartReader().read(bytes("--edge\r\nX-Camera: a\r\n\r\n"))).toThrow();
    expect(() => new PartReader().read(bytes("--edge\r\nContent-Length: -1\r\n\r\n"))).toThrow();
  });

  it("joins bytes in order", () => {
    expect([...joined([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)])]).toEqual([1, 2, 3]);
  });
});
