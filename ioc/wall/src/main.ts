import { byId } from "./dom";
import { knownSession, RETRY_MS } from "./known";
import { LostBanner } from "./lost";
import { Wall } from "./wall";

async function main(): Promise<void> {
  const known = await knownSession(() => {
    const now = performance.now();
    document.body.dataset.live = "lost";
    new LostBanner(byId("lost")).tick({ state: "lost", lastSign: null, retryAt: now + RETRY_MS }, now);
  });
  if (known) new Wall(known).start();
}

void main();
