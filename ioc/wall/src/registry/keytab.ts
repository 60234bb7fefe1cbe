import { serverNow } from "../clock";
import { button } from "../desk/parts";
import { el, replace } from "../dom";
import { moment } from "../format";
import { t } from "../i18n/language";
import { isJson, type Json, number, text, time } from "../model";
import { once } from "../people/parts";
import { sendJson } from "../people/send";
import { Sheet } from "../work/sheet";
import type { Desk, Shown, Tab } from "./desk";
import { publishLine } from "./measures";
import { one, pathOf } from "./server";
import type { Thing } from "./thing";

export interface KeyState {
  user: string;
  madeAt: number | null;
  seenAt: number | null;
  /** The key before, which goes when the new one signs in, or at this time. */
  expiring: { user: string; until: number | null } | null;
}

/** What is known of a device's key; null where it has none. */
export function readKey(value: unknown): KeyState | null {
  if (!isJson(value) || text(value.user) === "") return null;
  const expiring = isJson(value.expiring) ? value.expiring : null;
  return {
    user: text(value.user),
    madeAt: time(value.made_at),
    seenAt: time(value.seen_at),
    expiring: expiring && { user: text(expiring.user), until: time(expiring.until) },
  };
}

/** Where a device signs in with its key, as lines to be typed into it. */
export function brokerLines(made: Json): Array<readonly [string, string]> {
  const broker = isJson(made.broker) ? made.broker : {};
  const port = (value: unknown) => (number(value) === null ? "" : String(value));
  const lines: Array<readonly [string, string]> = [
    ["host", text(broker.host)],
    ["port", port(broker.port)],
    ["tls_port", port(broker.tls_port)],
    ["user", text(made.user)],
  ];
  return lines.filter(([, value]) => value !== "");
}

/** Makes, rotates and takes away the key of a device; a new one is shown this once. */
class KeyTab implements Shown {
  readonly root = el("div", { class: "tabbody" });
  private readonly place = el("div", {});

  constructor(
    private readonly thing: Thing,
    private readonly desk: Desk,
  ) {
    this.draw();
  }

  private draw(shown: HTMLElement | null = null): void {
    const key = readKey(this.thing.raw.key);
    replace(this.place);
    replace(
      this.root,
      shown,
      el(
        "section",
        { class: "card", data: { testid: "key" } },
        key ? this.state(key) : el("p", {}, t("register.key.none")),
        key && shown === null && tryOut(this.thing.raw, {}),
        this.desk.keeps &&
          el(
            "div",
            { class: "ends" },
            button(t(key ? "register.key.rotate" : "register.key.make"), () => this.ask(key !== null), {
              testid: "make-key",
              kind: key ? "quiet" : "primary",
            }),
            key && button(t("register.key.remove"), () => this.askRemove(), { testid: "remove-key" }),
          ),
        this.place,
      ),
    );
  }

  private state(key: KeyState): HTMLElement {
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? t("people.never") : moment(ms, now));
    const row = (name: string, words: string) => el("div", {}, el("dt", {}, name), el("dd", {}, words));
    return el(
      "dl",
      {},
      row(t("register.key.user"), key.user),
      row(t("register.key.made"), at(key.madeAt)),
      row(t("register.key.seen"), at(key.seenAt)),
      key.expiring &&
        row(
          t("register.key.old"),
          t("register.key.until", { user: key.expiring.user, time: at(key.expiring.until) }),
        ),
    );
  }

  private ask(rotates: boolean): void {
    const title = t(rotates ? "register.key.rotate" : "register.key.make");
    const sheet = new Sheet(
      title,
      [el("p", {}, t(rotates ? "register.key.rotate.what" : "register.key.make.what"))],
      title,
      () => this.make(),
      () => replace(this.place),
    );
    replace(this.place, sheet.root);
    sheet.begin();
  }

  private async make(): Promise<void> {
    const { family, code } = this.thing;
    const made = await sendJson("POST", pathOf(family, code, "/key"), {});
    const shown = reveal(made, this.thing.raw);
    await this.reread();
    this.draw(shown);
    shown.scrollIntoView({ block: "nearest" });
    shown.querySelector<HTMLElement>("button")?.focus();
  }

  private askRemove(): void {
    const sheet = new Sheet(
      t("register.key.remove"),
      [el("p", {}, t("register.key.remove.what"))],
      t("register.key.remove"),
      async () => {
        await sendJson("DELETE", pathOf(this.thing.family, this.thing.code, "/key"));
        await this.reread();
        this.draw();
      },
      () => replace(this.place),
    );
    replace(this.place, sheet.root);
    sheet.begin();
  }

  /** The record with what is known of the key now; the secret stays before the reader meanwhile. */
  private async reread(): Promise<void> {
    try {
      Object.assign(this.thing, await one(this.thing.family, this.thing.code));
    } catch {
      // What was done is done; the state is read again when the record is opened next.
    }
  }
}

/** The line with which a first value is sent by hand; nothing for a device that sends in another form. */
function tryOut(raw: Json, made: Json): HTMLElement | null {
  const line = publishLine(raw, made);
  if (line === "") return null;
  return el(
    "details",
    { attributes: { open: "" }, data: { testid: "try-out" } },
    el("summary", {}, t("register.key.try")),
    el("pre", {}, line),
    el("p", { class: "dim" }, t("register.key.try.what")),
  );
}

function reveal(made: Json, raw: Json): HTMLElement {
  const broker = isJson(made.broker) ? made.broker : {};
  const ca = text(broker.ca);
  const until = time(made.old_valid_until);
  return el(
    "section",
    { class: "card", data: { testid: "new-key" } },
    once(t("register.key.shown"), text(made.key)),
    el(
      "dl",
      {},
      ...brokerLines(made).map(([name, value]) =>
        el(
          "div",
          {},
          el("dt", {}, t(`register.broker.${name}` as "register.broker.host")),
          el("dd", {}, el("code", {}, value)),
        ),
      ),
    ),
    until !== null && el("p", {}, t("register.key.overlap", { time: moment(until, serverNow()) })),
    tryOut(raw, made),
    ca !== "" && el("details", {}, el("summary", {}, t("register.broker.ca")), el("pre", {}, ca)),
  );
}

/** Whether a thing signs in by itself: no gateway speaks for it, and a camera sends its events. */
export function speaks({ family, raw }: Thing): boolean {
  return text(raw.gateway) === "" && (family === "devices" || text(raw.codec) !== "");
}

export const KEY: Tab = {
  id: "key",
  named: "register.tab.key",
  fits: (thing, desk) => desk.keeps && thing.lifecycle !== "retired" && speaks(thing),
  show: (thing, desk) => new KeyTab(thing, desk),
};
