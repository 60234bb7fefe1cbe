import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { labelled, Told } from "./sheet";

export const MOST_PHOTOS = 4;
/** What the server takes of one. */
export const LARGEST_BYTES = 8 * 2 ** 20;

/** What is wrong with a choice of files, before they are sent; null when nothing is. */
export function faultOf(files: readonly { size: number; name: string }[]): string | null {
  if (files.length > MOST_PHOTOS) return t("photos.many", { most: MOST_PHOTOS });
  const large = files.find((file) => file.size > LARGEST_BYTES);
  return large ? t("photos.large", { name: large.name, most: LARGEST_BYTES / 2 ** 20 }) : null;
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** A field for photographs, which shows what was chosen. */
export class PhotoField {
  private readonly input = el("input", {
    attributes: { type: "file", name: "photos", accept: "image/jpeg,image/png,image/webp", multiple: "" },
  });
  private readonly shown = el("div", { class: "thumbs" });
  private addresses: string[] = [];
  readonly row: HTMLElement;

  constructor() {
    this.row = el("div", {}, labelled(t("photos.label"), this.input, t("photos.hint")).row, this.shown);
    this.input.addEventListener("change", () => this.show());
  }

  /** The photographs in base64. Told when they cannot be sent. */
  async read(): Promise<string[]> {
    const files = [...(this.input.files ?? [])];
    const fault = faultOf(files);
    if (fault !== null) throw new Told(fault);
    return Promise.all(files.map(base64));
  }

  close(): void {
    for (const address of this.addresses) URL.revokeObjectURL(address);
    this.addresses = [];
  }

  private show(): void {
    this.close();
    const files = [...(this.input.files ?? [])].slice(0, MOST_PHOTOS);
    this.addresses = files.map((file) => URL.createObjectURL(file));
    replace(
      this.shown,
      ...this.addresses.map((src, at) => el("img", { attributes: { src, alt: files[at]?.name ?? "" } })),
    );
  }
}
