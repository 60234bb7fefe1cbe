import { type Child, el, setText } from "../dom";
import { t } from "../i18n/language";
import { reason } from "../people/send";

let made = 0;

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** An input with its label before it, and perhaps a sentence behind it. */
export function labelled<I extends Input>(
  label: string,
  input: I,
  hint = "",
): { input: I; row: HTMLElement } {
  made += 1;
  input.id = `sheet-${made}`;
  if (hint) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return {
    input,
    row: el(
      "div",
      { class: "field" },
      el("label", { attributes: { for: input.id } }, label),
      input,
      hint !== "" && el("small", { class: "dim", attributes: { id: `${input.id}-hint` } }, hint),
    ),
  };
}

export function lines(label: string, name: string, required: boolean, hint = "", most = 1_000) {
  const area = el("textarea", { attributes: { name, rows: "3", maxlength: String(most) } });
  area.required = required;
  return labelled(label, area, hint);
}

export function choose(
  label: string,
  name: string,
  options: ReadonlyArray<readonly [string, string]>,
  chosen = "",
) {
  const select = el(
    "select",
    { attributes: { name } },
    ...options.map(([value, text]) => el("option", { attributes: { value } }, text)),
  );
  select.value = chosen;
  return labelled(label, select);
}

/** A box to tick, its words behind it. */
export function tick(
  words: Child,
  attributes: Record<string, string>,
  checked = false,
): { input: HTMLInputElement; row: HTMLElement } {
  const input = el("input", { attributes: { type: "checkbox", ...attributes } });
  input.checked = checked;
  return { input, row: el("label", { class: "tick" }, input, words) };
}

/** Something to fill in, in the panel: sent by Enter or its button, given up by Esc. What was typed stays when it is refused. */
export class Sheet {
  private readonly message = el("p", { class: "message", attributes: { role: "alert" } });
  private readonly submit = el("button", { class: "primary", attributes: { type: "submit" } });
  readonly root: HTMLFormElement;

  constructor(
    title: string,
    rows: Child[],
    submit: string,
    private readonly work: () => Promise<void>,
    private readonly cancel: () => void,
  ) {
    this.submit.textContent = submit;
    this.root = el(
      "form",
      { class: "sheet", attributes: { autocomplete: "off", "aria-label": title }, data: { testid: "sheet" } },
      el("h3", {}, title),
      ...rows,
      el(
        "div",
        { class: "ends" },
        this.submit,
        el(
          "button",
          { class: "quiet", attributes: { type: "button" }, on: { click: () => this.cancel() } },
          t("sheet.cancel"),
        ),
      ),
      this.message,
    );
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.root.requestSubmit();
      }
    });
  }

  /** Puts the focus where the first thing is to be filled in. */
  begin(): void {
    const first = this.root.querySelector<HTMLElement>("select, textarea, input:not([type=radio]), button");
    first?.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  tell(text: string): void {
    setText(this.message, text);
  }

  private async send(): Promise<void> {
    if (this.submit.disabled) return;
    this.submit.disabled = true;
    this.tell("");
    try {
      await this.work();
    } catch (error) {
      this.tell(error instanceof Told ? error.message : reason(error));
    } finally {
      this.submit.disabled = false;
    }
  }
}

/** An error whose words are already for the reader. */
export class Told extends Error {}
