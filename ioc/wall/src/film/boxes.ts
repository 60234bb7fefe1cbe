import { joined } from "./parts";

const NTP_EPOCH_S = 2_208_988_800;
const TIMESCALE = 90_000;
const LARGEST = 64 * 1024 * 1024;

/** What a browser's buffer takes: an initialisation segment with its codec, or a picture. */
export interface Segment {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of an initialisation segment: what a browser is asked for; null of a picture. */
  codec: string | null;
  /** When the picture was taken (server's clock, ms since the epoch) and when it is shown (s), where it is told. */
  taken: { at: number; media: number } | null;
}

/** Cuts fragmented MP4 into segments as it comes (ISO/IEC 14496-12, 4.2), and reads what stands beside the pictures. */
export class BoxReader {
  private held = new Uint8Array(0);
  private waiting: Uint8Array[] = [];
  private codec: string | null = null;
  private taken: Segment["taken"] = null;

  /** The segments that are complete with these bytes. Throws when they are no boxes. */
  read(bytes: Uint8Array): Segment[] {
    this.held = joined([this.held, bytes]);
    const found: Segment[] = [];
    let place = 0;
    while (this.held.length - place >= 8) {
      const size = new DataView(this.held.buffer).getUint32(place);
      if (size < 8 || size > LARGEST) throw new Error("no box");
      if (this.held.length - place < size) break;
      const segment = this.take(this.held.subarray(place, place + size));
      if (segment) found.push(segment);
      place += size;
    }
    this.held = this.held.slice(place);
    return found;
  }

  private take(box: Uint8Array): Segment | null {
    const name = nameOf(box, 0);
    if (name === "free") return null;
    if (name === "prft") {
      this.taken = takenOf(box);
      return null;
    }
    this.waiting.push(box);
    if (name === "moov") this.codec = codecOf(box);
    if (name !== "moov" && name !== "mdat") return null;
    const segment = { bytes: joined(this.waiting), codec: this.codec, taken: this.taken };
    this.waiting = [];
    this.codec = null;
    this.taken = null;
    return segment;
  }
}

function nameOf(bytes: Uint8Array, place: number): string {
  return String.fromCharCode(...bytes.subarray(place + 4, place + 8));
}

/** The producer's reference time (8.16.5). */
function takenOf(box: Uint8Array): Segment["taken"] {
  if (box.length < 32) return null;
  const view = new DataView(box.buffer, box.byteOffset, box.length);
  const seconds = view.getUint32(16) - NTP_EPOCH_S + view.getUint32(20) / 2 ** 32;
  const media = view.getUint32(24) * 2 ** 32 + view.getUint32(28);
  return { at: seconds * 1000, media: media / TIMESCALE };
}

/** The codec of an initialisation segment (RFC 6381, 3.3); empty for one that is not known here. */
export function codecOf(moov: Uint8Array): string {
  for (let place = 0; place + 8 <= moov.length; place++) {
    if (moov[place + 4] !== 0x61 && moov[place + 4] !== 0x68) continue;
    const name = nameOf(moov, place);
    if (name === "avcC") return `avc1.${hex(moov.subarray(place + 9, place + 12))}`;
    if (name === "hvcC") return hevc(moov.subarray(place + 9, place + 21));
  }
  return "";
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("");
}

/** ISO/IEC 14496-15, annex E.3: profile, what it fits (bits turned round), tier and level, constraints. */
function hevc(profile: Uint8Array): string {
  const byte = (place: number) => profile[place] ?? 0;
  const space = ["", "A", "B", "C"][byte(0) >> 6] ?? "";
  let fits = 0;
  for (let bit = 0; bit < 32; bit++) fits += (byte(1 + (bit >> 3)) & (0x80 >> (bit & 7)) ? 1 : 0) * 2 ** bit;
  const constraints = [...profile.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = byte(0) & 0x20 ? "H" : "L";
  const more = constraints.map((one) => `.${one.toString(16).toUpperCase()}`).join("");
  return `hvc1.${space}${byte(0) & 31}.${fits.toString(16).toUpperCase()}.${tier}${byte(11)}${more}`;
}
