import { el, replace } from "../dom";
import { type Key, t } from "../i18n/language";
import { OPEN_KEY, TICKET_DEEDS } from "../tickets/deeds";
import { DEEDS, PAGE_KEYS, type PageKey, SEER_KEYS } from "./keys";

const STORED = "ioc.keys";

/** Whether single letters are taken as commands; a person may turn that off (WCAG 2.1.4). */
export function keysOn(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

function setKeys(on: boolean): void {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // The choice then lasts until the page closes: the keys stay on.
  }
}

/** The overlay that lists the keys. */
export class Help {
  private readonly dialog = el("dialog", { class: "help", data: { testid: "help" } });

  /** @param served what the page does, of all that have a key */
  constructor(private readonly served: () => readonly PageKey[]) {
    document.body.append(this.dialog);
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  toggle(): void {
    if (this.dialog.open) {
      this.dialog.close();
      return;
    }
    this.draw();
    this.dialog.showModal();
  }

  private draw(): void {
    const line = (key: string, words: string) =>
      el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, words));
    const box = el("input", { attributes: { type: "checkbox" } });
    box.checked = keysOn();
    box.addEventListener("change", () => setKeys(box.checked));
    const shut = el(
      "button",
      { class: "primary", attributes: { type: "button" }, on: { click: () => this.dialog.close() } },
      t("detail.close"),
    );
    this.dialog.setAttribute("aria-label", t("help.title"));
    replace(
      this.dialog,
      el("h2", {}, t("help.title")),
      el(
        "div",
        { class: "helpcolumns" },
        el(
          "section",
          {},
          el("h3", {}, t("help.incident")),
          el(
            "dl",
            {},
            ...DEEDS.map((one) => line(one.key.toUpperCase(), t(`deed.${one.name}` as Key))),
            line(OPEN_KEY.toUpperCase(), t("ticket.open")),
            line(`${SEER_KEYS[0]} – ${SEER_KEYS.at(-1)}`, t("help.seers")),
          ),
        ),
        el(
          "section",
          {},
          el("h3", {}, t("help.ticket")),
          el("dl", {}, ...TICKET_DEEDS.map((one) => line(one.key.toUpperCase(), t(`tdeed.${one.name}`)))),
        ),
        el(
          "section",
          {},
          el("h3", {}, t("help.page")),
          el(
            "dl",
            {},
            ...this.served().map((name) => line(PAGE_KEYS[name].toUpperCase(), t(`help.${name}`))),
            line("↑ ↓", t("help.move")),
            line("Enter", t("help.enter")),
            line("Esc", t("help.escape")),
          ),
          el("h3", {}, t("help.doubt")),
          el(
            "dl",
            {},
            line("1 – 9", t("help.link")),
            line("O", t("help.open")),
            line("A", t("help.together")),
          ),
        ),
      ),
      el("label", { class: "tick" }, box, t("help.on")),
      shut,
    );
  }
}

/** What a person types into is no place for commands. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("form") !== null ||
      target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"))
  );
}
