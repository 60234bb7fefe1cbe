import { shownNow } from "../clock";
import { el, replace } from "../dom";
import { type Host, maySteps } from "../host";
import { language, t } from "../i18n/language";
import { SEVERITIES, type Severity } from "../model";
import { severityIcon } from "../shapes";
import { isLate, isOpen } from "../tickets/ticket";
import type { Doubts } from "./doubts";
import { PAGE_KEYS, type PageKey } from "./keys";

/** What waits for a decision, what is muted, and how to enter a report: above the incidents, always in sight. */
export class Toolbar {
  readonly root = el("nav", { class: "toolbar" });
  private drawn = "";
  /** Whether the list beside the map shows tickets in place of incidents. */
  tickets = false;

  constructor(
    private readonly host: Host,
    private readonly doubts: Doubts,
    private readonly act: (what: PageKey) => void,
  ) {}

  render(): void {
    const muting = this.host.silences.list.filter((one) => one.mutes).length;
    const { count, list } = this.doubts;
    const { open, late } = this.counted();
    const drawn = [language(), count, list[0]?.severity, muting, open, late, this.tickets].join(" ");
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const worst: Severity | null =
      count > 0 ? (SEVERITIES.find((one) => list.some(({ severity }) => severity === one)) ?? null) : null;
    this.root.setAttribute("aria-label", t("tools.label"));
    replace(
      this.root,
      this.host.session.sees.includes("ticket") && this.ticketButton(open, late),
      this.button("doubts", t("tools.doubts"), count, worst && severityIcon(worst), count > 0 ? "waits" : ""),
      this.button("silences", t("tools.silences"), muting, null, muting > 0 ? "muting" : ""),
      maySteps(this.host.session) && this.button("report", t("tools.report"), null, null, ""),
      this.button("past", t("past.open"), null, null, ""),
      this.button("help", "?", null, null, "short", t("help.title")),
    );
  }

  private counted(): { open: number; late: number } {
    const now = shownNow();
    let [open, late] = [0, 0];
    for (const one of this.host.board.tickets.values()) {
      if (!isOpen(one)) continue;
      open += 1;
      if (isLate(one, now)) late += 1;
    }
    return { open, late };
  }

  /** How many tickets are open, and how many of them late; pressed while the list shows them. */
  private ticketButton(open: number, late: number): HTMLElement {
    const button = this.button("tickets", t("tools.tickets"), open, null, late > 0 ? "overdue" : "");
    button.setAttribute("aria-pressed", String(this.tickets));
    if (late > 0)
      button.append(
        el("b", { class: "badge latebadge", data: { testid: "late" } }, t("tools.late", { count: late })),
      );
    return button;
  }

  private button(
    what: PageKey,
    words: string,
    count: number | null,
    icon: SVGElement | null,
    mood: string,
    label = "",
  ): HTMLElement {
    return el(
      "button",
      {
        class: `quiet ${mood}`,
        attributes: {
          type: "button",
          "aria-keyshortcuts": PAGE_KEYS[what],
          title: t("tools.key", { what: label || words, key: PAGE_KEYS[what].toUpperCase() }),
          ...(label ? { "aria-label": label } : {}),
        },
        data: { testid: `tool-${what}` },
        on: { click: () => this.act(what) },
      },
      icon,
      words,
      count !== null && el("b", { class: "badge" }, String(count)),
    );
  }
}
