/** What became of a thing since the last look: `now` is missing when it is gone, `before` when it is new. */
export interface Change<T> {
  id: string;
  before: T | undefined;
  now: T | undefined;
}

/** Finds what changed in a table whose entries are replaced, never altered: the board's. */
export class Watch<T> {
  private seen = new Map<string, T>();

  constructor(private readonly same: (a: T, b: T) => boolean) {}

  look(table: ReadonlyMap<string, T>): Change<T>[] {
    const found: Change<T>[] = [];
    for (const [id, now] of table) {
      const before = this.seen.get(id);
      if (before === now) continue;
      if (before === undefined || !this.same(before, now)) found.push({ id, before, now });
      this.seen.set(id, now);
    }
    if (this.seen.size > table.size) {
      for (const [id, before] of this.seen) {
        if (table.has(id)) continue;
        this.seen.delete(id);
        found.push({ id, before, now: undefined });
      }
    }
    return found;
  }

  /** Takes the table as it is for known: nothing of it has changed just now. */
  learn(table: ReadonlyMap<string, T>): void {
    this.seen = new Map(table);
  }
}
