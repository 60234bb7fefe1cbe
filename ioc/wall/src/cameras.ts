import { getJson } from "./api";
import { setTitle, waysOut } from "./desk/head";
import { byId, el, replace } from "./dom";
import { Mosaic, SIZES } from "./film/mosaic";
import { language, onLanguage, t } from "./i18n/language";
import { knownSession } from "./known";
import { isJson, type Place, type Position, position, readPlace, text } from "./model";
import { metresBetween } from "./work/distance";

const REFRESH_MS = 5_000;
const PAGE = 1_000;

/**
 * The cameras of the reader's scope, by name; what a page of them cannot hold follows it. Those that never gave a
 * picture (a maker's camera that only reports events) stand last, so that the first page shows something.
 */
async function cameras(): Promise<Place[]> {
  const found: Place[] = [];
  let path: string | null = `/ogc/collections/cameras/items?limit=${PAGE}`;
  while (path !== null) {
    const body: unknown = await getJson(path);
    const features = isJson(body) && Array.isArray(body.features) ? body.features.filter(isJson) : [];
    for (const feature of features) {
      const place = readPlace(text(feature.id), feature);
      if (place) found.push(place);
    }
    const links: unknown[] = isJson(body) && Array.isArray(body.links) ? body.links : [];
    const next = links.find((link) => isJson(link) && link.rel === "next");
    path = isJson(next) ? new URL(text(next.href), location.href).pathname + query(text(next.href)) : null;
  }
  const mute = (camera: Place) =>
    Number(camera.state === "silent" && (camera.health?.expectedFps ?? null) === null);
  const far = farFrom(near());
  return found.sort(
    (one, other) =>
      mute(one) - mute(other) || far(one) - far(other) || one.name.localeCompare(other.name, language()),
  );
}

/** The place that the address names after its #, as the wall does: what is worst there. */
function near(): Position | null {
  const [, lon, lat] = /^#near=(-?[\d.]+),(-?[\d.]+)$/.exec(location.hash) ?? [];
  return lon === undefined ? null : position([Number(lon), Number(lat)]);
}

/** How far a camera is from a place, in metres; all alike where there is none. */
function farFrom(place: Position | null): (camera: Place) => number {
  if (!place) return () => 0;
  return (camera) => (camera.position ? metresBetween(camera.position, place) : Number.MAX_VALUE);
}

function query(href: string): string {
  return new URL(href, location.href).search;
}

/** The page of cameras: its head, and the tiles. */
class CamerasPage {
  private readonly head = el("header");
  private readonly mosaic = new Mosaic(() => this.drawHead());

  constructor(
    root: HTMLElement,
    private readonly sees: readonly string[],
  ) {
    replace(root, this.head, this.mosaic.root);
    this.drawHead();
    onLanguage(() => {
      this.drawHead();
      this.mosaic.tick();
    });
  }

  start(): void {
    setInterval(() => this.mosaic.tick(), 1_000);
    const refresh = async () => {
      try {
        this.mosaic.take(await cameras());
      } catch {
        // The last list stays; what is shown tells its own age.
      }
      setTimeout(() => void refresh(), REFRESH_MS);
    };
    void refresh();
  }

  private drawHead(): void {
    setTitle(t("cameras.title"));
    const { page, pages } = this.mosaic.place;
    const button = (name: string, label: string, click: () => void, pressed?: boolean) =>
      el(
        "button",
        {
          class: "quiet",
          attributes: {
            type: "button",
            ...(pressed === undefined ? {} : { "aria-pressed": String(pressed) }),
          },
          data: { testid: name },
          on: { click },
        },
        label,
      );
    const active = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : "";
    replace(
      this.head,
      el("h1", {}, t("cameras.title")),
      el(
        "div",
        { class: "sizes", attributes: { role: "group", "aria-label": t("cameras.size") } },
        ...SIZES.map((size) =>
          button(`size-${size}`, String(size), () => this.mosaic.setSize(size), size === this.mosaic.size),
        ),
      ),
      pages > 1 && button("before", t("cameras.before"), () => this.mosaic.turn(-1)),
      near() !== null && el("span", { class: "dim" }, t("cameras.near")),
      el("span", { class: "dim" }, t("cameras.page", { page: page + 1, pages })),
      pages > 1 && button("next", t("cameras.next"), () => this.mosaic.turn(1)),
      el("p", { class: "dim keys" }, t("cameras.keys")),
      waysOut(this.sees),
    );
    if (active) this.head.querySelector<HTMLElement>(`[data-testid="${active}"]`)?.focus();
  }
}

async function main(): Promise<void> {
  const session = await knownSession();
  if (session) new CamerasPage(byId("cameras"), session.sees).start();
}

void main();
