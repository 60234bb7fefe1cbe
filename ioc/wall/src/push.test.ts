import { describe, expect, it } from "vitest";
import { BrowserPush, type Device, keyBytes } from "./push";

const KEY = "BPg-_w";

/** A browser with a push service that does what is asked of it; `told` has what it and our server were asked. */
function browser(more: { permission?: NotificationPermission; deaf?: boolean; refuse?: boolean } = {}) {
  const told: string[] = [];
  const memory = new Map<string, string>();
  let held: PushSubscription | null = null;
  const subscription = (key: BufferSource) => {
    const made = {
      endpoint: "https://push.example/1",
      options: { applicationServerKey: (key as Uint8Array<ArrayBuffer>).buffer, userVisibleOnly: true },
      toJSON: () => ({ endpoint: made.endpoint, expirationTime: null, keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: async () => {
        told.push("browser off");
        held = null;
        return true;
      },
    };
    return made as unknown as PushSubscription;
  };
  const registration = {
    active: {},
    pushManager: {
      getSubscription: async () => held,
      subscribe: async (options: PushSubscriptionOptionsInit) => {
        if (more.deaf) throw new DOMException("push service not available", "AbortError");
        told.push("browser on");
        held = subscription(options.applicationServerKey as BufferSource);
        return held;
      },
    },
  } as unknown as ServiceWorkerRegistration;
  const device: Device = {
    workers: {
      register: async (url: string | URL) => {
        told.push(`worker ${url}`);
        return registration;
      },
      getRegistration: async () => registration,
    },
    permit: async () => more.permission ?? "granted",
    memory: {
      getItem: (name) => memory.get(name) ?? null,
      setItem: (name, value) => void memory.set(name, value),
      removeItem: (name) => void memory.delete(name),
    },
    send: async (path, body) => {
      told.push(`${path} ${JSON.stringify(body)}`);
      if (more.refuse) throw new Error("push-host");
    },
  };
  return { push: new BrowserPush(device), told };
}

const ON = [
  "worker /inbox-worker.js",
  "browser on",
  '/api/v1/push {"endpoint":"https://push.example/1","expirationTime":null,"keys":{"p256dh":"p","auth":"a"}}',
];
const OFF = ["browser off", '/api/v1/push/unsubscribe {"endpoint":"https://push.example/1"}'];

describe("web push in this browser", () => {
  it("reads the key of the server", () => {
    expect([...keyBytes(KEY)]).toEqual([4, 248, 62, 255]);
  });

  it("is signed up at the push service and at our server, and off at both", async () => {
    const { push, told } = browser();
    expect(await push.takes("district")).toBe(false);
    await push.signUp("district", KEY);
    expect(told).toEqual(ON);
    expect(await push.takes("district")).toBe(true);
    await push.signOff();
    expect(told.slice(3)).toEqual(OFF);
    expect(await push.takes("district")).toBe(false);
  });

  it("keeps a subscription that stands, and makes a new one where the server has another key", async () => {
    const { push, told } = browser();
    await push.signUp("district", KEY);
    await push.signUp("district", KEY);
    expect(told.filter((line) => line.startsWith("browser"))).toEqual(["browser on"]);
    await push.signUp("district", "BAAA");
    expect(told.filter((line) => line.startsWith("browser"))).toEqual([
      "browser on",
      "browser off",
      "browser on",
    ]);
  });

  it("is asked for nothing more where the person does not allow it", async () => {
    const { push, told } = browser({ permission: "denied" });
    await expect(push.signUp("district", KEY)).rejects.toMatchObject({ why: "denied" });
    expect(told).toEqual([]);
  });

  it("says that the push service is not reached", async () => {
    const { push } = browser({ deaf: true });
    await expect(push.signUp("district", KEY)).rejects.toMatchObject({ why: "unreached" });
    expect(await push.takes("district")).toBe(false);
  });

  it("takes no messages when the server refuses it", async () => {
    const { push, told } = browser({ refuse: true });
    await expect(push.signUp("district", KEY)).rejects.toThrow("push-host");
    expect(told.at(-1)).toBe("browser off");
    expect(await push.takes("district")).toBe(false);
  });

  it("is signed off when its person leaves, whatever the server says, and when somebody else comes", async () => {
    const { push, told } = browser();
    await push.signUp("district", KEY);
    await push.welcome("district");
    expect(await push.takes("district")).toBe(true);
    await push.welcome("operator");
    expect(told.slice(3)).toEqual(OFF);
    await push.signUp("operator", KEY);
    await push.leave();
    expect(await push.takes("operator")).toBe(false);
  });

  it("does not belong to who never signed up", async () => {
    const { push, told } = browser();
    await push.welcome("operator");
    await push.leave();
    expect(told).toEqual([]);
  });
});
