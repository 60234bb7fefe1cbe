import { isJson, type Json, number, type Position, position, text, time } from "../model";
import { codeOf } from "./drafting";

/** Who came with a one-time code; what it says of itself is not believed before a person looks. */
export interface Enrolment {
  id: string;
  subject: "device" | "camera";
  centre: string;
  kind: string;
  profile: string;
  serial: string;
  maker: string;
  model: string;
  firmware: string;
  name: string;
  note: string;
  position: Position | null;
  address: string;
  arrivedAt: number | null;
}

/** An unknown device that spoke. */
export interface Spoken {
  topic: string;
  centre: string;
  /** Empty where a gateway spoke for it. */
  code: string;
  count: number;
  lastAt: number | null;
  text: string;
}

export interface Queue {
  enrolments: Enrolment[];
  spoken: Spoken[];
}

export interface OpenCode {
  id: string;
  subject: string;
  centre: string;
  profile: string;
  kind: string;
  note: string;
  madeBy: string;
  expiresAt: number | null;
}

export interface MadeCode extends OpenCode {
  code: string;
  link: string;
  label: string;
}

function listOf(body: unknown, name: string): Json[] {
  const list = isJson(body) ? body[name] : null;
  return Array.isArray(list) ? list.filter(isJson) : [];
}

function enrolmentOf(one: Json): Enrolment {
  const said = isJson(one.said) ? one.said : {};
  return {
    id: text(one.id),
    subject: one.subject === "camera" ? "camera" : "device",
    centre: text(one.centre),
    kind: text(one.kind),
    profile: text(one.profile),
    serial: text(said.serial),
    maker: text(said.maker),
    model: text(said.model),
    firmware: text(said.firmware),
    name: text(said.name),
    note: text(said.note),
    position: position(said.position),
    address: text(one.address),
    arrivedAt: time(one.arrived_at),
  };
}

export function readQueue(body: unknown): Queue {
  return {
    enrolments: listOf(body, "enrolments")
      .map(enrolmentOf)
      .filter(({ id }) => id !== ""),
    spoken: listOf(body, "spoke").map((one) => ({
      topic: text(one.topic),
      centre: text(one.centre),
      code: text(one.code),
      count: number(one.count) ?? 0,
      lastAt: time(one.last_at),
      text: text(one.text),
    })),
  };
}

function codeLine(one: Json): OpenCode {
  return {
    id: text(one.id),
    subject: text(one.subject),
    centre: text(one.centre),
    profile: text(one.profile),
    kind: text(one.kind),
    note: text(one.note),
    madeBy: text(one.made_by),
    expiresAt: time(one.expires_at),
  };
}

export function readCodes(body: unknown): OpenCode[] {
  return listOf(body, "codes").map(codeLine);
}

export function readMade(body: unknown): MadeCode[] {
  return listOf(body, "codes").map((one) => ({
    ...codeLine(one),
    code: text(one.code),
    link: text(one.link),
    label: text(one.label),
  }));
}

/** A code of the register for who came: out of its name, else of what kind it is and its serial number. */
export function offeredCode(one: Enrolment): string {
  const found = one.name ? codeOf(one.name) : codeOf(`${one.profile || one.kind} ${one.serial}`);
  return found.replace(/[^a-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
}

/** What in a message names its device, in the order in which network servers are asked. */
const NAMES = [
  ["end_device_ids", "device_id"],
  ["deviceInfo", "devEui"],
  ["devEUI"],
  ["devEui"],
  ["dev_eui"],
  ["device"],
  ["code"],
  ["id"],
] as const;

const EUI = /^[0-9a-f]{16}$/i;

/**
 * Under which code a device that spoke would be registered, and behind which gateway: by its topic, else by what the
 * gateway's message calls it; empty where neither says.
 */
export function draftOf(spoken: Spoken): { code: string; gateway: string } {
  if (spoken.code !== "") return { code: spoken.code, gateway: "" };
  const gateway = spoken.topic.split("/")[3] ?? "";
  for (const path of NAMES) {
    const found = namedIn(spoken.text, path);
    if (found === "") continue;
    return { code: EUI.test(found) ? `eui-${found.toLowerCase()}` : found.toLowerCase(), gateway };
  }
  return { code: "", gateway };
}

/** A member of a message whose end may be cut off: read as JSON where it is whole, else looked for. */
function namedIn(message: string, path: readonly string[]): string {
  try {
    let at: unknown = JSON.parse(message);
    for (const name of path) at = isJson(at) ? at[name] : undefined;
    return text(at);
  } catch {
    const name = path.at(-1) ?? "";
    return new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{1,63})"`).exec(message)?.[1] ?? "";
  }
}

/** The one-time code behind the # of a label's address; empty where there is none. */
export function codeIn(hash: string): string {
  const [, found = ""] = /^#enrol=([^&]*)/.exec(hash) ?? [];
  try {
    return decodeURIComponent(found).slice(0, 100);
  } catch {
    return found.slice(0, 100);
  }
}

export interface Collected {
  state: "waiting" | "refused" | "collected";
  reason: string;
  askAgain: number;
  thing: string;
  key: string;
}

export function readCollected(body: Json): Collected {
  const state = text(body.state);
  return {
    state: state === "refused" || state === "collected" ? state : "waiting",
    reason: text(body.reason),
    askAgain: number(body.ask_again_s) ?? 30,
    thing: text(body.thing),
    key: text(body.key),
  };
}
