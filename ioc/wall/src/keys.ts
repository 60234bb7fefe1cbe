import type { IncidentList } from "./list";
import type { Openings } from "./openings";
import { OPEN_KEY, TICKET_DEEDS } from "./tickets/deeds";
import type { TicketQueue } from "./tickets/queue";
import { isTyping, keysOn } from "./work/help";
import { DEEDS, letterOf, PAGE_KEYS, type PageKey, pageKeyOf, SEER_KEYS } from "./work/keys";

/** What an incident that is shown takes. */
const INCIDENT_KEYS: ReadonlySet<string> = new Set([...DEEDS.map((one) => one.key), OPEN_KEY, ...SEER_KEYS]);

/** Leads a letter to what it is for: what the panel shows, the row that the list is at, or the page. */
export class KeyRouter {
  constructor(
    private readonly openings: Openings,
    private readonly list: IncidentList,
    private readonly queue: TicketQueue,
    private readonly act: (what: PageKey) => boolean,
  ) {
    document.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const letter = letterOf(event);
    if (letter === null || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (letter !== PAGE_KEYS.help && !keysOn()) return;
    if (!this.taken(letter)) return;
    event.preventDefault();
  }

  private taken(letter: string): boolean {
    const { panel } = this.openings;
    if (panel.key(letter)) return true;
    const queued = this.queue.focused;
    if (queued !== null && !panel.shows(queued) && TICKET_DEEDS.some((one) => one.key === letter)) {
      this.openings.openTicket(queued);
      return panel.key(letter);
    }
    const listed = this.list.focused;
    if (listed !== null && !panel.shows(listed) && INCIDENT_KEYS.has(letter)) {
      this.openings.open({ layer: "incident", id: listed });
      return panel.key(letter);
    }
    const what = pageKeyOf(letter);
    return what !== undefined && this.act(what);
  }
}
