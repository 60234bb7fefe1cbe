import { describe, expect, it } from "vitest";
import { LEAST_MS, News } from "./news";

/** Questions that are answered by hand, and pauses that take no time; `waits` has their lengths. */
function asked() {
  const open: { signal: AbortSignal; answer: () => void; fail: () => void }[] = [];
  const waits: number[] = [];
  const news = new News({
    ask: (signal) =>
      new Promise<void>((resolve, reject) => {
        open.push({ signal, answer: resolve, fail: () => reject(new Error("away")) });
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
    pause: async (milliseconds) => {
      waits.push(milliseconds);
    },
    random: () => 1,
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { news, open, waits, settled };
}

describe("news", () => {
  it("are asked for again as soon as a question is answered, one at a time", async () => {
    const { news, open, waits, settled } = asked();
    news.look(true);
    news.look(true);
    expect(open).toHaveLength(1);
    open[0]?.answer();
    await settled();
    expect(open).toHaveLength(2);
    expect(waits).toEqual([LEAST_MS]);
  });

  it("are not asked for while the page is hidden", async () => {
    const { news, open, waits, settled } = asked();
    news.look(true);
    news.look(false);
    await settled();
    expect(open[0]?.signal.aborted).toBe(true);
    expect(open).toHaveLength(1);
    expect(waits).toEqual([]);
    news.look(true);
    await settled();
    expect(open).toHaveLength(2);
    expect(open[1]?.signal.aborted).toBe(false);
  });

  it("are asked for more seldom while the server is away, and at once when it is back", async () => {
    const { news, open, waits, settled } = asked();
    news.look(true);
    for (let at = 0; at < 6; at += 1) {
      open[at]?.fail();
      await settled();
    }
    open[6]?.answer();
    await settled();
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, LEAST_MS]);
  });
});
