import { serverNow } from "../clock";
import { BoxReader, type Segment } from "./boxes";
import { Delay, old, type Range, step } from "./edge";
import { joined } from "./parts";

/** As much waits for the browser's buffer; then everything up to the next beginning is dropped. */
const WAITING_BYTES = 24 * 1024 * 1024;
const TICK_MS = 200;

interface Managed {
  ManagedMediaSource?: typeof MediaSource;
}

function source(): typeof MediaSource | null {
  return (globalThis as Managed).ManagedMediaSource ?? globalThis.MediaSource ?? null;
}

function typeOf(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

export function plays(codec: string): boolean {
  return source()?.isTypeSupported(typeOf(codec)) ?? false;
}

/** Plays segments in a video element, at the live edge. */
export class Player {
  readonly delay = new Delay();
  private boxes = new BoxReader();
  private media: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private address: string | null = null;
  private codec = "";
  private waiting: Segment[] = [];
  private first: Segment | null = null;
  private readonly timer = setInterval(() => this.tick(), TICK_MS);

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly failed: () => void,
  ) {}

  /** A stream begins anew. */
  begin(): void {
    this.boxes = new BoxReader();
    this.first = null;
    this.again();
  }

  /** The same stream in a new buffer, from its next key frame on: the browser leaves out what comes before one. */
  again(): void {
    this.waiting = this.first ? [this.first] : [];
    this.open();
  }

  film(bytes: Uint8Array): void {
    try {
      for (const segment of this.boxes.read(bytes)) {
        if (segment.taken) this.delay.came(segment.taken, Date.now(), serverNow());
        if (segment.codec !== null) this.first = segment;
        this.waiting.push(segment);
      }
    } catch {
      this.failed();
      return;
    }
    this.append();
  }

  /** How late the shown picture is, in milliseconds; null before the first. */
  get late(): number | null {
    return this.video.readyState >= 2 ? this.delay.of(this.video.currentTime, Date.now()) : null;
  }

  close(): void {
    clearInterval(this.timer);
    this.release();
  }

  private open(): void {
    this.release();
    const Source = source();
    if (!Source) return;
    const media = new Source();
    this.media = media;
    this.video.disableRemotePlayback = true;
    this.address = URL.createObjectURL(media);
    this.video.src = this.address;
    media.addEventListener("sourceopen", () => this.append(), { once: true });
  }

  private release(): void {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    this.media = null;
    this.buffer = null;
    this.codec = "";
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Hands what waits to the browser: all of it at once, an initialisation segment for itself. */
  private append(): void {
    if (this.media?.readyState !== "open" || this.buffer?.updating || this.waiting.length === 0) return;
    try {
      const first = this.waiting[0];
      if (first?.codec !== null && first !== undefined) this.prepare(first.codec);
      if (!this.buffer) {
        this.waiting = this.waiting.slice(this.waiting.findIndex((one) => one.codec !== null) || 1);
        return;
      }
      const next = this.waiting.findIndex((one, place) => place > 0 && one.codec !== null);
      const taken = this.waiting.splice(0, next < 0 ? this.waiting.length : next);
      this.buffer.appendBuffer(joined(taken.map((one) => one.bytes)));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "QuotaExceededError")) this.failed();
    }
  }

  private prepare(codec: string): void {
    if (!this.media || codec === this.codec) return;
    if (!plays(codec)) throw new Error(`no ${codec}`);
    if (this.buffer) this.buffer.changeType(typeOf(codec));
    else {
      this.buffer = this.media.addSourceBuffer(typeOf(codec));
      this.buffer.addEventListener("updateend", () => {
        this.append();
        this.tick();
      });
      this.buffer.addEventListener("error", () => this.failed());
    }
    this.codec = codec;
  }

  private ranges(): Range[] {
    const found: Range[] = [];
    const buffered = this.buffer?.buffered;
    for (let place = 0; buffered && place < buffered.length; place++) {
      found.push({ start: buffered.start(place), end: buffered.end(place) });
    }
    return found;
  }

  /** Stays at the edge, forgets what is over. */
  private tick(): void {
    const { video, buffer } = this;
    if (!buffer || this.media?.readyState !== "open") return;
    if (video.error) {
      this.failed();
      return;
    }
    const ranges = this.ranges();
    const { seek, rate } = step(ranges, video.currentTime);
    if (seek !== null && !video.seeking) video.currentTime = seek;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused && ranges.length > 0) video.play().catch(() => undefined);
    const until = old(ranges, video.currentTime);
    if (until !== null && !buffer.updating) buffer.remove(0, until);
    if (this.waiting.reduce((sum, one) => sum + one.bytes.length, 0) > WAITING_BYTES) this.failed();
  }
}
