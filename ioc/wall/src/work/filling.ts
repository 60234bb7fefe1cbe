import type { Child } from "../dom";
import { t } from "../i18n/language";
import type { Json } from "../model";
import { PhotoField } from "./photos";
import { lines, Told } from "./sheet";

/** What a step asks for: its rows, and the body that they come to. */
export interface Filling {
  rows: Child[];
  /** Without `expected_version`, which is that of the moment of sending. Told when something is missing. */
  body: () => Json | Promise<Json>;
  close: () => void;
}

/** What holds nothing has nothing to give back. */
export const NOTHING = () => undefined;

/** A comment: words, photographs or both. `photos` is the member of the body that these come in. */
export function commenting(photos: "photos" | "pictures"): Filling {
  const words = lines(t("deed.comment.text"), "text", false, t("deed.comment.hint"), 4_000);
  const field = new PhotoField();
  return {
    rows: [words.row, field.row],
    body: async () => {
      const taken = await field.read();
      if (words.input.value.trim() === "" && taken.length === 0) throw new Told(t("deed.comment.empty"));
      return { text: words.input.value, [photos]: taken };
    },
    close: () => field.close(),
  };
}
