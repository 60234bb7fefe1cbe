import { getJson } from "../api";
import { serverNow } from "../clock";
import { placeOf } from "../desk/notifications";
import { button, nothing, section } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { moment } from "../format";
import { language, t, word } from "../i18n/language";
import { reason, send } from "../people/send";
import { severityIcon } from "../shapes";
import {
  type Attempt,
  deadFirst,
  type Item,
  type Message,
  readMessages,
  readWhole,
  reasonText,
  type Whole,
} from "./message";

const STATES = ["", "dead", "waiting", "told"] as const;
const PAGE = 100;

/** Who was told what, when, by which channel; what nobody got comes first, and can be sent again. */
export class MessageLog {
  readonly root = el("div", { class: "stack" });
  private messages: Message[] = [];
  private next = "";
  private state: (typeof STATES)[number] = "";
  private recipient = "";
  private known = false;
  private turn = 0;
  private readonly open = new Map<string, Whole | null>();
  private readonly note = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "log-note" },
  });

  /** @param again whether the reader may have something sent again */
  constructor(private readonly again: boolean) {}

  async load(after = ""): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    try {
      const found = await this.pages(after);
      if (turn !== this.turn) return;
      const before = after === "" ? [] : this.messages;
      const all = new Map([...before, ...found.messages].map((one) => [one.id, one]));
      this.messages = [...all.values()].sort(deadFirst);
      this.next = found.next;
      this.known = true;
      setText(this.note, "");
    } catch (error) {
      if (turn === this.turn) setText(this.note, reason(error));
    }
    this.draw();
  }

  /** A page of what is asked for; of everything also the dead letters, however old. */
  private async pages(after: string): Promise<{ messages: Message[]; next: string }> {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (this.recipient !== "") query.set("recipient", this.recipient);
    if (after !== "") query.set("before", after);
    const dead = new URLSearchParams(query);
    dead.set("state", "dead");
    if (this.state !== "") query.set("state", this.state);
    const both = this.state === "" && after === "";
    const [all, first] = await Promise.all([
      getJson(`/api/v1/messages?${query}`),
      both ? getJson(`/api/v1/messages?${dead}`) : null,
    ]);
    const found = readMessages(all);
    return { messages: [...readMessages(first).messages, ...found.messages], next: found.next };
  }

  draw(): void {
    const dead = this.messages.filter((one) => one.state === "dead");
    const rest = this.messages.filter((one) => one.state !== "dead");
    const none = this.known ? nothing(t("messages.none")) : nothing(t("desk.loading"));
    replace(
      this.root,
      this.filters(),
      this.note,
      dead.length > 0 &&
        section(
          t("messages.dead", { count: dead.length }),
          "dead",
          el("p", { class: "dim" }, t("messages.dead.what")),
          el("ul", { class: "told" }, ...dead.map((one) => this.line(one))),
        ),
      section(
        t("messages.log"),
        "log",
        rest.length === 0 ? none : el("ul", { class: "told" }, ...rest.map((one) => this.line(one))),
        this.next !== "" && button(t("desk.more"), () => void this.load(this.next), { testid: "more" }),
      ),
    );
  }

  private filters(): HTMLElement {
    const state = el(
      "select",
      { attributes: { "aria-label": t("messages.state") }, data: { testid: "state" } },
      ...STATES.map((one) =>
        el("option", { attributes: { value: one } }, t(one === "" ? "queue.anystate" : `mstate.${one}`)),
      ),
    );
    state.value = this.state;
    const who = el("input", {
      attributes: { type: "search", placeholder: t("messages.who"), "aria-label": t("messages.who") },
      data: { testid: "recipient" },
    });
    who.value = this.recipient;
    const change = () => {
      this.state = STATES.find((one) => one === state.value) ?? "";
      this.recipient = who.value.trim();
      void this.load();
    };
    state.addEventListener("change", change);
    who.addEventListener("change", change);
    return el(
      "div",
      { class: "row narrowfields" },
      state,
      who,
      button(t("messages.refresh"), () => void this.load()),
    );
  }

  private line(one: Message): HTMLElement {
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? "" : moment(ms, now));
    const title = language() === "vi" ? one.title : one.titleEn;
    const more = one.items > 1 ? t("messages.more", { count: one.items - 1 }) : "";
    const by = one.toldBy || one.channel;
    const facts = [
      at(one.createdAt),
      t("messages.to", { who: one.name === "" ? one.recipient : `${one.name} (${one.recipient})` }),
      by === "" ? "" : word("channel", by),
      one.repeats ? t("messages.repeats") : "",
      more,
    ];
    const whole = this.open.get(one.id);
    return el(
      "li",
      { data: { message: one.id, state: one.state } },
      severityIcon(one.severity, one.state === "dead"),
      el(
        "div",
        { class: "words" },
        el("b", {}, title),
        el("small", { class: "dim" }, facts.filter(Boolean).join(" · ")),
        one.reason !== "" && one.state !== "told" && el("small", { class: "bad" }, reasonText(one.reason)),
        this.open.has(one.id) &&
          (whole ? unfolded(whole, at) : el("small", { class: "dim" }, t("desk.loading"))),
      ),
      el(
        "span",
        { class: "ends" },
        el(
          "span",
          { class: one.state === "dead" ? "bad" : one.state === "told" ? "good" : "" },
          word("mstate", one.state),
        ),
        this.fold(one),
        this.again &&
          one.state === "dead" &&
          button(t("messages.again"), () => void this.send(one), { testid: "again", kind: "primary" }),
      ),
    );
  }

  private fold(one: Message): Child {
    const made = button(t("messages.details"), () => void this.unfold(one), { testid: "attempts" });
    made.setAttribute("aria-expanded", String(this.open.has(one.id)));
    return made;
  }

  private async unfold(one: Message): Promise<void> {
    if (this.open.delete(one.id)) {
      this.draw();
      return;
    }
    this.open.set(one.id, null);
    this.draw();
    try {
      this.open.set(one.id, readWhole(await getJson(`/api/v1/messages/${encodeURIComponent(one.id)}`)));
    } catch (error) {
      this.open.delete(one.id);
      setText(this.note, reason(error));
    }
    this.draw();
  }

  private async send(one: Message): Promise<void> {
    this.open.delete(one.id);
    try {
      await send("POST", `/api/v1/messages/${encodeURIComponent(one.id)}/again`);
      await this.load();
      setText(this.note, t("messages.sentagain"));
    } catch (error) {
      setText(this.note, reason(error));
    }
  }
}

/** What a message tells, each with its way there, and what became of each sending. */
function unfolded(whole: Whole, at: (ms: number | null) => string): HTMLElement {
  const item = (one: Item): HTMLElement => {
    const [title, body] = language() === "vi" ? [one.title, one.body] : [one.titleEn, one.bodyEn];
    const href = placeOf(one);
    return el(
      "li",
      {},
      href === "" ? title : el("a", { attributes: { href } }, title),
      body !== "" && el("small", { class: "said" }, body),
    );
  };
  const attempt = (one: Attempt): HTMLElement => {
    const words = [
      at(one.begunAt),
      word("channel", one.channel),
      one.address,
      one.outcome === "" ? t("messages.underway") : word("delivery", one.outcome),
      one.receipt === "" ? "" : `${word("receipt", one.receipt)} ${at(one.receiptAt)}`,
      one.reason,
    ];
    return el("li", {}, words.filter(Boolean).join(" · "));
  };
  return el(
    "div",
    { data: { testid: "unfolded" } },
    el("ul", { class: "attempts" }, ...whole.items.map(item)),
    el("h3", {}, t("messages.sendings")),
    whole.attempts.length === 0
      ? el("small", { class: "dim" }, t("messages.nosending"))
      : el("ol", { class: "attempts" }, ...whole.attempts.map(attempt)),
  );
}
