import { getJson } from "../api";
import { el, replace, setText } from "../dom";
import { language, t, word } from "../i18n/language";
import { isJson } from "../model";
import { sendJson } from "../people/send";
import { lines, Sheet, Told } from "../work/sheet";
import { type Procedure, procedureOf, proceduresOf, steps, written } from "./procedure";

/** The procedures of all categories; who administers all centres edits them, one step a line. */
export class Procedures {
  private readonly message = el("p", { class: "note", attributes: { role: "status" } });
  private readonly list = el("div", { class: "procedures" });
  readonly root = el("section", { class: "card", data: { testid: "procedures" } });
  private found: Procedure[] = [];

  constructor(private readonly manages: boolean) {}

  async load(): Promise<void> {
    try {
      this.found = proceduresOf(await getJson("/api/v1/checklists"));
    } catch {
      this.found = [];
    }
    this.draw();
  }

  draw(): void {
    this.root.hidden = this.found.length === 0;
    replace(
      this.root,
      el("h2", {}, t("procedures.title")),
      el("p", { class: "dim" }, t("procedures.what")),
      this.message,
      this.list,
    );
    replace(this.list, ...this.found.map((one) => this.one(one)));
  }

  private one(procedure: Procedure): HTMLElement {
    const stand = t("procedures.version", {
      version: procedure.version,
      who: procedure.changedBy || t("procedures.shipped"),
    });
    return el(
      "details",
      { data: { category: procedure.category } },
      el("summary", {}, word("category", procedure.category), el("small", {}, ` ${stand}`)),
      this.manages ? this.form(procedure) : plain(procedure),
    );
  }

  private form(procedure: Procedure): HTMLElement {
    const area = lines(t("procedures.lines"), "items", false, "", 30_000);
    area.input.value = written(procedure.items);
    area.input.rows = Math.max(4, procedure.items.length + 1);
    const sheet = new Sheet(
      t("procedures.save"),
      [area.row],
      t("procedures.save"),
      async () => {
        const items = steps(area.input.value, procedure.items);
        if (typeof items === "number") throw new Told(t("procedures.bad", { line: items }));
        const path = `/api/v1/checklists/${encodeURIComponent(procedure.category)}`;
        const body = { expected_version: procedure.version, items };
        const after = await sendJson("PUT", path, body);
        if (!isJson(after)) return;
        const kept = procedureOf(after);
        this.found = this.found.map((one) => (one.category === kept.category ? kept : one));
        this.draw();
        setText(this.message, t("procedures.saved", { version: kept.version }));
      },
      () => this.draw(),
    );
    return sheet.root;
  }
}

function plain(procedure: Procedure): HTMLElement {
  const title = (one: { vi: string; en: string }) => (language() === "vi" ? one.vi : one.en);
  return el(
    "ol",
    { class: "numbered" },
    ...procedure.items.map((one) => el("li", {}, title(one), one.required && ` ${t("checklist.required")}`)),
  );
}
