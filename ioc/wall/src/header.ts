import type { Session } from "./api";
import { serverNow } from "./clock";
import { pageBell } from "./desk/bell";
import { pageMenu } from "./desk/menu";
import { el, replace, setText } from "./dom";
import { clockTime, duration, longDate } from "./format";
import { language, t } from "./i18n/language";
import { languageButton } from "./languagebutton";
import type { LiveStatus } from "./live";
import { Losses } from "./losses";
import { OLD_MS } from "./newest";
import { replayBadge } from "./replay";
import { signOut } from "./signout";

/** The pages beside the wall that have a link in its head; the others are in the menu. */
const LINKS = [
  { href: "/cameras", key: "header.cameras", sees: "camera" },
  { href: "/rules", key: "header.rules", sees: "rule" },
  { href: "/quality", key: "header.quality", sees: "alarm" },
] as const;

/** The name of the centre, the replay badge, how new the picture is, the clock and the reader. */
export class Header {
  private readonly newest = el("span", { class: "newest", data: { testid: "newest-reading" } });
  private readonly age = el("span", { class: "age" });
  private readonly losses: Losses;
  private readonly clock = el("time", { class: "clock" });
  private readonly date = el("span", { class: "date" });

  constructor(
    private readonly root: HTMLElement,
    private readonly session: Session,
  ) {
    this.losses = new Losses(session.sees.includes("dead_letter"));
    this.render();
  }

  render(): void {
    const centre = language() === "vi" ? this.session.centreName : this.session.centreNameEn;
    document.title = t("app.short");
    replace(
      this.root,
      el("div", { class: "brand" }, el("h1", {}, t("app.name")), el("span", { class: "centre" }, centre)),
      replayBadge(this.session),
      el("div", { class: "ages" }, this.newest, this.age, this.losses.root),
      el("div", { class: "now" }, this.date, this.clock),
      el(
        "div",
        { class: "reader" },
        ...LINKS.map(
          ({ href, key, sees }) =>
            this.session.sees.includes(sees) && el("a", { class: "quiet", attributes: { href } }, t(key)),
        ),
        pageMenu(
          this.session.sees,
          LINKS.map(({ href }) => href),
        ),
        pageBell("streamed"),
        languageButton(),
        el(
          "button",
          {
            class: "quiet",
            attributes: { type: "button", title: this.session.name },
            on: { click: () => void signOut() },
          },
          t("signout"),
        ),
      ),
    );
  }

  /**
   * Called each second, and when the connection changes.
   *
   * @param newest when the newest reading was made, in milliseconds since the epoch
   * @param dropped how many messages the broker dropped
   */
  tick(status: LiveStatus, monotonic: number, newest: number | null, dropped: number): void {
    const now = serverNow();
    const old = newest === null ? 0 : Math.max(0, now - newest);
    setText(this.newest, newest === null ? t("newest.none") : t("newest.age", { age: duration(old) }));
    this.newest.classList.toggle("old", old > OLD_MS);
    setText(this.clock, clockTime(now));
    setText(this.date, longDate(now));
    const sign = status.lastSign;
    const connecting = status.state === "connecting" || sign === null;
    setText(this.age, connecting ? t("live.connecting") : t("live.age", { age: duration(monotonic - sign) }));
    this.age.dataset.state = status.state;
    this.losses.tick(dropped);
  }

  /** Asks now and then what did not come through. */
  followLosses(): void {
    this.losses.start(serverNow);
  }
}
