import "../styles/enrolling.css";
import { Refused } from "../api";
import { button } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { clockTime, coordinates, quantity } from "../format";
import { t } from "../i18n/language";
import type { Json, Position } from "../model";
import { once } from "../people/parts";
import { reason, sendJson } from "../people/send";
import { labelled, Sheet, Told } from "../work/sheet";
import { brokerLines } from "./keytab";
import { placeOfPhone } from "./phone";
import { readTyped, writtenOf } from "./position";
import { codeIn, readCollected } from "./queue";

const PATH = "/api/v1/enrol";
const KEPT = "ioc.enrol.";
const SAID = ["serial", "maker", "model", "firmware", "name"] as const;

/** What is waited for survives that a phone loads its page again; storage may be forbidden. */
function kept(code: string, ticket?: string | null): string {
  try {
    if (ticket === null) sessionStorage.removeItem(KEPT + code);
    else if (ticket !== undefined) sessionStorage.setItem(KEPT + code, ticket);
    return sessionStorage.getItem(KEPT + code) ?? "";
  } catch {
    return ticket ?? "";
  }
}

/** The technician's way with a one-time code: says what the thing is and where, waits, and is shown its key once. */
export class Enrolling {
  readonly root = el("div", { class: "enrolling", data: { testid: "enrolling" } });
  private readonly told = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "enrol-told" },
  });
  private readonly place = el("input", {
    attributes: { name: "position", autocomplete: "off", maxlength: "80" },
    data: { testid: "enrol-position" },
  });
  private readonly placed = el("p", { class: "dim", attributes: { role: "status" } });
  private readonly fields = new Map<string, HTMLInputElement>();
  private code: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  /** @param before the same in the other language, of which what was typed is kept */
  constructor(hash: string, before?: Enrolling) {
    this.code = before?.code ?? codeIn(hash);
    for (const [name, input] of before?.fields ?? []) this.fields.set(name, input);
    this.place.value = before?.place.value ?? "";
    const ticket = this.code === "" ? "" : kept(this.code);
    if (ticket) this.wait(ticket);
    else this.ask();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private ask(told = ""): void {
    const code = el("input", {
      attributes: { name: "code", required: "", maxlength: "100", autocapitalize: "characters" },
      data: { testid: "enrol-code" },
    });
    code.value = this.code;
    code.spellcheck = false;
    code.addEventListener("input", () => {
      this.code = code.value.trim();
    });
    const rows = SAID.map((name) => {
      const input = el("input", { attributes: { name, maxlength: "200", autocomplete: "off" } });
      input.value = this.fields.get(name)?.value ?? "";
      this.fields.set(name, input);
      return labelled(t(`register.field.${name}`), input).row;
    });
    const sheet = new Sheet(
      t("enrol.form"),
      [
        el("p", { class: "dim" }, t("enrol.form.what")),
        told !== "" && el("p", { class: "message", attributes: { role: "alert" } }, told),
        labelled(t("enrol.code"), code, t("enrol.code.hint")).row,
        ...rows,
        labelled(t("register.field.position"), this.place, t("enrol.position.hint")).row,
        button(t("register.position.phone"), () => void this.phone(), { testid: "enrol-phone" }),
        this.placed,
      ],
      t("enrol.send"),
      () => this.send(),
      () => history.back(),
    );
    replace(this.root, sheet.root);
  }

  private async phone(): Promise<void> {
    setText(this.placed, t("register.position.asking"));
    try {
      const { position, accuracy } = await placeOfPhone();
      this.place.value = writtenOf(position);
      const metres = quantity(Math.round(accuracy), "m");
      setText(this.placed, t("register.position.from", { read: coordinates(...position), metres }));
    } catch {
      setText(this.placed, t("register.phone.failed"));
    }
  }

  private position(): Position | null {
    const typed = readTyped(this.place.value);
    if (typed.kind === "empty") return null;
    if (typed.kind === "degrees") return typed.position;
    throw new Told(t(typed.kind === "plane" ? "enrol.degrees" : `register.position.${typed.fault}`));
  }

  private async send(): Promise<void> {
    const position = this.position();
    const said: Json = { code: this.code };
    for (const [name, { value }] of this.fields) if (value.trim() !== "") said[name] = value.trim();
    if (position) said.position = position;
    const answer = await sendJson("POST", PATH, said);
    const ticket = String(answer.ticket ?? "");
    kept(this.code, ticket);
    this.wait(ticket);
  }

  private wait(ticket: string): void {
    setText(this.told, t("enrol.asking"));
    this.card(
      el("h2", {}, t("enrol.waiting")),
      el("p", {}, t("enrol.waiting.what")),
      this.told,
      button(t("enrol.asknow"), () => void this.collect(ticket), { testid: "enrol-ask" }),
    );
    void this.collect(ticket);
  }

  private card(...children: Child[]): void {
    replace(this.root, el("section", { class: "card" }, ...children));
  }

  private async collect(ticket: string): Promise<void> {
    clearTimeout(this.timer);
    let wait = 30;
    try {
      const answer = await sendJson("POST", `${PATH}/collect`, { ticket });
      if (this.closed) return;
      const found = readCollected(answer);
      if (found.state !== "waiting") {
        kept(this.code, null);
        if (found.state === "refused") this.refused(found.reason);
        else this.given(found.thing, found.key, answer);
        return;
      }
      wait = found.askAgain;
      setText(this.told, t("enrol.asked", { time: clockTime(Date.now()), seconds: wait }));
    } catch (error) {
      if (this.closed) return;
      if (error instanceof Refused && error.body.code === "enrol-ticket") {
        kept(this.code, null);
        this.ask(error.message);
        return;
      }
      if (error instanceof Refused && error.retryAfter) wait = Math.max(wait, error.retryAfter);
      setText(this.told, reason(error));
    }
    this.timer = setTimeout(() => void this.collect(ticket), wait * 1_000);
  }

  private refused(why: string): void {
    this.card(
      el("h2", {}, t("enrol.refused")),
      why !== "" && el("p", { class: "warn" }, why),
      button(t("enrol.again"), () => this.ask()),
    );
  }

  /** The key leaves the page with it: nothing keeps it. */
  private given(thing: string, key: string, answer: Json): void {
    this.card(
      el("h2", {}, t("enrol.given", { code: thing })),
      once(t("register.key.shown"), key),
      el(
        "dl",
        {},
        ...brokerLines(answer).map(([name, value]) =>
          el(
            "div",
            {},
            el("dt", {}, t(`register.broker.${name}` as "register.broker.host")),
            el("dd", {}, el("code", {}, value)),
          ),
        ),
      ),
      el("p", { class: "dim" }, t("enrol.given.what")),
    );
  }
}
