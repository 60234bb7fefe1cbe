import { describe, expect, it } from "vitest";
import { readTyped, writtenOf } from "./position";

const HERE = { kind: "degrees", position: [108.33, 15.88], swapped: false };

describe("a place that is typed", () => {
  it.each([
    "15,88 108,33",
    "15.88 108.33",
    "15.88, 108.33",
    "15.88,108.33",
    "15,88; 108,33",
    "15,88, 108,33",
  ])("is read with commas or points: %s", (written) => expect(readTyped(written)).toEqual(HERE));

  it("is read in the other order, and that is said", () => {
    expect(readTyped("108,33 15,88")).toEqual({ ...HERE, swapped: true });
  });

  it("is read with minutes and seconds", () => {
    expect(readTyped("15°52'48\"N 108°19'48\"E")).toEqual(HERE);
    expect(readTyped("15° 52,8′ B, 108° 19,8′ Đ")).toEqual(HERE);
  });

  it("is read as metres of VN-2000, in whichever order", () => {
    const plane = { kind: "plane", easting: 562_123.5, northing: 1_757_000.25 };
    for (const written of ["1757000,25 562123,5", "X=1757000.25 Y=562123.5", "562.123,5; 1.757.000,25"])
      expect(readTyped(written), written).toEqual(plane);
  });

  it("is refused where it is none, or not here", () => {
    expect(readTyped("  ")).toEqual({ kind: "empty" });
    for (const written of ["15,88", "here", "15,88,108,33", "1 2 3", "°°"])
      expect(readTyped(written), written).toEqual({ kind: "fault", fault: "unreadable" });
    for (const written of ["48,1 11,5", "0 0", "-15,88 108,33", "5000 6000"])
      expect(readTyped(written), written).toEqual({ kind: "fault", fault: "outside" });
  });

  it("is written so that it is read again", () => {
    expect(writtenOf([108.33, 15.88])).toBe("15.88, 108.33");
    expect(readTyped(writtenOf([108.3312342, 15.8812348]))).toMatchObject({
      position: [108.331234, 15.881235],
    });
  });
});
