import { call } from "../api";
import { el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import { shrunk } from "../inbox/photo";
import { text } from "../model";
import { reason, whyNot } from "../people/send";
import type { Desk } from "./desk";
import { pathOf, sendBytes } from "./server";
import { readThing, type Thing } from "./thing";

/** Shows the newest one: its address stays the same, so that a browser would keep the one before. */
async function show(thing: Thing, place: HTMLElement): Promise<void> {
  try {
    const answer = await call(pathOf(thing.family, thing.code, "/photo"));
    const src = URL.createObjectURL(await answer.blob());
    const picture = el("img", { attributes: { src, alt: t("register.photo.of", { name: thing.name }) } });
    picture.addEventListener("load", () => URL.revokeObjectURL(src));
    replace(place, picture);
  } catch (error) {
    replace(place, el("p", { class: "note" }, whyNot(error)));
  }
}

/** The photograph of a thing where it hangs; a phone takes a new one, which is made small before it is sent. */
export function photoCard(thing: Thing, desk: Desk): HTMLElement | null {
  const id = text(thing.raw.photo);
  if (id === "" && !desk.keeps) return null;
  const told = el("p", { class: "message", attributes: { role: "status" }, data: { testid: "photo-told" } });
  const input = el("input", {
    attributes: { type: "file", accept: "image/*", capture: "environment", id: "photo" },
    data: { testid: "photo" },
  });
  const send = async (file: File) => {
    setText(told, t("register.photo.sending"));
    try {
      const body = await sendBytes("PUT", pathOf(thing.family, thing.code, "/photo"), await shrunk(file));
      const saved = readThing(thing.family, body);
      if (saved) desk.take(saved);
      desk.say(t("register.photo.saved"));
    } catch (error) {
      setText(told, reason(error));
    } finally {
      input.value = "";
    }
  };
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void send(file);
  });
  const place = el("figure", { class: "photo" });
  if (id !== "") void show(thing, place);
  return el(
    "section",
    { class: "card", data: { testid: "photo-card" } },
    el("h3", {}, t("register.photo")),
    id !== "" && place,
    desk.keeps &&
      el(
        "div",
        {},
        el("label", { class: "quiet taking", attributes: { for: "photo" } }, t("register.photo.take")),
        input,
      ),
    told,
  );
}
