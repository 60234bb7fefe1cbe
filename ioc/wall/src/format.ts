import { locale } from "./i18n/language";

/** The centre's time zone; everything the page writes is in it. */
let zone = "Asia/Ho_Chi_Minh";

export function setTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    // An unknown zone leaves Viet Nam's.
  }
}

/** What writes by these options, made once: making one takes longer than a thousand texts written with it. */
class Kept<T> {
  private readonly made = new Map<object, { of: string; writer: T }>();

  constructor(private readonly make: (options: object) => T) {}

  get(options: object): T {
    const of = `${locale()} ${zone}`;
    const kept = this.made.get(options);
    if (kept?.of === of) return kept.writer;
    const writer = this.make(options);
    this.made.set(options, { of, writer });
    return writer;
  }
}

const made = new Kept((options) => new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }));
const numbers = new Kept((options) => new Intl.NumberFormat(locale(), options));

const SECONDS = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
const MINUTES = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const LONG_DATE = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
const DAY_MONTH = { day: "2-digit", month: "2-digit" } as const;
const DAY = { day: "2-digit", month: "2-digit", year: "numeric" } as const;

export function clockTime(ms: number): string {
  return made.get(SECONDS).format(ms);
}

export function hourMinute(ms: number): string {
  return made.get(MINUTES).format(ms);
}

export function longDate(ms: number): string {
  return made.get(LONG_DATE).format(ms);
}

export function dayMonth(ms: number): string {
  const parts = made.get(DAY_MONTH).formatToParts(ms);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("day")}/${of("month")}`;
}

/** Hour and minute, with the day in front unless it is the day of `now`. */
export function moment(ms: number, now: number): string {
  const day = made.get(DAY);
  const sameDay = day.format(ms) === day.format(now);
  return sameDay ? clockTime(ms) : `${day.format(ms)} ${hourMinute(ms)}`;
}

/** How far the zone is ahead of UTC at an instant, in milliseconds. */
export function zoneOffset(ms: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(ms);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return local - Math.floor(ms / 1000) * 1000;
}

const UNITS = Object.fromEntries(
  ["second", "minute", "hour", "day"].map((unit) => [unit, { style: "unit", unit, unitDisplay: "long" }]),
) as Record<string, Intl.NumberFormatOptions>;

function amount(value: number, unit: string): string {
  return numbers.get(UNITS[unit] ?? {}).format(value);
}

/** A length of time in its largest sensible unit: "3 giây", "12 phút", "2 giờ 5 phút". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return amount(seconds, "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return amount(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 10 && minutes % 60 > 0) return `${amount(hours, "hour")} ${amount(minutes % 60, "minute")}`;
  return hours < 48 ? amount(hours, "hour") : amount(Math.floor(hours / 24), "day");
}

const QUANTITY = { maximumFractionDigits: 2 };

/** A number with as many decimals as it has, at most two. */
export function quantity(value: number, unit = ""): string {
  const digits = numbers.get(QUANTITY).format(value);
  return unit ? `${digits} ${unit}` : digits;
}

/** How finely each property is measured; a value and its limit are written alike wherever they stand. */
export const DECIMALS: Record<string, number> = { water_level: 2, rain_sum: 1, pm2_5: 1, speed: 1 };

/** A reading of a property, or a limit of it, always with the decimals of that property. */
export function measured(value: number, unit: string, property: string): string {
  const decimals = DECIMALS[property];
  if (decimals === undefined) return quantity(value, unit);
  const digits = fixed(value, decimals);
  return unit ? `${digits} ${unit}` : digits;
}

const FIXED: Record<number, object> = {};

/** A value on a river or axis, always with this many decimals, so that columns stay still. */
export function fixed(value: number, decimals: number): string {
  const options = FIXED[decimals] ?? { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  FIXED[decimals] = options;
  return numbers.get(options).format(value);
}

export function coordinates(lon: number, lat: number): string {
  const degrees = (value: number, positive: string, negative: string) =>
    `${fixed(Math.abs(value), 4)}° ${value >= 0 ? positive : negative}`;
  return `${degrees(lat, "N", "S")}, ${degrees(lon, "E", "W")}`;
}
