import { expect, it } from "vitest";
import { CHOICES, isLight, theme } from "./theme";

it("is dark where nobody has chosen", () => {
  expect(theme()).toBe("dark");
});

it("follows the system only where the reader wants that", () => {
  const light = (system: boolean) => CHOICES.filter((choice) => isLight(choice, system));
  expect(light(true)).toEqual(["light", "system"]);
  expect(light(false)).toEqual(["light"]);
});
