import { getJson } from "../api";
import {
  isJson,
  type Json,
  number,
  type Position,
  position,
  type Severity,
  severity,
  text,
  time,
} from "../model";

const EVERY_MS = 5_000;
const MEDIA = /^\/api\/v1\/media\/[0-9a-fA-F-]{1,64}$/;

/** An incident to which a waiting alarm may belong. */
export interface Candidate {
  id: string;
  version: number;
  title: string;
  titleEn: string;
  severity: Severity;
  status: string;
  metres: number;
  minutes: number;
  position: Position | null;
}

/** An alarm that several incidents would take. */
export interface Doubt {
  alarm: string;
  title: string;
  titleEn: string;
  category: string;
  severity: Severity;
  sourceKind: string;
  sourceName: string;
  raisedAt: number | null;
  holds: boolean;
  position: Position | null;
  photo: string | null;
  candidates: Candidate[];
}

function readCandidate(value: Json): Candidate {
  const title = text(value.title);
  return {
    id: text(value.incident),
    version: number(value.version) ?? 0,
    title,
    titleEn: text(value.title_en) || title,
    severity: severity(value.severity),
    status: text(value.status),
    metres: number(value.distance_m) ?? 0,
    minutes: number(value.minutes_apart) ?? 0,
    position: position(value.position),
  };
}

const listed = (value: unknown) => (Array.isArray(value) ? value.filter(isJson) : []);

function readDoubt(value: Json): Doubt {
  const title = text(value.title);
  const photo = text(value.photo);
  return {
    alarm: text(value.alarm),
    title,
    titleEn: text(value.title_en) || title,
    category: text(value.category, "other"),
    severity: severity(value.severity),
    sourceKind: text(value.source_kind),
    sourceName: text(value.source_name, text(value.source)),
    raisedAt: time(value.raised_at),
    holds: value.holds === true,
    position: position(value.position),
    photo: MEDIA.test(photo) ? photo : null,
    candidates: listed(value.candidates).map(readCandidate),
  };
}

/** What waits for one incident, among others perhaps, in the order of the queue. */
export function sharing(doubts: readonly Doubt[], incident: string): Doubt[] {
  return doubts.filter((one) => one.candidates.some((candidate) => candidate.id === incident));
}

/** The queue in the server's order: the worst first, of these the oldest. */
export function readDoubts(body: unknown): { doubts: Doubt[]; count: number } {
  const doubts = isJson(body) ? listed(body.doubts).map(readDoubt) : [];
  return { doubts, count: (isJson(body) ? number(body.count) : null) ?? doubts.length };
}

/** The queue of doubtful matches, looked at again and again: it is never hidden. */
export class Doubts {
  list: Doubt[] = [];
  count = 0;
  /** Whether the queue is known at all. */
  known = false;
  private asking: Promise<void> | null = null;
  private again = false;

  /** @param onChange the queue is another one */
  constructor(private readonly onChange: () => void) {}

  start(): void {
    void this.refresh();
    setInterval(() => void this.refresh(), EVERY_MS);
  }

  /** Looks at the queue; what is being looked at already is looked at once more. */
  refresh(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return this.asking;
    }
    this.asking = this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async ask(): Promise<void> {
    try {
      do {
        this.again = false;
        const found = readDoubts(await getJson("/api/v1/matches"));
        const same = this.known && JSON.stringify(found.doubts) === JSON.stringify(this.list);
        this.known = true;
        if (!same || found.count !== this.count) {
          this.list = found.doubts;
          this.count = found.count;
          this.onChange();
        }
      } while (this.again);
    } catch {
      // The queue of before stands; that the server is away shows in the stream.
    }
  }
}
