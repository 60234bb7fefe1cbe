import { el, replace } from "../dom";
import type { Host } from "../host";
import { language, t } from "../i18n/language";
import { type Incident, isOpen, type Position } from "../model";
import { severityIcon } from "../shapes";
import { metresBetween } from "./distance";
import { farText } from "./words";

const SHOWN = 6;

const titled = (one: { title: string; titleEn: string }) => (language() === "vi" ? one.title : one.titleEn);

/** Open incidents that another may be put together with: the nearest first, those whose words hold every word asked for. */
export function nearest(
  all: Iterable<Incident>,
  from: { id: string; position: Position | null },
  asked: string,
): { incident: Incident; metres: number | null }[] {
  const words = asked.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const told = (one: Incident) => `${one.title} ${one.titleEn} ${one.areaName}`.toLocaleLowerCase();
  return [...all]
    .filter((one) => one.id !== from.id && isOpen(one) && words.every((word) => told(one).includes(word)))
    .map((incident) => ({
      incident,
      metres: incident.position && from.position ? metresBetween(incident.position, from.position) : null,
    }))
    .sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity));
}

/** Chooses another open incident: from what is near, by words, by a click in the list or on the map. */
export class IncidentChoice {
  private readonly search = el("input", { attributes: { type: "search", name: "other-search" } });
  private readonly options = el("ul", { class: "choices" });
  private readonly shown = el("p", { class: "chosen", attributes: { role: "status" } });
  private chosen: Incident | null = null;
  readonly row: HTMLElement;

  constructor(
    private readonly host: Host,
    private readonly from: { id: string; position: Position | null },
  ) {
    this.search.setAttribute("aria-label", t("choice.search"));
    this.search.placeholder = t("choice.search");
    this.search.addEventListener("input", () => this.draw());
    this.search.addEventListener("keydown", (event) => this.first(event));
    this.row = el(
      "div",
      { class: "choice" },
      el("p", { class: "dim" }, t("choice.hint")),
      this.search,
      this.options,
      this.shown,
    );
    this.draw();
    host.pickIncident((id) => {
      const found = host.board.incidents.get(id);
      if (found && id !== from.id) this.choose(found);
    });
  }

  get incident(): Incident | null {
    return this.chosen;
  }

  close(): void {
    this.host.pickIncident(null);
    this.host.mark([]);
  }

  /** Enter in the search takes the first, and does not send yet. */
  private first(event: KeyboardEvent): void {
    const [best] = nearest(this.host.board.incidents.values(), this.from, this.search.value);
    if (event.key !== "Enter" || event.ctrlKey || !best || this.chosen?.id === best.incident.id) return;
    event.preventDefault();
    this.choose(best.incident);
  }

  private choose(incident: Incident): void {
    this.chosen = incident;
    replace(this.shown, t("choice.chosen", { title: titled(incident) }));
    this.draw();
  }

  private draw(): void {
    const found = nearest(this.host.board.incidents.values(), this.from, this.search.value).slice(0, SHOWN);
    const letters = "ABCDEFGH";
    this.host.mark(
      found.flatMap(({ incident: { position, severity, ...one } }, at) =>
        position ? [{ letter: letters[at] ?? "", position, severity, label: titled(one) }] : [],
      ),
    );
    replace(
      this.options,
      ...found.map(({ incident, metres }, at) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              attributes: { type: "button", "aria-pressed": String(incident.id === this.chosen?.id) },
              data: { other: incident.id },
              on: { click: () => this.choose(incident) },
            },
            el("b", { class: "letter" }, letters[at] ?? ""),
            severityIcon(incident.severity),
            el(
              "span",
              {},
              titled(incident),
              el(
                "small",
                { class: "dim" },
                [incident.areaName, metres === null ? "" : farText(metres)].filter(Boolean).join(" · "),
              ),
            ),
          ),
        ),
      ),
      found.length === 0 && el("li", { class: "dim" }, t("choice.none")),
    );
  }
}
