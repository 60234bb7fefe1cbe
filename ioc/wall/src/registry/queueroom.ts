import { getJson } from "../api";
import { serverNow } from "../clock";
import { button } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { coordinates, moment } from "../format";
import { t, word } from "../i18n/language";
import { type Json, number } from "../model";
import { sendJson, whyNot } from "../people/send";
import { centreNames } from "../watch/centres";
import { labelled, lines, Sheet, Told } from "../work/sheet";
import type { Desk, Room, Shown } from "./desk";
import { Drafting } from "./drafting";
import { PositionField } from "./positionfield";
import { draftOf, type Enrolment, offeredCode, readQueue, type Spoken } from "./queue";
import { hashOf } from "./route";
import { readPage, type Thing } from "./thing";

const PATH = "/api/v1/enrolments";
const AGAIN_MS = 15_000;
/** Of so many unknown devices it is looked whether they are registered meanwhile. */
const LOOKED = 40;
/** What is refused until a thing is registered, and until it is in use. */
const LETTERS = ["unknown_device", "not_in_use"] as const;

function fact(name: string, value: Child): Child {
  return value && el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

/** Sends the dead letters of devices that were unknown to the decoder again, all that wait. */
async function replayed(): Promise<{ mended: number; refused: number }> {
  const sum = { mended: 0, refused: 0 };
  for (const code of LETTERS) {
    let after: number | null = 0;
    while (after !== null) {
      const answer: Json = await sendJson("POST", "/api/v1/dead-letters/replay", { code, after });
      sum.mended += number(answer.mended) ?? 0;
      sum.refused += number(answer.refused) ?? 0;
      after = number(answer.next);
    }
  }
  return sum;
}

/** Who waits to be let in, and unknown devices that spoke. */
class QueueRoom implements Shown {
  readonly root = el("div", { class: "record", data: { testid: "queue" } });
  private readonly told = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "queue-told" },
  });
  private readonly list = el("div", { class: "tabbody" });
  private readonly task = el("div", { class: "tabbody" });
  private working: { close(): void } | null = null;
  private registered = new Map<string, Thing>();
  private timer: ReturnType<typeof setInterval>;
  private shown = "";
  private closed = false;

  constructor(private readonly desk: Desk) {
    replace(this.root, el("h2", {}, t("letin.title")), this.told, this.task, this.list);
    void this.load();
    this.timer = setInterval(() => {
      if (!document.hidden && !this.working) void this.load();
    }, AGAIN_MS);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.working?.close();
  }

  private async load(): Promise<void> {
    try {
      const body = await getJson(PATH);
      const { enrolments, spoken } = readQueue(body);
      await this.look(spoken);
      const written = JSON.stringify([body, [...this.registered.values()].map(({ raw }) => raw.version)]);
      if (this.closed || this.working || written === this.shown) return;
      this.shown = written;
      this.draw(enrolments, spoken);
    } catch (error) {
      if (!this.closed) setText(this.told, whyNot(error));
    }
  }

  /** Which of those that spoke are in the register by now. */
  private async look(spoken: readonly Spoken[]): Promise<void> {
    const codes = new Set(spoken.map((one) => draftOf(one).code).filter((code) => code !== ""));
    const found = await Promise.all(
      [...codes].slice(0, LOOKED).map(async (code) => {
        const page = readPage("devices", await getJson(`/api/v1/devices?q=${encodeURIComponent(code)}`));
        return page.things.find((thing) => thing.code === code);
      }),
    );
    this.registered = new Map(found.flatMap((thing) => (thing ? [[thing.code, thing]] : [])));
  }

  private draw(enrolments: readonly Enrolment[], spoken: readonly Spoken[]): void {
    replace(
      this.list,
      el("h3", {}, t("letin.waiting", { count: enrolments.length })),
      enrolments.length === 0 && el("p", { class: "note" }, t("letin.none")),
      ...enrolments.map((one) => this.card(one)),
      el("h3", {}, t("letin.spoke", { count: spoken.length })),
      el("p", { class: "dim" }, t("letin.spoke.what")),
      ...spoken.map((one) => this.spoken(one)),
    );
  }

  private card(one: Enrolment): HTMLElement {
    const now = serverNow();
    const names = centreNames(this.desk.session);
    const what =
      one.subject === "camera" ? `${t("codes.camera")}, ${word("register.scene", one.kind)}` : one.profile;
    return el(
      "section",
      { class: "card", data: { testid: "enrolment", enrolment: one.id } },
      el("h4", {}, one.name || `${one.maker} ${one.model} ${one.serial}`.trim() || t("letin.nameless")),
      el(
        "dl",
        {},
        fact(t("codes.for"), what),
        fact(t("register.field.centre"), names(one.centre)),
        fact(t("letin.arrived"), one.arrivedAt === null ? "" : moment(one.arrivedAt, now)),
        fact(t("letin.from"), one.address),
        fact(t("register.field.maker"), one.maker),
        fact(t("register.field.model"), one.model),
        fact(t("register.field.serial"), one.serial),
        fact(t("register.field.firmware"), one.firmware),
        fact(t("register.field.position"), one.position ? coordinates(...one.position) : ""),
        fact(t("register.field.note"), one.note),
      ),
      el(
        "div",
        { class: "ends" },
        button(t("letin.approve"), () => this.approve(one), { testid: "approve", kind: "primary" }),
        button(t("letin.refuse"), () => this.refuse(one), { testid: "refuse" }),
      ),
    );
  }

  private spoken(one: Spoken): HTMLElement {
    const { code } = draftOf(one);
    const known = this.registered.get(code);
    const last = one.lastAt === null ? "" : moment(one.lastAt, serverNow());
    return el(
      "section",
      { class: "card", data: { testid: "spoke", code } },
      el("h4", {}, code || t("letin.nameless")),
      el("p", { class: "dim" }, t("letin.spoke.times", { count: one.count, time: last })),
      el("p", {}, el("code", {}, one.topic)),
      el("details", {}, el("summary", {}, t("letin.sent")), el("pre", {}, one.text)),
      known
        ? this.replay(known)
        : button(t("letin.register"), () => this.register(one), { testid: "register", kind: "primary" }),
    );
  }

  /** What it said before it was known is not lost: it can be taken in once the thing is in use. */
  private replay(known: Thing): HTMLElement {
    const href = hashOf({ at: "record", family: "devices", code: known.code, tab: "" });
    return el(
      "div",
      { class: "ends" },
      el("a", { attributes: { href } }, t("letin.known", { code: known.code })),
      el("span", { class: "mark", data: { mark: known.lifecycle } }, word("lifecycle", known.lifecycle)),
      known.lifecycle === "active"
        ? button(t("letin.replay"), () => void this.send(), { testid: "replay", kind: "primary" })
        : el("span", { class: "dim" }, t("letin.replay.later")),
    );
  }

  private async send(): Promise<void> {
    setText(this.told, t("letin.replaying"));
    try {
      setText(this.told, t("letin.replayed", await replayed()));
    } catch (error) {
      setText(this.told, whyNot(error));
    }
    await this.load();
  }

  /** A form takes the place of the list, which stays as it was until that is done or given up. */
  private begin(form: HTMLElement, work: { close(): void }): void {
    this.working?.close();
    this.working = work;
    setText(this.told, "");
    replace(this.task, form);
    this.list.hidden = true;
    form.querySelector<HTMLElement>("input")?.focus();
    this.root.scrollIntoView({ block: "start" });
  }

  private end(told = ""): void {
    this.working?.close();
    this.working = null;
    replace(this.task);
    this.list.hidden = false;
    setText(this.told, told);
    void this.load();
  }

  private approve(one: Enrolment): void {
    const code = el("input", {
      attributes: {
        name: "code",
        required: "",
        pattern: "[a-z0-9][a-z0-9\\-]{1,62}",
        maxlength: "63",
        autocapitalize: "none",
      },
    });
    code.value = offeredCode(one);
    code.spellcheck = false;
    const name = el("input", { attributes: { name: "name", required: "", maxlength: "200" } });
    name.value = one.name;
    const note = lines(t("register.field.note"), "note", false);
    note.input.value = one.note;
    const place = new PositionField(this.desk.ground, one.position);
    if (one.position) this.desk.ground.go(one.position);
    const sheet = new Sheet(
      t("letin.approve"),
      [
        el("p", { class: "dim" }, t("letin.approve.what")),
        el(
          "div",
          { class: "fields" },
          labelled(t("register.field.name"), name).row,
          labelled(t("register.field.code"), code, t("register.code.hint")).row,
        ),
        place.root,
        note.row,
      ],
      t("letin.approve"),
      async () => {
        const at = place.value();
        if (at !== undefined && !Array.isArray(at)) throw new Told(t("enrol.degrees"));
        const body: Json = {
          code: code.value.trim(),
          name: name.value.trim(),
          ...(at ? { position: at } : {}),
          note: note.input.value.trim(),
        };
        const path = `${PATH}/${encodeURIComponent(one.id)}/approve`;
        await sendJson("POST", path, body);
        this.desk.reload();
        this.end(t("letin.approved", { code: code.value.trim() }));
      },
      () => this.end(),
    );
    this.begin(sheet.root, place);
  }

  private refuse(one: Enrolment): void {
    const why = labelled(
      t("letin.why"),
      el("input", { attributes: { name: "reason", required: "", minlength: "3", maxlength: "200" } }),
    );
    const sheet = new Sheet(
      t("letin.refuse"),
      [why.row],
      t("letin.refuse"),
      async () => {
        const path = `${PATH}/${encodeURIComponent(one.id)}/refuse`;
        await sendJson("POST", path, { reason: why.input.value.trim() });
        this.end(t("letin.refused"));
      },
      () => this.end(),
    );
    this.begin(sheet.root, { close: () => undefined });
  }

  private register(one: Spoken): void {
    const { code, gateway } = draftOf(one);
    const known = { code, centre: one.centre, ...(gateway ? { gateway } : {}) };
    const drafting = new Drafting(
      "devices",
      this.desk,
      () => this.end(),
      known,
      (made) => this.end(t("letin.drafted", { code: made.code })),
    );
    this.begin(drafting.root, drafting);
  }
}

export const QUEUE: Room = {
  id: "queue",
  named: "letin.title",
  fits: (desk) => desk.keeps,
  show: (desk) => new QueueRoom(desk),
};
