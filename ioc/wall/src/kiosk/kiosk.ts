import { onSignedOut, type Session } from "../api";
import type { Board } from "../board";
import { shownNow } from "../clock";
import { el, replace, setText } from "../dom";
import { clockTime, duration } from "../format";
import { t } from "../i18n/language";
import type { LiveStatus } from "../live";
import type { WallMap } from "../map/map";
import type { Position } from "../model";
import { replayBadge } from "../replay";
import { Card } from "./card";
import { inTurn, largerBy, Round, SECONDS, secondsOf } from "./round";

/** Kept for this window while it is a kiosk, so that it is one again behind the sign-in. */
const STORED = "ioc.kiosk";
const ZOOM = 12;
/** The map takes so long to arrive: slowly enough that nobody is startled. */
const CALM_MS = 2_500;

/** What the kiosk moves of the page. */
export interface Stage {
  readonly session: Session;
  readonly board: Board;
  map(): WallMap | null;
  status(): LiveStatus;
  /** Closes whatever hands have opened: panel, past, search. */
  clear(): void;
  /** The whole province again, with nothing chosen. */
  home(): void;
}

/** A screen without hands: it goes through what is worst by itself, and says so when what it shows is not true. */
export class Kiosk {
  private readonly clock = el("b", { class: "kioskclock" });
  private readonly place = el("span", { data: { testid: "kiosk-place" } });
  private readonly hint = el("span", { class: "dim" });
  private readonly head = el("div", { class: "kioskhead" }, this.clock, this.place);
  private readonly body = el("div", { class: "kioskbody", attributes: { "aria-live": "polite" } });
  private readonly alert = el("div", {
    class: "kioskalert",
    attributes: { role: "alert" },
    data: { testid: "kiosk-alert" },
  });
  private readonly played = el("div", { class: "kioskplayed" });
  private readonly root = el(
    "section",
    { data: { testid: "kiosk" } },
    this.played,
    this.head,
    this.body,
    this.hint,
  );
  private round = new Round();
  private card: Card | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private seconds = SECONDS;
  private on = false;
  private over = false;
  private wentTo: Position | null = null;

  constructor(private readonly stage: Stage) {
    this.root.id = "kiosk";
    document.addEventListener("keydown", (event) => this.key(event), { capture: true });
  }

  /** Begins where the address, or this window before its sign-in, asks for it. */
  begin(): void {
    const kept = sessionStorage.getItem(STORED);
    const seconds = secondsOf(location.search) ?? (kept === null ? null : secondsOf(`?kiosk=${kept}`));
    if (seconds !== null) this.enter(seconds);
  }

  get shows(): boolean {
    return this.on;
  }

  enter(seconds = SECONDS): void {
    if (this.on) return;
    this.on = true;
    this.seconds = seconds;
    this.round = new Round();
    sessionStorage.setItem(STORED, String(seconds));
    history.replaceState(null, "", `/?kiosk=${seconds}`);
    this.stage.clear();
    document.body.dataset.kiosk = "";
    document.getElementById("main")?.append(this.root);
    document.body.append(this.alert);
    onSignedOut(() => this.signedOut());
    replace(this.played, replayBadge(this.stage.session));
    setText(this.hint, t("kiosk.leave"));
    this.stage.map()?.resize();
    this.changed();
    this.tick();
  }

  leave(): void {
    this.on = false;
    sessionStorage.removeItem(STORED);
    history.replaceState(null, "", "/");
    this.drop();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.root.remove();
    this.alert.remove();
    delete document.body.dataset.kiosk;
    this.stage.map()?.enlarge(null);
    onSignedOut(null);
    this.stage.map()?.resize();
    this.stage.home();
    if (this.over) location.replace("/signin");
  }

  /** The picture is another: what is shown may have ended, or something worse may have come. */
  changed(): void {
    if (!this.on) return;
    const { board } = this.stage;
    if (board.complete && (this.round.see(board.incidents.values()) || this.card === null)) this.next();
    else this.card?.draw();
  }

  /** Once a second. */
  tick(): void {
    if (!this.on) return;
    setText(this.clock, clockTime(shownNow()));
    this.stage.map()?.enlarge(largerBy(innerWidth));
    this.card?.tick();
    this.tellTrouble();
    const shown = this.card?.root.dataset.incident;
    const position = shown ? this.stage.board.incidents.get(shown)?.position : null;
    if (position && !this.wentTo) this.go(position, shown ?? "");
  }

  private next(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), this.seconds * 1000);
    const { board, session } = this.stage;
    const incident = this.round.next(board.incidents.values());
    const list = inTurn(board.incidents.values());
    const at = list.findIndex((one) => one.id === incident?.id) + 1;
    setText(this.place, incident ? t("kiosk.place", { at, count: list.length }) : "");
    const same = incident !== null && this.card?.root.dataset.incident === incident.id && !this.round.broke;
    if (same) return;
    this.drop();
    if (incident) {
      this.card = new Card(board, incident, this.round.broke, session.sees);
      replace(this.body, this.card.root);
      if (incident.position) this.go(incident.position, incident.id);
    } else {
      replace(this.body, el("p", { class: "kioskcalm", data: { testid: "kiosk-calm" } }, t("kiosk.calm")));
      this.stage.home();
    }
  }

  private drop(): void {
    this.card?.close();
    this.card = null;
    this.wentTo = null;
  }

  private go(position: Position, id: string): void {
    const map = this.stage.map();
    if (!map) return;
    this.wentTo = position;
    map.choose(id, this.stage.board.incidents.get(id)?.areaCode ?? "");
    map.go({ centre: position, zoom: ZOOM }, CALM_MS);
  }

  /** What cannot be trusted is said over everything else. */
  private tellTrouble(): void {
    const { state, lastSign } = this.stage.status();
    const lost = state === "lost";
    this.alert.hidden = !this.over && !lost;
    if (this.over) this.say(t("kiosk.ended"), t("kiosk.endedhow"));
    else if (lost) {
      const age = lastSign === null ? null : duration(performance.now() - lastSign);
      this.say(t("kiosk.lost"), age === null ? t("kiosk.never") : t("kiosk.lostage", { age }));
    }
  }

  private say(title: string, how: string): void {
    if (this.alert.children.length !== 2) replace(this.alert, el("strong", {}), el("span", {}));
    const [first, second] = this.alert.children;
    if (first) setText(first, title);
    if (second) setText(second, how);
  }

  private signedOut(): void {
    this.over = true;
    document.body.dataset.live = "lost";
    this.tick();
  }

  /** There are no controls: the one key leaves, and where the session has ended another signs in again. */
  private key(event: KeyboardEvent): void {
    if (!this.on) return;
    event.stopImmediatePropagation();
    if (event.key === "Escape") this.leave();
    else if (event.key === "Enter" && this.over) location.replace("/signin");
    else return;
    event.preventDefault();
  }
}
