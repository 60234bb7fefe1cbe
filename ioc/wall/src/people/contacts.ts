import { type Child, el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import { isJson, type Json, number, SEVERITIES, text } from "../model";
import { section } from "./parts";
import { reason, sendJson } from "./send";

const HERE = "/api/v1/contacts/me";
const KINDS = ["mail", "sms", "zalo", "push"] as const;

/** A channel with the address there, used for what is at least this bad. */
export interface Way {
  channel: string;
  address: string;
  least: string;
}

export interface Contacts {
  version: number;
  ways: Way[];
  quietFrom: string;
  quietUntil: string;
}

export function readContacts(body: unknown): Contacts {
  const of = isJson(body) ? body : {};
  const channels = Array.isArray(of.channels) ? of.channels.filter(isJson) : [];
  return {
    version: number(of.version) ?? 0,
    ways: channels.map((one) => ({
      channel: text(one.channel),
      address: text(one.address),
      least: text(one.least, "minor"),
    })),
    quietFrom: text(of.quiet_from),
    quietUntil: text(of.quiet_until),
  };
}

/** What is sent; null where one of the quiet hours is missing. */
export function bodyOf(contacts: Contacts): Json | null {
  const { quietFrom, quietUntil } = contacts;
  if ((quietFrom === "") !== (quietUntil === "")) return null;
  return {
    expected_version: contacts.version,
    channels: contacts.ways.map((way) => ({
      ...way,
      address: way.channel === "push" ? "" : way.address.trim(),
    })),
    quiet_from: quietFrom || null,
    quiet_until: quietUntil || null,
  };
}

/** The list with one entry moved to the place before it. */
export function movedUp<T>(list: readonly T[], at: number): T[] {
  const [before, one] = [list[at - 1], list[at]];
  if (before === undefined || one === undefined) return [...list];
  return [...list.slice(0, at - 1), one, before, ...list.slice(at + 1)];
}

/** Where the reader is told beside the page: channels in their order, from which severity on, quiet hours. */
export class ContactsPart {
  readonly root = el("div", { class: "contacts" });
  private contacts: Contacts | null = null;
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "contacts-message" },
  });

  async load(): Promise<void> {
    try {
      this.contacts = readContacts(await sendJson("GET", HERE));
    } catch (error) {
      setText(this.message, reason(error));
    }
    this.draw();
  }

  draw(): void {
    const { contacts } = this;
    const button = (words: string, click: () => void, testid: string) =>
      el(
        "button",
        { class: "quiet", attributes: { type: "button" }, data: { testid }, on: { click } },
        words,
      );
    const add = button(t("contacts.add"), () => this.add(), "add-way");
    const save = button(t("people.save"), () => void this.save(), "save-contacts");
    save.className = "primary";
    replace(
      this.root,
      section(
        t("contacts.title"),
        el("p", { class: "note" }, t("contacts.what")),
        contacts?.ways.length === 0 && el("p", {}, t("contacts.none")),
        contacts &&
          el("ol", { class: "ways" }, ...contacts.ways.map((way, at) => this.line(contacts, way, at))),
        contacts && add,
        contacts && this.quiet(contacts),
        contacts && save,
        this.message,
      ),
    );
  }

  private line(contacts: Contacts, way: Way, at: number): HTMLElement {
    const pick = (options: readonly (readonly [string, string])[], chosen: string, label: string) => {
      const made = el(
        "select",
        { attributes: { "aria-label": label } },
        ...options.map(([value, words]) => el("option", { attributes: { value } }, words)),
      );
      made.value = chosen;
      return made;
    };
    const channel = pick(
      KINDS.map((one) => [one, t(`channel.${one}`)]),
      way.channel,
      t("contacts.channel", { number: at + 1 }),
    );
    channel.addEventListener("change", () => {
      way.channel = channel.value;
      this.draw();
    });
    const grades = [...SEVERITIES].reverse().map((one) => [one, t(`severity.${one}`)] as const);
    const least = pick(grades, way.least, t("contacts.least"));
    least.addEventListener("change", () => {
      way.least = least.value;
    });
    const address = el("input", {
      attributes: {
        value: way.address,
        maxlength: "320",
        placeholder: way.channel === "mail" ? "ten@donvi.gov.vn" : "+84905000111",
        "aria-label": t("contacts.address"),
      },
      data: { testid: "address" },
    });
    address.addEventListener("input", () => {
      way.address = address.value;
    });
    const act = (words: string, label: string, click: () => void): Child =>
      el(
        "button",
        { class: "quiet", attributes: { type: "button", "aria-label": label, title: label }, on: { click } },
        words,
      );
    return el(
      "li",
      {},
      channel,
      way.channel === "push" ? el("span", { class: "note" }, t("contacts.push")) : address,
      el("label", {}, t("contacts.least"), least),
      at > 0 &&
        act("↑", t("contacts.up"), () => {
          contacts.ways = movedUp(contacts.ways, at);
          this.draw();
        }),
      act("×", t("desk.remove"), () => {
        contacts.ways = contacts.ways.filter((one) => one !== way);
        this.draw();
      }),
    );
  }

  private quiet(contacts: Contacts): HTMLElement {
    const time = (name: "quietFrom" | "quietUntil", words: string) => {
      const input = el("input", {
        attributes: { type: "time", value: contacts[name] },
        data: { testid: name },
      });
      input.addEventListener("input", () => {
        contacts[name] = input.value;
      });
      return el("label", {}, words, input);
    };
    return el(
      "fieldset",
      { class: "quiethours" },
      el("legend", {}, t("contacts.quiet")),
      time("quietFrom", t("contacts.quiet.from")),
      time("quietUntil", t("contacts.quiet.until")),
      el("small", { class: "note" }, t("contacts.quiet.hint")),
    );
  }

  private add(): void {
    this.contacts?.ways.push({ channel: "mail", address: "", least: "minor" });
    this.draw();
    this.root.querySelector<HTMLElement>(".ways li:last-child input")?.focus();
  }

  private async save(): Promise<void> {
    if (!this.contacts) return;
    const body = bodyOf(this.contacts);
    if (body === null) {
      setText(this.message, t("contacts.badquiet"));
      return;
    }
    try {
      this.contacts = readContacts(await sendJson("PUT", HERE, body));
      this.draw();
      setText(this.message, t("contacts.saved"));
    } catch (error) {
      setText(this.message, reason(error));
    }
  }
}
