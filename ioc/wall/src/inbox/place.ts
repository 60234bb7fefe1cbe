/** The ticket that an address names after its #: the list's own links, and those in messages (ioc/telling.py). */
export function ticketAt(hash: string): string {
  return /^#(?:t\/|ticket=)([^/=&]+)$/.exec(hash)?.[1] ?? "";
}
