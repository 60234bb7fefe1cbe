import { serverNow } from "../clock";
import type { View } from "../detail/view";
import { el, replace, setText } from "../dom";
import { coordinates } from "../format";
import type { Host } from "../host";
import { t, word } from "../i18n/language";
import { type Json, type Position, SEVERITIES, text } from "../model";
import { SendAgain, sendJson } from "../people/send";
import { PhotoField } from "./photos";
import { choose, labelled, lines, Sheet, Told } from "./sheet";

/** The channel of what is told over the telephone and entered here. */
const CHANNEL = "phone";
/** Categories that people report; `""`: the words decide. */
export const REPORTED = [
  ...["flood", "rain", "dam", "landslide", "storm", "rescue", "road", "traffic", "power", "fire", "air"],
  ...["noise", "environment", "health", "security", "infrastructure", "other"],
];

/** A report that somebody told over the telephone: its words, its place by a click on the map. */
export class ReportView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly body = el("div", {});
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "report-message" },
  });
  readonly root = el("article", {}, this.head, this.message, this.body);
  private place: Position | null = null;
  private readonly placeText = el("output", { class: "place" });
  private photos = new PhotoField();

  constructor(
    private readonly host: Host,
    private readonly leave: () => void,
  ) {
    host.pickPlace((place) => this.pointed(place));
    this.build();
  }

  changed(): void {}
  tick(): void {}

  /** The words of another language; what was typed stays. */
  render(): void {
    replace(
      this.head,
      el("div", {}, el("h2", {}, t("report.title")), el("p", { class: "dim" }, t("report.what"))),
    );
    this.tellPlace();
  }

  close(): void {
    this.photos.close();
    this.host.pickPlace(null);
    this.host.mark([]);
  }

  private pointed(place: Position): void {
    this.place = place;
    this.host.mark([{ letter: "?", position: place, severity: null, label: t("report.place") }]);
    this.tellPlace();
  }

  private tellPlace(): void {
    setText(this.placeText, this.place ? coordinates(...this.place) : t("report.point"));
    this.placeText.classList.toggle("missing", this.place === null);
  }

  private build(): void {
    this.photos.close();
    this.photos = new PhotoField();
    const words = lines(t("report.text"), "text", true, "", 4_000);
    const where = labelled(
      t("report.where"),
      el("input", { attributes: { name: "place", maxlength: "300" } }),
    );
    const category = choose(
      t("detail.category"),
      "category",
      [["", t("report.bywords")], ...REPORTED.map((one) => [one, word("category", one)] as const)],
      "",
    );
    const grade = choose(
      t("report.severity"),
      "severity",
      [["", t("report.unsaid")], ...SEVERITIES.map((one) => [one, t(`severity.${one}`)] as const)],
      "",
    );
    const off = choose(
      t("report.error"),
      "error",
      [50, 200, 1_000, 5_000].map((metres) => [String(metres), t("report.metres", { metres })] as const),
      "200",
    );
    const name = labelled(t("report.name"), el("input", { attributes: { name: "name", maxlength: "100" } }));
    const phone = labelled(
      t("report.phone"),
      el("input", { attributes: { name: "phone", type: "tel", maxlength: "30" } }),
    );
    const again = new SendAgain();
    const at = new Date(serverNow()).toISOString();
    const sheet = new Sheet(
      t("report.title"),
      [
        el("p", { class: "pointing" }, el("b", {}, `${t("report.place")}: `), this.placeText),
        words.row,
        where.row,
        category.row,
        grade.row,
        off.row,
        this.photos.row,
        name.row,
        phone.row,
        el("p", { class: "dim" }, t("report.private")),
      ],
      t("report.send"),
      async () => {
        if (!this.place) throw new Told(t("report.point"));
        const body: Json = {
          channel: CHANNEL,
          position: [...this.place],
          text: words.input.value,
          at,
          place: where.input.value,
          error_m: Number(off.input.value),
          photos: await this.photos.read(),
          ...(category.input.value ? { category: category.input.value } : {}),
          ...(grade.input.value ? { severity: grade.input.value } : {}),
          ...(name.input.value || phone.input.value
            ? { reporter: { name: name.input.value, phone: phone.input.value } }
            : {}),
        };
        const kept = await sendJson("POST", "/api/v1/reports", body, again.keyOf(body));
        const area = text(kept.area_name);
        this.place = null;
        this.host.mark([]);
        this.build();
        setText(
          this.message,
          t("report.done", { area: area || "–", category: word("category", text(kept.category)) }),
        );
      },
      this.leave,
    );
    replace(this.body, sheet.root);
    this.render();
    queueMicrotask(() => words.input.focus());
  }
}
