import { getJson } from "../api";
import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { moment } from "../format";
import { language, t } from "../i18n/language";
import { reason, send } from "../people/send";
import { lineIcon, severityIcon } from "../shapes";
import { News } from "./news";
import { badgeText, placeOf, readNotifications, readUnread, TOLD, type Told } from "./notifications";

const LIST = "/api/v1/notifications?limit=50";
/** Seconds that the server may wait for news before it answers. */
const WAIT_S = 25;
const BELL = "M6 17V11A6 6 0 0 1 18 11V17L20 19H4ZM10 21.5H14M12 5V3";

/** What the reader was told and has not read: how many, the list, and where each leads. */
class Bell {
  private readonly count = el("b", { class: "badge", data: { testid: "unread" } });
  private readonly button = el(
    "button",
    {
      class: "quiet bellbutton",
      attributes: { type: "button", "aria-expanded": "false" },
      data: { testid: "bell" },
      on: { click: () => this.toggle() },
    },
    lineIcon(BELL),
    this.count,
  );
  private readonly title = el("h2", {});
  private readonly all = el("button", {
    class: "quiet",
    attributes: { type: "button" },
    data: { testid: "read-all" },
    on: { click: () => void this.read() },
  });
  private readonly message = el("p", { class: "note", attributes: { role: "status" } });
  private readonly items = el("ul", {});
  private readonly box = el(
    "div",
    { class: "bellbox", attributes: { role: "dialog" }, data: { testid: "bell-box" } },
    el("div", { class: "bellhead" }, this.title, this.all),
    this.message,
    this.items,
  );
  readonly root = el("div", { class: "bell" }, this.button, this.box);
  private list: Told[] = [];
  private unread = 0;
  private mark = "";
  private known = false;

  constructor() {
    this.box.hidden = true;
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.box.hidden) return;
      event.stopPropagation();
      this.shut();
      this.button.focus();
    });
    document.addEventListener("click", (event) => {
      if (event.target instanceof Node && !event.composedPath().includes(this.root)) this.shut();
    });
    this.render();
  }

  /** Waits for news, while the page is looked at: without a live stream the server answers as soon as there is some. */
  start(heard: Heard): void {
    if (heard === "streamed") {
      void this.load();
      addEventListener(TOLD, (event) => this.hear(event instanceof CustomEvent ? event.detail : null));
      return;
    }
    const news = new News({ ask: (signal) => this.ask(signal) });
    const look = () => news.look(document.visibilityState === "visible");
    addEventListener("visibilitychange", look);
    look();
  }

  /** Draws it in the language of now. */
  render(): void {
    const label = t("bell.label", { count: this.unread });
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    setText(this.count, badgeText(this.unread));
    this.count.hidden = this.unread === 0;
    this.button.classList.toggle("rings", this.unread > 0);
    this.box.setAttribute("aria-label", t("bell.title"));
    setText(this.title, t("bell.title"));
    setText(this.all, t("bell.all"));
    this.all.hidden = this.unread === 0;
    if (this.box.hidden) return;
    replace(
      this.items,
      ...this.list.map((one) => this.line(one)),
      this.known && this.list.length === 0 && el("li", { class: "note" }, t("bell.none")),
    );
  }

  private toggle(): void {
    if (!this.box.hidden) {
      this.shut();
      return;
    }
    this.box.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.render();
    void this.load();
  }

  private shut(): void {
    this.box.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /** The stream has the number itself; the list is asked for where it is read. */
  private hear(told: unknown): void {
    const found = readUnread(told);
    if (!found || found.mark === this.mark) return;
    this.unread = found.unread;
    this.mark = found.mark;
    this.render();
    if (!this.box.hidden) void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.take(await getJson(LIST));
    } catch {
      // What was told before stands; that the server is away shows elsewhere.
    }
  }

  private async ask(signal: AbortSignal): Promise<void> {
    const after = this.mark === "" ? "" : `&mark=${encodeURIComponent(this.mark)}&wait=${WAIT_S}`;
    const body = await getJson(LIST + after, signal);
    if (!signal.aborted) this.take(body);
  }

  private take(body: unknown): void {
    const found = readNotifications(body);
    const same = this.known && JSON.stringify(found.list) === JSON.stringify(this.list);
    const counted = found.unread === this.unread;
    this.known = true;
    this.list = found.list;
    this.unread = found.unread;
    this.mark = found.mark;
    if (!same || !counted) this.render();
  }

  private line(one: Told): HTMLElement {
    const vi = language() === "vi";
    const href = placeOf(one);
    const body = vi ? one.body : one.bodyEn;
    const words = el(
      "span",
      {},
      href === ""
        ? el("b", {}, vi ? one.title : one.titleEn)
        : el(
            "a",
            { attributes: { href }, on: { click: () => void this.read(one) } },
            vi ? one.title : one.titleEn,
          ),
      body !== "" && el("span", { class: "said" }, body),
      el("small", { class: "dim" }, one.at === null ? "" : moment(one.at, serverNow())),
    );
    return el(
      "li",
      { class: one.read ? "read" : "unread", data: { notification: one.id } },
      severityIcon(one.severity, !one.read),
      words,
      !one.read &&
        el(
          "button",
          {
            class: "quiet small",
            attributes: { type: "button", "aria-label": t("bell.read") },
            on: { click: () => void this.read(one) },
          },
          "✓",
        ),
    );
  }

  /** Marks one as read, or all that are listed. */
  private async read(one?: Told): Promise<void> {
    const ids = one ? [one.id] : this.list.filter((told) => !told.read).map((told) => told.id);
    if (ids.length === 0) return;
    setText(this.message, "");
    try {
      await send("POST", "/api/v1/notifications/read", { ids });
      await this.load();
    } catch (error) {
      setText(this.message, reason(error));
    }
  }
}

let made: Bell | null = null;

/** How a page hears of news: by its own live stream (event TOLD of the window), or by asking. */
export type Heard = "streamed" | "asked";

/** The bell of a page, drawn in the language of now: one a page, which listens from the first time on that it is shown. */
export function pageBell(heard: Heard = "asked"): HTMLElement {
  if (made) made.render();
  else {
    made = new Bell();
    made.start(heard);
  }
  return made.root;
}
