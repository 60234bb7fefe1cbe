/** One dispatched server-sent event. */
export interface Message {
  event: string;
  id: string;
  data: string;
}

/** No event of ours comes near this many characters; a stream that never ends a line is cut. */
const MAX_PENDING = 8_000_000;

/**
 * The event stream format of the HTML standard, in pieces as they arrive.
 *
 * Comments dispatch nothing; whoever feeds the parser sees them as bytes, which is what tells a
 * silent line from a dead one.
 */
export class EventParser {
  private pending = "";
  private data: string[] = [];
  private event = "";
  private id = "";

  feed(chunk: string): Message[] {
    this.pending += chunk;
    const messages: Message[] = [];
    let from = 0;
    for (;;) {
      const end = this.pending.slice(from).search(/[\r\n]/);
      if (end < 0) break;
      const at = from + end;
      const isReturn = this.pending[at] === "\r";
      // The other half of a CRLF may still be on its way.
      if (isReturn && at + 1 === this.pending.length) break;
      this.line(this.pending.slice(from, at), messages);
      from = at + (isReturn && this.pending[at + 1] === "\n" ? 2 : 1);
    }
    this.pending = this.pending.slice(from);
    if (this.pending.length > MAX_PENDING) throw new Error("A line of the live stream has no end.");
    return messages;
  }

  private line(line: string, messages: Message[]): void {
    if (line === "") {
      if (this.data.length > 0) {
        messages.push({ event: this.event || "message", id: this.id, data: this.data.join("\n") });
      }
      this.data = [];
      this.event = "";
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
  }
}
