/** One part of a multipart answer: its header fields in lower case, and its body. */
export interface Part {
  fields: Map<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

const LARGEST = 64 * 1024 * 1024;
const HEAD_END = [13, 10, 13, 10];

/** Reads a multipart answer (RFC 2046) as it comes. Each part tells its length, so that none is searched for an end. */
export class PartReader {
  private held = new Uint8Array(0);

  /** The parts that are complete with these bytes. Throws when they are not what was promised. */
  read(bytes: Uint8Array): Part[] {
    this.held = joined([this.held, bytes]);
    const found: Part[] = [];
    let place = 0;
    for (;;) {
      const end = indexOf(this.held, HEAD_END, place);
      if (end < 0) break;
      const fields = fieldsOf(this.held.subarray(place, end));
      const length = Number.parseInt(fields.get("content-length") ?? "", 10);
      if (!(length >= 0 && length <= LARGEST)) throw new Error("a part without a length");
      const begin = end + HEAD_END.length;
      if (this.held.length < begin + length) break;
      found.push({ fields, body: this.held.slice(begin, begin + length) });
      place = begin + length;
    }
    this.held = this.held.slice(place);
    return found;
  }
}

/** Byte strings one after the other. */
export function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function indexOf(bytes: Uint8Array, wanted: number[], from: number): number {
  for (let place = from; ; place++) {
    place = bytes.indexOf(wanted[0] ?? 0, place);
    if (place < 0) return -1;
    if (wanted.every((byte, offset) => bytes[place + offset] === byte)) return place;
  }
}

/** The header fields of a part; the delimiter before them is no field. */
function fieldsOf(head: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder("latin1").decode(head).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}
