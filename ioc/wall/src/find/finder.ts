import { getJson } from "../api";
import type { Board } from "../board";
import { el, replace, setText } from "../dom";
import { type Key, language, t, word } from "../i18n/language";
import type { Position } from "../model";
import { CAMERA_SHAPE, lineIcon, OTHER_STATION, severityIcon } from "../shapes";
import { dayText, type Found, findHere, readFound } from "./found";

/** The server is asked when typing rests for so long. */
const REST_MS = 120;
/** A server that has not answered by then is not waited for. */
const PATIENCE_MS = 4_000;
const PLACE_SHAPE =
  "M12 22C8 16 5.5 12.7 5.5 9.2a6.5 6.5 0 0 1 13 0C18.5 12.7 16 16 12 22ZM12 6.7v5M9.5 9.2h5";
const AREA_SHAPE = "M3.5 6 9 3.5 15 6 20.5 3.5V18L15 20.5 9 18 3.5 20.5ZM9 3.5V18M15 6V20.5";
const TICKET_SHAPE = "M4.5 3.5H19.5V20.5H4.5ZM8 8H16M8 12H16M8 16H12.5";

/** What the search does with the page. */
export interface Finding {
  readonly board: Board;
  /** Whether the line to the server stands. */
  live(): boolean;
  open(found: Found): void;
  go(position: Position, label: string): void;
}

/** The search: a combobox (ARIA 1.2) whose list is of everything that has a name. */
export class Finder {
  private readonly input = el("input", {
    attributes: {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: "100",
      "aria-controls": "find-list",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
    },
    data: { testid: "find-input" },
  });
  private readonly list = el("ul", {
    attributes: { id: "find-list", role: "listbox" },
    data: { testid: "find-list" },
  });
  private readonly note = el("p", {
    class: "note",
    attributes: { role: "status" },
    data: { testid: "find-note" },
  });
  private readonly hint = el("p", { class: "dim findhint" });
  private readonly dialog = el("dialog", { class: "finder", data: { testid: "finder" } });
  private found: Found[] = [];
  private at = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked: AbortController | null = null;

  constructor(private readonly page: Finding) {
    this.dialog.append(this.input, this.note, this.list, this.hint);
    document.body.append(this.dialog);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => {
      // It is told later, and may be open again by then.
      if (!this.dialog.open) this.stop();
    });
  }

  open(): void {
    if (this.dialog.open) return;
    this.dialog.setAttribute("aria-label", t("find.title"));
    this.input.setAttribute("aria-label", t("find.title"));
    this.input.placeholder = t("find.placeholder");
    this.list.setAttribute("aria-label", t("find.results"));
    setText(this.hint, t("find.keys"));
    this.dialog.showModal();
    this.input.select();
    this.typed();
  }

  private stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.asked?.abort();
  }

  /** What the page holds is shown at once, what the server finds in its place. */
  private typed(): void {
    this.stop();
    const text = this.input.value.trim();
    this.show(findHere(this.page.board, text), text, text === "" || !this.page.live());
    if (text === "") return;
    if (!this.page.live()) setText(this.note, t("find.lost"));
    this.timer = setTimeout(() => void this.ask(text), REST_MS);
  }

  private async ask(text: string): Promise<void> {
    const asked = new AbortController();
    this.asked = asked;
    const late = setTimeout(() => asked.abort("late"), PATIENCE_MS);
    try {
      const body = await getJson(`/api/v1/search?q=${encodeURIComponent(text)}`, asked.signal);
      // An answer whose end did not come is none.
      asked.signal.throwIfAborted();
      if (this.asked === asked) this.show(readFound(body), text, true);
    } catch {
      if (this.asked === asked && (!asked.signal.aborted || asked.signal.reason === "late")) {
        this.show(findHere(this.page.board, text), text, true);
        setText(this.note, t("find.lost"));
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** @param whole nothing more is waited for */
  private show(found: Found[], text: string, whole: boolean): void {
    const was = this.found[this.at]?.id;
    this.found = found;
    this.at = Math.max(
      0,
      found.findIndex((one) => one.id === was && this.at > 0),
    );
    this.dialog.dataset.found = whole ? text : "";
    const none = text === "" ? "" : whole ? t("find.none", { text }) : t("find.asking");
    setText(this.note, found.length > 0 ? "" : none);
    this.draw();
  }

  private draw(): void {
    replace(this.list, ...this.found.map((one, at) => this.row(one, at)));
    this.input.setAttribute("aria-expanded", String(this.found.length > 0));
    this.choose(this.at);
  }

  private choose(at: number): void {
    this.at = at;
    [...this.list.children].forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === at));
    });
    const row = this.list.children[at];
    if (row) {
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  private row(one: Found, at: number): HTMLElement {
    const name = language() === "vi" ? one.name : one.nameEn || one.name;
    return el(
      "li",
      {
        attributes: { id: `find-${at}`, role: "option", "aria-selected": "false" },
        data: { testid: "found", kind: one.kind, id: one.id },
        on: { click: () => this.take(one), mousemove: () => at !== this.at && this.choose(at) },
      },
      iconOf(one),
      el("span", { class: "foundname" }, name, el("small", { class: "dim" }, detailOf(one))),
      el("span", { class: "foundkind dim" }, t(`find.kind.${one.kind}` as Key)),
    );
  }

  private key(event: KeyboardEvent): void {
    const { key } = event;
    const last = this.found.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: this.at >= last ? 0 : this.at + 1,
      ArrowUp: this.at <= 0 ? last : this.at - 1,
      PageDown: Math.min(last, this.at + 8),
      PageUp: Math.max(0, this.at - 8),
    };
    const to = steps[key];
    if (to !== undefined) {
      event.preventDefault();
      if (last >= 0) this.choose(to);
      return;
    }
    if (key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const chosen = this.found[this.at];
    if (chosen) this.take(chosen);
  }

  private take(one: Found): void {
    this.dialog.close();
    if (one.kind === "place" || one.kind === "area") {
      if (one.position) this.page.go(one.position, one.name);
    } else this.page.open(one);
  }
}

function iconOf(one: Found): SVGElement {
  if (one.kind === "incident" && one.severity) return severityIcon(one.severity, true);
  if (one.kind === "camera") return lineIcon(CAMERA_SHAPE);
  if (one.kind === "device") return lineIcon(OTHER_STATION);
  if (one.kind === "ticket") return lineIcon(TICKET_SHAPE);
  return lineIcon(one.kind === "area" ? AREA_SHAPE : PLACE_SHAPE);
}

/** What tells it apart; of an area that is no more, until when it was and what there is now. */
function detailOf(one: Found): string {
  const group = { incident: "status", ticket: "tstate", device: "state", camera: "state" } as Record<
    string,
    string
  >;
  const of = group[one.kind];
  const parts = [one.detail];
  if (of && one.state) parts.unshift(word(of, one.state));
  if (one.until) {
    parts.push(t("find.until", { day: dayText(one.until) }));
    if (one.successors.length > 0) parts.push(t("find.now", { names: one.successors.join(", ") }));
  }
  return parts.filter((part) => part !== "").join(" · ");
}
