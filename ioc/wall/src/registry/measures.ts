import { quantity } from "../format";
import { language } from "../i18n/language";
import { isJson, type Json, number, text } from "../model";

/** A value that a device sends, with its physical limits; null: none. */
export interface Measure {
  name: string;
  unit: string;
  title: string;
  titleEn: string;
  minimum: number | null;
  maximum: number | null;
}

/** What the profile of a device takes, as its record tells it. */
export function readMeasures(raw: Json): Measure[] {
  const told = Array.isArray(raw.measures) ? raw.measures : [];
  return told.filter(isJson).map((one) => ({
    name: text(one.name),
    unit: text(one.unit),
    title: text(one.title),
    titleEn: text(one.title_en, text(one.title)),
    minimum: number(one.minimum),
    maximum: number(one.maximum),
  }));
}

/** The title, the unit and the limits of a value. */
export function limitsOf({ title, titleEn, unit, minimum, maximum }: Measure): string {
  const name = language() === "en" ? titleEn : title;
  if (minimum !== null && maximum !== null)
    return `${name}: ${quantity(minimum)} … ${quantity(maximum, unit)}`;
  if (minimum !== null) return `${name}: ≥ ${quantity(minimum, unit)}`;
  if (maximum !== null) return `${name}: ≤ ${quantity(maximum, unit)}`;
  return unit === "" ? name : `${name} (${unit})`;
}

/** A value that lies within the limits. */
function example({ minimum, maximum }: Measure): number {
  const least = minimum ?? Math.min(0, maximum ?? 0);
  const most = maximum ?? Math.max(1, least);
  return least <= 1 && most >= 1 ? 1 : least;
}

/**
 * The command that sends one value as a device, with the key as `$KEY`: it stays out of what is copied about. Host and
 * port are those of the answer that made the key, else variables too. Each time is a run of its own, so that a trial
 * leaves no gap in the numbers. Empty where the device sends in a form that is not this one.
 */
export function publishLine(raw: Json, made: Json): string {
  const measure = readMeasures(raw)[0];
  if (measure === undefined || text(raw.payload) !== "ioc") return "";
  const code = text(raw.code);
  const key = isJson(raw.key) ? raw.key : {};
  const broker = isJson(made.broker) ? made.broker : {};
  const plain = number(broker.port);
  const tls = plain === null ? number(broker.tls_port) : null;
  const said = `{"at": "$(date -u +%FT%TZ)", "run": "$(date +%s)", "seq": 0, "values": {"${measure.name}": ${example(measure)}}}`;
  return [
    `mosquitto_pub -h ${text(broker.host) || '"$HOST"'} -p ${plain ?? tls ?? '"$PORT"'}`,
    tls === null
      ? ""
      : ` --cafile ${text(broker.ca) === "" ? "/etc/ssl/certs/ca-certificates.crt" : "ca.pem"}`,
    ` -u '${text(made.user) || text(key.user, code)}' -P "$KEY" -q 1`,
    ` -t ioc/v1/${text(raw.centre)}/${code}/readings -m "${said.replaceAll('"', '\\"')}"`,
  ].join("");
}
