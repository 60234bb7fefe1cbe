import { serverNow } from "../clock";
import { setTitle, waysOut } from "../desk/head";
import { type Child, el, replace } from "../dom";
import { moment as written } from "../format";
import { t } from "../i18n/language";
import { time } from "../model";
import { signOut } from "../signout";
import { reason } from "./send";

/** The frame of the plain pages: title, the ways out, and sections. */
export function frame(root: HTMLElement, title: string, sees: readonly string[], ...sections: Child[]): void {
  setTitle(title);
  replace(
    root,
    el(
      "header",
      { class: "top" },
      el("h1", {}, title),
      waysOut(sees),
      el(
        "button",
        { class: "quiet", attributes: { type: "button" }, on: { click: () => void signOut() } },
        t("signout"),
      ),
    ),
    ...sections,
  );
}

export function section(title: string, ...children: Child[]): HTMLElement {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

let fields = 0;

export interface Field {
  input: HTMLInputElement | HTMLSelectElement;
  row: HTMLElement;
}

function labelled(text: string, input: HTMLInputElement | HTMLSelectElement): Field {
  fields += 1;
  input.id = `field-${fields}`;
  return {
    input,
    row: el("div", { class: "field" }, el("label", { attributes: { for: input.id } }, text), input),
  };
}

export function field(label: string, attributes: Record<string, string>): Field {
  const input = el("input", { attributes });
  input.spellcheck = false;
  return labelled(label, input);
}

export function choice(label: string, options: ReadonlyArray<readonly [string, string]>, chosen = ""): Field {
  const made = options.map(([value, text]) => el("option", { attributes: { value } }, text));
  const select = el("select", {}, ...made);
  select.value = chosen;
  return labelled(label, select);
}

/** A form that says how sending it went; secrets are wiped from it whatever happens. */
export function form(
  submit: string,
  rows: Field[],
  work: () => Promise<string | undefined>,
): HTMLFormElement {
  const message = el("p", { class: "message", attributes: { role: "status" } });
  const button = el("button", { class: "primary", attributes: { type: "submit" } }, submit);
  const made = el(
    "form",
    { attributes: { autocomplete: "off" } },
    ...rows.map((one) => one.row),
    button,
    message,
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    delete message.dataset.bad;
    work()
      .then((text) => {
        message.textContent = text ?? t("people.done");
      })
      .catch((error: unknown) => {
        message.dataset.bad = "";
        message.textContent = error instanceof Error && error.name === "Told" ? error.message : reason(error);
      })
      .finally(() => {
        button.disabled = false;
        for (const { input } of rows)
          if (input instanceof HTMLInputElement && input.type === "password") input.value = "";
      });
  });
  return made;
}

/** An error whose text is already for the reader. */
export function told(text: string): Error {
  const error = new Error(text);
  error.name = "Told";
  return error;
}

/** A button that does one thing and shows what went wrong beside it. */
export function act(text: string, work: () => Promise<void>, ask?: string): HTMLElement {
  const message = el("span", { class: "message", attributes: { role: "status" }, data: { bad: "" } });
  const button = el("button", { class: "quiet", attributes: { type: "button" } }, text);
  button.addEventListener("click", () => {
    if (ask && !confirm(ask)) return;
    button.disabled = true;
    work()
      .catch((error: unknown) => {
        message.textContent = reason(error);
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return el("span", { class: "act" }, button, message);
}

/** A secret that is shown this once. */
export function once(label: string, secret: string): HTMLElement {
  const copy = el("button", { class: "quiet", attributes: { type: "button" } }, t("people.copy"));
  copy.addEventListener("click", () => {
    void navigator.clipboard?.writeText(secret).then(() => {
      copy.textContent = t("people.copied");
    });
  });
  return el(
    "div",
    { class: "once", attributes: { role: "status" }, data: { once: "" } },
    el("p", {}, label),
    el("code", { data: { testid: "secret" } }, secret),
    copy,
    el("p", { class: "note" }, t("people.once")),
  );
}

/** When something was or will be, as everywhere in the pages; "never" for nothing. */
export function moment(value: unknown): string {
  const at = time(value);
  return at === null ? t("people.never") : written(at, serverNow());
}
