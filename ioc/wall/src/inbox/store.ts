/** What the phone keeps: in IndexedDB, so that a reload, a flat battery or a newer page loses nothing.
 *
 * `kept` is a copy of what the centre told and goes when the session does. `queue`, `drafts` and `photos` are what a
 * person made: they stay until they were sent or the same person threw them away, whoever signs in meanwhile.
 */

import type { Waiting } from "./queue";
import type { Photo } from "./upload";

const NAME = "ioc-inbox";
const VERSION = 1;

export interface Kept {
  key: string;
  login: string;
  /** When the centre said it (ms by its clock). */
  at: number;
  value: unknown;
}

export interface Draft {
  key: string;
  login: string;
  ticket: string;
  step: string;
  /** The version of the ticket that the person saw when it was begun. */
  version: number;
  fields: Record<string, string>;
  photos: string[];
}

export interface Rows {
  kept: Kept;
  queue: Waiting;
  drafts: Draft;
  photos: Photo;
}

export const KEYS: Record<keyof Rows, string> = { kept: "key", queue: "id", drafts: "key", photos: "id" };

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(KEYS)) {
      if (!request.result.objectStoreNames.contains(name))
        request.result.createObjectStore(name, { keyPath });
    }
  };
  return done(request);
}

/** Changes of one transaction. */
export interface Put {
  put<K extends keyof Rows>(name: K, row: Rows[K]): void;
  delete(name: keyof Rows, key: string): void;
  clear(name: keyof Rows): void;
}

/** Where rows are kept. */
export interface Shelf {
  /** Several changes that hold together or not at all; settled when they are on disk. */
  change(work: (put: Put) => void): Promise<void>;
  get<K extends keyof Rows>(name: K, key: string): Promise<Rows[K] | null>;
  mine<K extends keyof Rows>(name: K, login: string): Promise<Rows[K][]>;
  /** Forget what the centre told; what a person made stays. */
  forget(): Promise<void>;
}

export class Store implements Shelf {
  private constructor(private readonly database: IDBDatabase) {
    // A newer page may need another version: it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  static async open(): Promise<Store> {
    return new Store(await open());
  }

  change(work: (put: Put) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const names = Object.keys(KEYS);
      const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
      work(new Changes(transaction));
    });
  }

  async get<K extends keyof Rows>(name: K, key: string): Promise<Rows[K] | null> {
    const found: unknown = await done(this.database.transaction(name).objectStore(name).get(key));
    return (found as Rows[K] | undefined) ?? null;
  }

  async mine<K extends keyof Rows>(name: K, login: string): Promise<Rows[K][]> {
    const found: unknown = await done(this.database.transaction(name).objectStore(name).getAll());
    return (found as Rows[K][]).filter((row) => row.login === login);
  }

  async forget(): Promise<void> {
    await this.change((put) => put.clear("kept"));
  }
}

class Changes implements Put {
  constructor(private readonly transaction: IDBTransaction) {}

  put<K extends keyof Rows>(name: K, row: Rows[K]): void {
    this.transaction.objectStore(name).put(row);
  }

  delete(name: keyof Rows, key: string): void {
    this.transaction.objectStore(name).delete(key);
  }

  clear(name: keyof Rows): void {
    this.transaction.objectStore(name).clear();
  }
}
