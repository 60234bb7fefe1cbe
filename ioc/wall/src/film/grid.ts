/** Where a key leads on a page of tiles, null when it leads nowhere. `columns` of `count` tiles in reading order. */
export function moved(key: string, at: number, columns: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const ends: Record<string, number> = { Home: 0, End: count - 1 };
  const to = ends[key] ?? (steps[key] === undefined ? null : at + steps[key]);
  return to !== null && to >= 0 && to < count && to !== at ? to : null;
}

/** The page of so many tiles that holds what begins at a place, and how many there are. */
export function pageOf(place: number, size: number, count: number): { page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(count / size));
  return { page: Math.min(Math.floor(place / size), pages - 1), pages };
}
