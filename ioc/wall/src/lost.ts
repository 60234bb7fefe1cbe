import { el, replace, setText } from "./dom";
import { duration } from "./format";
import { t } from "./i18n/language";
import type { LiveStatus } from "./live";

/** The banner that says that what the wall shows is no longer true. */
export class LostBanner {
  private readonly title = el("strong", {});
  private readonly age = el("span", {});
  private readonly retry = el("span", { class: "retry" });

  constructor(private readonly root: HTMLElement) {
    replace(root, this.title, this.age, this.retry);
  }

  tick(status: LiveStatus, monotonic: number): void {
    const lost = status.state === "lost";
    if (lost) {
      const { lastSign, retryAt } = status;
      setText(this.title, t("lost.title"));
      setText(
        this.age,
        lastSign === null ? t("lost.never") : t("lost.age", { age: duration(monotonic - lastSign) }),
      );
      const left = retryAt === null ? 0 : Math.ceil((retryAt - monotonic) / 1000);
      setText(this.retry, left > 0 ? t("lost.retry", { seconds: duration(left * 1000) }) : t("lost.trying"));
    }
    this.root.hidden = !lost;
  }
}
