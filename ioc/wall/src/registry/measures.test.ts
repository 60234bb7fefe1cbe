import { expect, it } from "vitest";
import { limitsOf, type Measure, publishLine, readMeasures } from "./measures";

const LEVEL = {
  name: "water_level",
  unit: "m",
  title: "Mực nước",
  title_en: "Water level",
  minimum: -5,
  maximum: 60,
};
const RAW = { code: "vu-gia", centre: "dai-loc", payload: "ioc", measures: [LEVEL] };
const of = (more: object) => readMeasures({ measures: [{ ...LEVEL, ...more }] })[0] as Measure;

it("tells the limits of a value, and of one that has fewer", () => {
  expect(limitsOf(of({}))).toMatch(/^Mực nước: .5 … 60\sm$/u);
  expect(limitsOf(of({ maximum: null }))).toMatch(/^Mực nước: ≥ .5\sm$/u);
  expect(limitsOf(of({ minimum: null }))).toMatch(/^Mực nước: ≤ 60\sm$/u);
  expect(limitsOf(of({ minimum: null, maximum: null }))).toBe("Mực nước (m)");
  expect(readMeasures({})).toEqual([]);
});

it("writes the line that sends a value, and never the key", () => {
  const made = {
    user: "vu-gia~",
    key: "secret",
    broker: { host: "mqtt.example", port: 1883, tls_port: 8883 },
  };
  const line = publishLine(RAW, made);
  expect(line).toBe(
    "mosquitto_pub -h mqtt.example -p 1883 -u 'vu-gia~' -P \"$KEY\" -q 1 -t ioc/v1/dai-loc/vu-gia/readings" +
      ' -m "{\\"at\\": \\"$(date -u +%FT%TZ)\\", \\"run\\": \\"$(date +%s)\\", \\"seq\\": 0,' +
      ' \\"values\\": {\\"water_level\\": 1}}"',
  );
});

it("asks for TLS where nothing else is offered, and for host and port where they are not told", () => {
  const broker = { host: "mqtt.example", port: null, tls_port: 8883, ca: "-----BEGIN" };
  expect(publishLine(RAW, { broker })).toContain("-p 8883 --cafile ca.pem -u 'vu-gia' ");
  expect(publishLine({ ...RAW, key: { user: "vu-gia~" } }, {})).toContain(
    `-h "$HOST" -p "$PORT" -u 'vu-gia~' `,
  );
});

it("shows a value that is possible, and no line to what sends in another form", () => {
  const at = (minimum: number | null, maximum: number | null) =>
    /: (-?[\d.]+)\}\}"$/.exec(publishLine({ ...RAW, measures: [{ ...LEVEL, minimum, maximum }] }, {}))?.[1];
  expect([at(0, 300), at(200, 300), at(-9, -2), at(null, -2), at(5, null), at(null, null)]).toEqual([
    "1",
    "200",
    "-9",
    "-2",
    "5",
    "1",
  ]);
  for (const other of [{ payload: "lorawan-raw" }, { measures: [] }]) {
    expect(publishLine({ ...RAW, ...other }, {})).toBe("");
  }
});
