import { describe, expect, it } from "vitest";
import { BoxReader, codecOf } from "./boxes";
import { joined } from "./parts";

function box(name: string, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = joined(parts);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, body.length + 8);
  head.set(new TextEncoder().encode(name), 4);
  return joined([head, body]);
}

const AVC = box("avcC", Uint8Array.of(1, 0x64, 0x00, 0x1f, 0xff));
const HEVC = box("hvcC", Uint8Array.of(1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x5d, 0xf0));
const TAKEN = Uint8Array.of(
  1,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  0x83,
  0xaa,
  0x7e,
  0x81,
  0x80,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  2,
  0xbf,
  0x20,
);

describe("fragmented MP4", () => {
  const stream = joined([
    box("ftyp"),
    box("moov", AVC),
    box("prft", TAKEN),
    box("moof", Uint8Array.of(7)),
    box("mdat", Uint8Array.of(8)),
    box("free"),
    box("moof"),
    box("mdat"),
  ]);

  it("is cut into segments wherever the network cuts it", () => {
    for (const size of [1, 3, 40, stream.length]) {
      const reader = new BoxReader();
      const found = [];
      for (let place = 0; place < stream.length; place += size) {
        found.push(...reader.read(stream.subarray(place, place + size)));
      }
      expect(found.map((segment) => segment.codec)).toEqual(["avc1.64001F", null, null]);
      expect(found[1]?.taken).toEqual({ at: 1500, media: 2 });
      expect(found[1]?.bytes).toEqual(joined([box("moof", Uint8Array.of(7)), box("mdat", Uint8Array.of(8))]));
      expect(found[2]?.taken).toBeNull();
    }
  });

  it("that is none is refused", () => {
    expect(() => new BoxReader().read(new Uint8Array(16))).toThrow();
    expect(() => new BoxReader().read(new TextEncoder().encode("<html> is no box"))).toThrow();
  });

  it("names the codec that a browser is asked for", () => {
    expect(codecOf(box("moov", box("hvc1", HEVC)))).toBe("hvc1.1.6.L93.90");
    expect(codecOf(box("moov"))).toBe("");
  });
});
