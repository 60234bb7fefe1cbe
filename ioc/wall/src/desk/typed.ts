/** What a person has typed into a page stays where a part of it is drawn anew, in another language for instance. */

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Where a person has typed, chosen or ticked something, or had it done by a button. */
const touched = new WeakSet<Control>();

function isControl(target: unknown): target is Control {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}

if (typeof document !== "undefined")
  document.addEventListener(
    "input",
    ({ target }) => {
      if (isControl(target)) touched.add(target);
    },
    true,
  );

/** Counts a control that a program has filled in for a person as typed in. */
export function markTyped(control: Control): void {
  touched.add(control);
}

const isBox = (control: Control): control is HTMLInputElement =>
  control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type);

const controlsOf = (part: ParentNode) => [...part.querySelectorAll<Control>("input, select, textarea")];

/** What tells the controls of a form apart from those of another one, whatever language they are labelled in. */
const shapeOf = (form: HTMLFormElement) =>
  controlsOf(form)
    .map((one) => `${one.type}:${one.name}`)
    .join(" ");

/** Whether there is something in the forms of a part that a person has typed, or that is shown only once. */
export function wouldLose(part: ParentNode): boolean {
  const typed = controlsOf(part).some(
    (one) => one.form !== null && touched.has(one) && (isBox(one) || one.value.trim() !== ""),
  );
  return typed || part.querySelector("[data-once]") !== null;
}

function carry(from: Control, to: Control): void {
  touched.add(to);
  to.closest("details")?.setAttribute("open", "");
  if (isBox(from) && isBox(to)) {
    if (from.checked === to.checked) return;
    to.checked = from.checked;
  } else {
    if (from.value === to.value || from.type === "file") return;
    to.value = from.value;
  }
  for (const name of ["input", "change"]) to.dispatchEvent(new Event(name, { bubbles: true }));
}

/**
 * Puts what was typed into forms into those of a newer drawing that have the same controls in the same order.
 *
 * Neither has to be in the page. What stands in no form, or in one that is gone, is left.
 */
export function carryTyped(before: Iterable<HTMLFormElement>, after: ParentNode): void {
  const open = [...after.querySelectorAll("form")];
  for (const form of before) {
    const at = open.findIndex((one) => shapeOf(one) === shapeOf(form));
    const [into] = at < 0 ? [] : open.splice(at, 1);
    if (!into) continue;
    const places = controlsOf(into);
    controlsOf(form).forEach((control, nth) => {
      const place = places[nth];
      if (place && touched.has(control)) carry(control, place);
    });
  }
}

/** Draws a part anew; what was typed in its forms stands in them afterwards. */
export function keepingTyped(part: HTMLElement, draw: () => void): void {
  const before = [...part.querySelectorAll("form")];
  draw();
  carryTyped(
    before.filter((form) => !part.contains(form)),
    part,
  );
}
