import type { Board } from "../board";
import { el, replace, setText } from "../dom";
import { type Key, language, t, word } from "../i18n/language";
import { SEVERITIES, type Severity } from "../model";
import { severityIcon } from "../shapes";
import { PAGE_KEYS } from "../work/keys";
import {
  choices,
  countShown,
  type Filter,
  isChosen,
  KINDS,
  type Kind,
  NOTHING_CHOSEN,
  passes,
  readFilter,
  type Shown,
  toggled,
  worstHidden,
} from "./filter";

/** So many areas are offered; who wants another one chooses its centre. */
const MOST_CHOICES = 60;

/**
 * The filter above the list: what is chosen, and in words and shape what that hides. It is kept for the person on
 * this machine; `state` and `set` are for whoever keeps it elsewhere.
 */
export class FilterBar {
  private filter: Filter;
  private open = false;
  private drawn = "";
  private readonly toggle = el("button", {
    class: "quiet",
    attributes: { type: "button", "aria-keyshortcuts": PAGE_KEYS.filter },
    data: { testid: "filter" },
    on: { click: () => this.turn() },
  });
  private readonly clearing = el("button", {
    class: "quiet",
    attributes: { type: "button", "aria-keyshortcuts": PAGE_KEYS.unfilter },
    data: { testid: "unfilter" },
    on: { click: () => this.clear() },
  });
  private readonly told = el("p", {
    class: "filtered",
    attributes: { role: "status" },
    data: { testid: "filtered" },
  });
  private readonly panel = el("div", { class: "filterchoices", data: { testid: "choices" } });
  private readonly head = el("div", { class: "filterhead" }, this.toggle, this.clearing, this.told);
  readonly root = el("div", { class: "filterbar" }, this.head, this.panel);

  /**
   * @param opened whether an incident is in the panel: it is shown in the list and on the map whatever is chosen
   * @param changed what the filter shows is no longer what it was
   */
  constructor(
    private readonly board: Board,
    private readonly login: string,
    private readonly centreName: (code: string) => string,
    opened: (id: string) => boolean,
    private readonly changed: () => void,
  ) {
    this.filter = this.kept();
    board.passes = (incident) => passes(this.filter, incident) || opened(incident.id);
    this.panel.hidden = true;
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open) return;
      event.stopPropagation();
      this.turn();
    });
  }

  /** Puts something else into the line of its buttons. */
  beside(other: HTMLElement): void {
    this.head.insertBefore(other, this.told);
  }

  get chosen(): boolean {
    return isChosen(this.filter);
  }

  get state(): Filter {
    return this.filter;
  }

  set(kept: unknown): void {
    this.take(readFilter(kept));
  }

  /** Shows one centre alone, or all again where that was so already. */
  onlyCentre(code: string): void {
    const same = this.filter.centre.length === 1 && this.filter.centre[0] === code;
    this.take({ ...this.filter, centre: same ? [] : [code], area: [] });
  }

  clear(): void {
    this.take(NOTHING_CHOSEN);
  }

  /** Opens the choices, with the focus on the first of them, or closes them. */
  turn(): void {
    this.open = !this.open;
    this.panel.hidden = !this.open;
    this.render();
    if (this.open) this.panel.querySelector("input")?.focus();
    else this.toggle.focus();
  }

  render(): void {
    const incidents = [...this.board.incidents.values()];
    const shown = countShown(this.board.passes, incidents);
    const offered = this.open ? KINDS.map((kind) => [kind, this.offer(kind, incidents)] as const) : [];
    const drawn = JSON.stringify([language(), this.filter, shown, this.open, offered]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.drawHead(shown);
    this.drawChoices(offered);
  }

  private take(filter: Filter): void {
    this.filter = filter;
    try {
      localStorage.setItem(this.storedAs, JSON.stringify(filter));
    } catch {
      // The choice then lasts until the page closes.
    }
    this.render();
    this.changed();
  }

  private get storedAs(): string {
    return `ioc.filter.${this.login}`;
  }

  private kept(): Filter {
    try {
      return readFilter(JSON.parse(localStorage.getItem(this.storedAs) ?? "null"));
    } catch {
      return NOTHING_CHOSEN;
    }
  }

  private drawHead(shown: Shown): void {
    const chosen = isChosen(this.filter);
    const worst = worstHidden(shown);
    if (worst) this.root.dataset.hides = worst;
    else delete this.root.dataset.hides;
    this.toggle.setAttribute("aria-expanded", String(this.open));
    this.toggle.title = t("tools.key", { what: t("filter.title"), key: PAGE_KEYS.filter });
    setText(this.toggle, t("filter.title"));
    this.clearing.title = t("tools.key", { what: t("filter.clear"), key: PAGE_KEYS.unfilter });
    setText(this.clearing, t("filter.clear"));
    this.clearing.hidden = !chosen;
    this.told.hidden = !chosen;
    replace(
      this.told,
      worst && severityIcon(worst),
      el("b", {}, t("filter.shown", { shown: shown.shown, all: shown.all })),
      worst && el("span", {}, hiddenText(shown)),
    );
  }

  private offer(kind: Kind, incidents: Parameters<typeof choices>[2]): [string, string, number][] {
    const names = new Map<string, string>();
    if (kind === "area") for (const one of incidents) names.set(one.areaCode, one.areaName || one.areaCode);
    const name = (value: string) => {
      if (kind === "area") return names.get(value) ?? value;
      return kind === "centre" ? this.centreName(value) : word(kind, value);
    };
    const list = [...choices(this.filter, kind, incidents)].map(
      ([value, count]): [string, string, number] => [value, name(value), count],
    );
    if (kind === "severity") {
      return list.sort(([a], [b]) => SEVERITIES.indexOf(a as Severity) - SEVERITIES.indexOf(b as Severity));
    }
    const most = list.sort((a, b) => b[2] - a[2]).slice(0, MOST_CHOICES);
    return most.sort((a, b) => a[1].localeCompare(b[1], language()));
  }

  /** The box that has the focus keeps it, whatever is drawn anew around it. */
  private drawChoices(offered: (readonly [Kind, [string, string, number][]])[]): void {
    const at = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.choice : "";
    replace(
      this.panel,
      ...offered
        .filter(([, list]) => list.length > 0)
        .map(([kind, list]) =>
          el(
            "fieldset",
            { data: { kind } },
            el("legend", {}, t(`filter.${kind}` as Key)),
            ...list.map(([value, name, count]) => this.box(kind, value, name, count)),
          ),
        ),
    );
    if (at) this.panel.querySelector<HTMLElement>(`[data-choice="${CSS.escape(at)}"]`)?.focus();
  }

  private box(kind: Kind, value: string, name: string, count: number): HTMLElement {
    const box = el("input", {
      attributes: { type: "checkbox" },
      data: { choice: `${kind}=${value}` },
      on: { change: () => this.take(toggled(this.filter, kind, value)) },
    });
    box.checked = this.filter[kind].includes(value);
    const icon = kind === "severity" ? severityIcon(value as Severity) : null;
    return el("label", {}, box, icon, name, el("span", { class: "dim" }, String(count)));
  }
}

/** How many are hidden of each severity, the worst first. */
function hiddenText({ hidden }: Shown): string {
  const parts = SEVERITIES.filter((one) => hidden[one] > 0).map(
    (one) => `${hidden[one]} ${t(`severity.${one}`).toLocaleLowerCase(language())}`,
  );
  return t("filter.hidden", { what: parts.join(", ") });
}
