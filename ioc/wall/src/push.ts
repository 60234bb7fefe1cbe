/** This browser's own part of web push (W3C Push API). It says nothing to people, so that the inbox may use it, too. */

/** The inbox's worker takes the messages of all pages: a browser has one subscription for each worker. */
const WORKER = "/inbox-worker.js";
const SCOPE = "/inbox";
/** Whose subscription it is: a session may end without a sign-out, and then somebody else signs in here. */
const OWNER = "ioc.push";
/** Signing out never waits longer than this for the push service. */
const PATIENCE_MS = 3_000;

/** Why this browser cannot take messages: its person does not allow it, or its push service is not reached. */
export class PushFailed extends Error {
  constructor(readonly why: "denied" | "unreached") {
    super(why);
  }
}

/** What is needed of the browser and of the server. */
export interface Device {
  workers: Pick<ServiceWorkerContainer, "register" | "getRegistration">;
  permit: () => Promise<NotificationPermission>;
  memory: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Sends to our own server; fails when it is refused. */
  send: (path: string, body: object) => Promise<unknown>;
}

/** The key in base64url without padding, as bytes. */
export function keyBytes(key: string): Uint8Array<ArrayBuffer> {
  const raw = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function sameKey(held: ArrayBuffer | null | undefined, key: Uint8Array): boolean {
  const bytes = new Uint8Array(held ?? new ArrayBuffer(0));
  return bytes.length === key.length && bytes.every((byte, at) => byte === key[at]);
}

/** Whether this browser can take messages at all: not without TLS, and not on every telephone. */
export function pushKnown(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

export function thisDevice(send: Device["send"]): Device {
  return {
    workers: navigator.serviceWorker,
    permit: () => Notification.requestPermission(),
    memory: localStorage,
    send,
  };
}

/** The worker's registration, as soon as the worker runs. */
async function running(workers: Device["workers"]): Promise<ServiceWorkerRegistration> {
  const made = await workers.register(WORKER, { scope: SCOPE, updateViaCache: "none" });
  if (made.active) return made;
  const coming = made.installing ?? made.waiting;
  await new Promise<void>((resolve, reject) => {
    coming?.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve();
      if (coming.state === "redundant") reject(new PushFailed("unreached"));
    });
    if (!coming) reject(new PushFailed("unreached"));
  });
  return made;
}

/** Signs this browser up for a person's messages, and off again. */
export class BrowserPush {
  constructor(private readonly device: Device) {}

  private async held(): Promise<PushSubscription | null> {
    const registration = await this.device.workers.getRegistration(SCOPE);
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  /** Whether this browser takes the messages of this person. */
  async takes(login: string): Promise<boolean> {
    return this.device.memory.getItem(OWNER) === login && (await this.held()) !== null;
  }

  /** PushFailed, or what `send` fails with; then this browser takes no messages. Again is harmless. */
  async signUp(login: string, publicKey: string): Promise<void> {
    if ((await this.device.permit()) !== "granted") throw new PushFailed("denied");
    const { pushManager } = await running(this.device.workers);
    const key = keyBytes(publicKey);
    let held = await pushManager.getSubscription();
    if (held && !sameKey(held.options.applicationServerKey, key)) {
      await held.unsubscribe();
      held = null;
    }
    try {
      held ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    } catch {
      throw new PushFailed("unreached");
    }
    try {
      await this.device.send("/api/v1/push", held.toJSON());
    } catch (error) {
      await held.unsubscribe();
      throw error;
    }
    this.device.memory.setItem(OWNER, login);
  }

  /** Both forget, whichever answers: what is still sent then finds nobody, and the server hears that. */
  async signOff(): Promise<void> {
    const held = await this.held();
    this.device.memory.removeItem(OWNER);
    if (!held) return;
    const { endpoint } = held;
    const forgotten = held.unsubscribe();
    const told = this.device.send("/api/v1/push/unsubscribe", { endpoint });
    await Promise.all([forgotten, told]);
  }

  /** Signs off before a sign-out, which it neither fails nor holds up. */
  async leave(): Promise<void> {
    await this.briefly(this.signOff());
  }

  /** Whoever signs in here does not get the messages of who was here before. */
  async welcome(login: string): Promise<void> {
    const owner = this.device.memory.getItem(OWNER);
    if (owner !== null && owner !== login) await this.briefly(this.signOff());
  }

  private async briefly(work: Promise<void>): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
    await Promise.race([work.catch(() => undefined), late]);
  }
}
