import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { moment } from "../format";
import { language, t } from "../i18n/language";
import type { Json } from "../model";
import { reason, sendJson } from "../people/send";
import { type IncidentRecord, type Item, readRecord } from "./record";

/** A code for a step that a person adds: out of its words, so that it can be read in the log. */
export function codeOf(words: string, taken: ReadonlySet<string>): string {
  const bare = words
    .toLowerCase()
    .replace(/đ/g, "d")
    .normalize("NFD")
    .replace(/[^a-z0-9]+/g, (gap) => (/^[\u0300-\u036f]+$/.test(gap) ? "" : "-"))
    .replace(/^-+|-+$/g, "")
    .slice(0, 50)
    .replace(/-+$/, "");
  const base = bare === "" ? "step" : bare;
  let code = base;
  for (let number = 2; taken.has(code); number += 1) code = `${base}-${number}`;
  return code;
}

/** The procedure of an incident: what is to be done, who ticked it when; steps can be added, reworded and taken out. */
export class Checklist {
  readonly root = el("section", { class: "checklist", data: { testid: "checklist" } });
  private readonly message = el("p", { class: "message", attributes: { role: "status" } });
  private record: IncidentRecord | null = null;
  private editing = false;

  constructor(
    private readonly works: boolean,
    private readonly take: (record: IncidentRecord) => void,
  ) {}

  draw(record: IncidentRecord): void {
    this.record = record;
    const { checklist } = record;
    this.root.hidden = checklist.length === 0 && !this.works;
    const may = this.works && record.steps.includes("checklist");
    const done = checklist.filter((one) => one.doneBy !== "").length;
    const focused = document.activeElement;
    const item = focused instanceof HTMLInputElement && this.root.contains(focused) ? focused.value : null;
    if (this.editing && this.root.contains(focused) && item !== null && focused?.matches("[type=text]"))
      return;
    replace(
      this.root,
      el("h3", {}, t("checklist.title", { done, all: checklist.length })),
      el("ol", {}, ...checklist.map((one) => this.line(one, may))),
      may && this.editing && this.adding(),
      may &&
        el(
          "button",
          {
            class: "link",
            attributes: { type: "button" },
            on: {
              click: () => {
                this.editing = !this.editing;
                if (this.record) this.draw(this.record);
              },
            },
          },
          t(this.editing ? "checklist.ready" : "checklist.edit"),
        ),
      this.message,
    );
    if (item !== null) this.root.querySelector<HTMLElement>(`input[value="${CSS.escape(item)}"]`)?.focus();
  }

  private line(one: Item, may: boolean): HTMLElement {
    const title = language() === "vi" ? one.title : one.titleEn;
    const box = el("input", { attributes: { type: "checkbox", value: one.item } });
    box.checked = one.doneBy !== "";
    box.disabled = !may;
    box.addEventListener("change", () => void this.send({ item: one.item, done: box.checked }));
    const words = el(
      "span",
      {},
      title,
      one.required && el("b", { class: "required" }, ` ${t("checklist.required")}`),
      one.doneBy !== "" &&
        el(
          "small",
          { class: "dim" },
          ` ${one.doneBy}${one.doneAt === null ? "" : ` · ${moment(one.doneAt, serverNow())}`}`,
          one.note !== "" && ` · ${one.note}`,
        ),
    );
    const drop = el(
      "button",
      {
        class: "quiet small",
        attributes: { type: "button", "aria-label": t("checklist.drop", { title }) },
        on: { click: () => void this.send({ item: one.item, drop: true }) },
      },
      "×",
    );
    return el(
      "li",
      { class: one.doneBy === "" ? "" : "done" },
      el("label", { class: "tick" }, box, words),
      may && this.editing && drop,
    );
  }

  private adding(): HTMLElement {
    const input = el("input", {
      attributes: { type: "text", maxlength: "300", required: "", placeholder: t("checklist.new") },
    });
    input.setAttribute("aria-label", t("checklist.new"));
    const form = el(
      "form",
      { class: "inline", attributes: { autocomplete: "off" } },
      input,
      el("button", { class: "quiet", attributes: { type: "submit" } }, t("checklist.add")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = input.value.trim();
      if (words === "") return;
      const taken = new Set(this.record?.checklist.map((one) => one.item));
      input.value = "";
      input.blur();
      void this.send({ item: codeOf(words, taken), text: words });
    });
    return form;
  }

  private async send(change: Json): Promise<void> {
    const record = this.record;
    if (!record) return;
    setText(this.message, "");
    try {
      const path = `/api/v1/incidents/${encodeURIComponent(record.id)}/checklist`;
      const answer = readRecord(await sendJson("POST", path, change));
      if (answer) this.take(answer);
    } catch (error) {
      this.draw(record);
      setText(this.message, reason(error));
    }
  }
}
