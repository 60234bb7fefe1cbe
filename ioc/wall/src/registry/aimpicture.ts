import { button } from "../desk/parts";
import { el } from "../dom";
import { t } from "../i18n/language";
import { type Mark, type Spot, within } from "./aim";

const STEP = 0.002;
const LEAP = 0.02;
const ARROWS: Record<string, Spot> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture of a calibration: numbered marks that are dragged, or moved by the arrow keys. */
export class AimPicture {
  readonly root = el("div", { class: "aimpicture", data: { testid: "aim-picture" } });
  private readonly image = el("img", { attributes: { alt: t("aim.picture"), draggable: "false" } });
  private marks: HTMLElement[] = [];
  private address = "";

  constructor(
    private readonly placed: (spot: Spot) => void,
    private readonly moved: (mark: number, spot: Spot) => void,
  ) {
    this.root.append(this.image);
    this.image.addEventListener("click", (event) => this.placed(this.spotOf(event)));
  }

  /** Takes a picture in place of the one before. */
  take(picture: Blob): void {
    this.close();
    this.address = URL.createObjectURL(picture);
    this.image.src = this.address;
  }

  close(): void {
    if (this.address !== "") URL.revokeObjectURL(this.address);
    this.address = "";
  }

  show(marks: readonly Mark[], active: number): void {
    while (this.marks.length > marks.length) this.marks.pop()?.remove();
    for (const [at, { picture }] of marks.entries()) {
      const element = this.marks[at] ?? this.markAt(at, marks);
      this.marks[at] = element;
      element.hidden = picture === null;
      element.toggleAttribute("data-active", at === active);
      if (!picture) continue;
      element.style.left = `${picture[0] * 100}%`;
      element.style.top = `${picture[1] * 100}%`;
      element.dataset.x = String(picture[0]);
      element.dataset.y = String(picture[1]);
    }
  }

  private spotOf({ clientX, clientY }: { clientX: number; clientY: number }): Spot {
    const { left, top, width, height } = this.image.getBoundingClientRect();
    return within([(clientX - left) / width, (clientY - top) / height]);
  }

  private markAt(at: number, marks: readonly Mark[]): HTMLElement {
    const words = t("aim.picture.mark", { number: at + 1, count: marks.length });
    const made = button(String(at + 1), () => undefined, { kind: "aimmark", testid: `picture-${at + 1}` });
    made.setAttribute("aria-label", words);
    made.title = words;
    made.addEventListener("pointerdown", (event) => made.setPointerCapture(event.pointerId));
    made.addEventListener("pointermove", (event) => {
      if (made.hasPointerCapture(event.pointerId)) this.moved(at, this.spotOf(event));
    });
    made.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? LEAP : STEP;
      const here: Spot = [Number(made.dataset.x), Number(made.dataset.y)];
      this.moved(at, within([here[0] + step[0] * far, here[1] + step[1] * far]));
    });
    this.root.append(made);
    return made;
  }
}
