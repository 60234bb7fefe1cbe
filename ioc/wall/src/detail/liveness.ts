/** A picture of this age is not what can be seen now: a new one is made each 1.5 s and fetched each 3 s. */
export const OLD_MS = 10_000;

export type Past = "state" | "old" | "away";

/**
 * Why a picture is not what can be seen now, null when it is.
 * @param state what the server says of the camera; empty while it has said nothing
 * @param answered whether the server answered when it was asked last
 */
export function past(state: string, takenAt: number | null, now: number, answered: boolean): Past | null {
  if (state !== "" && state !== "live") return "state";
  if (takenAt !== null && now - takenAt > OLD_MS) return "old";
  if (!answered) return "away";
  return state === "live" && takenAt !== null ? null : "old";
}
