/** The sheet of a step at the bottom of the screen: reasons to tap, words, photographs. What is written is a draft on
 * the phone from the first letter on. */

import { el, replace } from "../dom";
import type { Desk } from "./desk";
import { shrunk } from "./photo";
import { REASONED, type Step, WITH_PHOTOS, WITH_UNIT } from "./steps";
import type { Draft } from "./store";
import { type Entry, type Json, words } from "./wire";
import { language, reasons, t, word } from "./words";

const MOST_PHOTOS = 6;

/** The member of the request in which a step's words go. */
function memberOf(step: Step): "why" | "result" | "text" | "task" {
  if (step === "resolve") return "result";
  if (step === "comment") return "text";
  return step === "sub" ? "task" : "why";
}

export class Sheet {
  readonly dialog: HTMLDialogElement;
  private readonly words: HTMLTextAreaElement;
  private readonly unit = el("select", { attributes: { id: "unit" } });
  private readonly owner = el("input", {
    attributes: { id: "owner", autocapitalize: "none", maxlength: "60" },
  });
  private readonly thumbs = el("div", { class: "thumbs" });
  private readonly told = el("p", { class: "error", attributes: { role: "alert" } });
  private readonly addresses = new Map<string, string>();
  private busy = false;

  private constructor(
    private readonly desk: Desk,
    private readonly entry: Entry,
    private readonly step: Step,
    private draft: Draft,
    private readonly sent: (step: Step) => void,
  ) {
    const member = memberOf(step);
    this.words = el("textarea", {
      attributes: { id: "words", rows: "3", maxlength: "2000" },
      on: { input: () => void this.note() },
    });
    this.words.value = draft.fields[member] ?? "";
    this.owner.value = draft.fields.owner ?? "";
    this.owner.addEventListener("input", () => void this.note());
    this.unit.addEventListener("change", () => void this.note());
    this.dialog = el("dialog", { class: "sheet", attributes: { "aria-labelledby": "sheet-title" } });
    this.dialog.addEventListener("close", () => this.ended());
    this.build(member);
  }

  static async open(desk: Desk, entry: Entry, step: Step, sent: (step: Step) => void): Promise<void> {
    const sheet = new Sheet(desk, entry, step, await desk.draft(entry, step), sent);
    document.body.append(sheet.dialog);
    sheet.dialog.showModal();
    await sheet.showPhotos();
  }

  private build(member: "why" | "result" | "text" | "task"): void {
    const label = { why: t("why"), result: t("resulttext"), text: t("text"), task: t("task") }[member];
    replace(
      this.dialog,
      el(
        "form",
        {
          attributes: { method: "dialog", novalidate: "" },
          on: { submit: (event) => void this.submit(event) },
        },
        el("h2", { attributes: { id: "sheet-title" } }, `${word("step", this.step)} #${this.entry.number}`),
        WITH_UNIT.has(this.step) && this.units(),
        this.step === "assign" && this.owners(),
        el("div", { class: "chips row" }, ...reasons(this.step).map((text) => this.reason(text))),
        el("label", { attributes: { for: "words" } }, label),
        this.words,
        WITH_PHOTOS.has(this.step) && this.photos(),
        this.told,
        el(
          "div",
          { class: "row ends" },
          el(
            "button",
            { attributes: { type: "button" }, on: { click: () => this.dialog.close() } },
            t("close"),
          ),
          el(
            "button",
            { class: "primary", attributes: { type: "submit" }, data: { act: "send" } },
            t("send"),
          ),
        ),
      ),
    );
  }

  private reason(text: string): HTMLElement {
    const add = () => {
      const before = this.words.value.trim();
      if (!before.includes(text)) this.words.value = before === "" ? text : `${before}. ${text}`;
      void this.note();
    };
    return el("button", { attributes: { type: "button" }, on: { click: add } }, text);
  }

  private units(): HTMLElement {
    const place = el("div", {}, el("label", { attributes: { for: "unit" } }, t("unit")), this.unit);
    replace(this.unit, el("option", { attributes: { value: "" } }, t("choose")));
    this.desk.units().then(
      (units) => {
        for (const unit of units) {
          const code = words(unit.code);
          if (code === this.entry.unit) continue;
          const name = words(language() === "en" ? unit.name_en : unit.name, code);
          this.unit.append(el("option", { attributes: { value: code } }, name));
        }
        this.unit.value = this.draft.fields.unit ?? "";
        if (units.length === 0) this.told.textContent = t("nounits");
      },
      () => {
        this.told.textContent = t("nounits");
      },
    );
    return place;
  }

  private owners(): HTMLElement {
    const me = () => {
      this.owner.value = this.desk.me?.user ?? "";
      void this.note();
    };
    const known = el("datalist", { attributes: { id: "people" } });
    this.owner.setAttribute("list", "people");
    // Without a network the login can still be typed.
    this.desk.people(this.entry.unit).then(
      (people) => {
        const option = (one: Json) =>
          el("option", { attributes: { value: words(one.login) } }, words(one.name));
        known.append(...people.map(option));
      },
      () => undefined,
    );
    return el(
      "div",
      {},
      el("label", { attributes: { for: "owner" } }, t("owner")),
      this.owner,
      known,
      el("button", { attributes: { type: "button" }, on: { click: me } }, t("tome")),
    );
  }

  // --- photographs

  private photos(): HTMLElement {
    const field = (name: string, more: Record<string, string>) => {
      const input = el("input", {
        attributes: { type: "file", accept: "image/*", id: name, name, ...more },
        on: { change: (event) => void this.chosen(event.currentTarget as HTMLInputElement) },
      });
      return input;
    };
    return el(
      "div",
      {},
      el(
        "div",
        { class: "row" },
        el("label", { class: "button" }, t("photo"), field("camera", { capture: "environment" })),
        el("label", { class: "button" }, t("pick"), field("pick", { multiple: "" })),
      ),
      this.thumbs,
    );
  }

  private async chosen(input: HTMLInputElement): Promise<void> {
    const files = [...(input.files ?? [])].slice(0, MOST_PHOTOS - this.draft.photos.length);
    for (const file of files) {
      let small: Blob;
      try {
        small = await shrunk(file);
      } catch {
        this.told.textContent = t("badphoto");
        continue;
      }
      await this.kept(async () => {
        const photo = await this.desk.addPhoto(this.entry.id, small);
        this.draft = { ...this.draft, photos: [...this.draft.photos, photo.id] };
        await this.desk.keepDraft(this.draft);
      });
    }
    input.value = "";
    await this.showPhotos();
  }

  private async showPhotos(): Promise<void> {
    const shown: HTMLElement[] = [];
    for (const [at, id] of this.draft.photos.entries()) {
      const photo = await this.desk.photo(id);
      if (photo === null) continue;
      const src = this.addresses.get(id) ?? URL.createObjectURL(photo.bytes);
      this.addresses.set(id, src);
      const drop = () => void this.drop(id);
      shown.push(
        el(
          "figure",
          {},
          el("img", { attributes: { src, alt: t("upload", { n: at + 1, part: 0 }).split(":")[0] ?? "" } }),
          el(
            "button",
            { attributes: { type: "button", "aria-label": t("drop", { n: at + 1 }) }, on: { click: drop } },
            "✕",
          ),
        ),
      );
    }
    replace(this.thumbs, ...shown);
  }

  private async drop(id: string): Promise<void> {
    this.draft = { ...this.draft, photos: this.draft.photos.filter((one) => one !== id) };
    await this.kept(async () => {
      await this.desk.keepDraft(this.draft);
      await this.desk.dropPhoto(id);
    });
    await this.showPhotos();
  }

  // --- what is written

  private fields(): Record<string, string> {
    const fields: Record<string, string> = {};
    const text = this.words.value.trim();
    if (text !== "") fields[memberOf(this.step)] = text;
    if (WITH_UNIT.has(this.step) && this.unit.value !== "") fields.unit = this.unit.value;
    if (this.step === "assign") fields.owner = this.owner.value.trim();
    return fields;
  }

  private async note(): Promise<void> {
    this.draft = { ...this.draft, fields: this.fields() };
    await this.kept(() => this.desk.keepDraft(this.draft));
  }

  /** Says it where the phone does not keep something; the sheet then stays open with all that is in it. */
  private async kept(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.told.textContent = t("full", { why: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  private missing(fields: Record<string, string>): string {
    if (WITH_UNIT.has(this.step) && !fields.unit) return t("needunit");
    const needed = REASONED.has(this.step) || this.step === "resolve" || this.step === "sub";
    const said = fields[memberOf(this.step)] ?? "";
    if (needed && said === "") return t("needtext");
    return this.step === "comment" && said === "" && this.draft.photos.length === 0 ? t("needtext") : "";
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const fields = this.fields();
    this.told.textContent = this.missing(fields);
    if (this.busy || this.told.textContent !== "") return;
    this.busy = true;
    const kept = await this.kept(() => this.desk.enqueue(this.entry, this.step, fields, this.draft));
    this.busy = false;
    if (!kept) return;
    this.dialog.close();
    this.sent(this.step);
  }

  private ended(): void {
    for (const src of this.addresses.values()) URL.revokeObjectURL(src);
    this.dialog.remove();
  }
}
