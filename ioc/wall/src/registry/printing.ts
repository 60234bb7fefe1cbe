import { button } from "../desk/parts";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { choose } from "../work/sheet";

/** A drawing of a label: the server's SVG, shown as a picture so that nothing in it can run. */
export interface Label {
  name: string;
  drawing: Blob;
}

export function drawingOf(svg: string): Blob {
  return new Blob([svg], { type: "image/svg+xml" });
}

const PAPERS = ["roll", "sheet"] as const;

/** Labels as they will be printed, one to a page of a label printer or many on a sheet of A4, with a button for that. */
export class Labels {
  readonly root = el("section", { class: "labelling", data: { testid: "labels" } });
  private readonly addresses: string[];

  constructor(
    private readonly labels: readonly Label[],
    first: (typeof PAPERS)[number] = "roll",
  ) {
    this.addresses = labels.map(({ drawing }) => URL.createObjectURL(drawing));
    const paper = choose(
      t("label.paper"),
      "paper",
      PAPERS.map((one) => [one, t(`label.paper.${one}`)] as const),
      first,
    );
    replace(
      this.root,
      el(
        "div",
        { class: "row" },
        paper.row,
        button(t("label.print"), () => void this.print(paper.input.value), {
          testid: "print",
          kind: "primary",
        }),
      ),
      this.sheet(""),
    );
  }

  close(): void {
    for (const address of this.addresses) URL.revokeObjectURL(address);
  }

  private sheet(paper: string): HTMLElement {
    const images = this.labels.map(({ name }, at) =>
      el("img", { attributes: { src: this.addresses[at] ?? "", alt: name, width: "234", height: "110" } }),
    );
    const made = el("div", { class: "labels", data: paper === "" ? {} : { paper } }, ...images);
    return made;
  }

  /** Beside the page stands a sheet that only the printer sees, until it has been printed. */
  private async print(paper: string): Promise<void> {
    document.querySelector("body > .labels")?.remove();
    const sheet = this.sheet(paper);
    document.body.append(sheet);
    await Promise.all([...sheet.querySelectorAll("img")].map((image) => image.decode().catch(() => null)));
    addEventListener("afterprint", () => sheet.remove(), { once: true });
    print();
  }
}
