/**
 * What stays on this device for times without a connection: the meters of one's accounts, so that
 * readings can be typed, and the readings that wait to be sent. Everything belongs to one client.
 */
import { del, entries, get, set, createStore } from 'idb-keyval';
import type { components } from '../api/schema';

type Shape = components['schemas'];

/** The devices of one account as they were seen last. */
export interface KeptMeters { client: string; number: string; name: string; meters: Shape['MeterOut'][] }

/** Readings that wait; `key` is the Idempotency-Key under which they are sent, however often. */
export interface Waiting {
  key: string;
  client: string;
  number: string;
  taken_at: string;
  readings: Shape['ReadingIn'][];
  /** Their person confirmed an unusually high consumption. */
  confirmed: boolean;
  /** Why the centre did not take them; they stay until their person saw it. */
  refused?: string;
}

const METERS = createStore('lkk-meters', 'meters');
const QUEUE = createStore('lkk-waiting', 'readings');
const OWNER = 'lkk.client';

/** Whose device this is, as of the last visit; null in a private window or before the first. */
export function owner(): string | null {
  try { return localStorage.getItem(OWNER); } catch { return null; }
}

/** From now on things are kept for `client`; for nobody when it is null. */
export function owns(client: string | null): void {
  try {
    if (client === null) localStorage.removeItem(OWNER);
    else localStorage.setItem(OWNER, client);
  } catch { /* private mode: nothing is kept for later */ }
}

/** A storage that is full or forbidden keeps nothing, and says so to nobody who did not ask. */
const quietly = async <T>(what: () => Promise<T>, otherwise: T): Promise<T> => {
  try { return await what(); } catch { return otherwise; }
};

export const kept = {
  meters: (number: string): Promise<KeptMeters | undefined> => quietly(() => get<KeptMeters>(number, METERS), undefined),

  async accounts(): Promise<KeptMeters[]> {
    const all = await quietly(() => entries<string, KeptMeters>(METERS), []);
    return all.map(([, each]) => each).filter((each) => each.client === owner());
  },

  async keepMeters(found: KeptMeters): Promise<void> {
    if (found.client === owner()) await quietly(() => set(found.number, found, METERS), undefined);
  },

  /** After signing out nobody reads here whose meters these are; readings that wait stay. */
  async forget(): Promise<void> {
    const all = await quietly(() => entries<string, KeptMeters>(METERS), []);
    for (const [number] of all) await quietly(() => del(number, METERS), undefined);
  },

  /** Rejects when this device cannot keep them: then they must not be called kept. */
  async wait(readings: Waiting): Promise<void> {
    if (readings.client !== owner()) throw new Error('nothing is kept on this device');
    await set(readings.key, readings, QUEUE);
  },

  async waiting(): Promise<Waiting[]> {
    const all = await quietly(() => entries<string, Waiting>(QUEUE), []);
    return all.map(([, each]) => each).filter((each) => each.client === owner()).sort((a, b) => a.taken_at.localeCompare(b.taken_at));
  },

  done: (key: string): Promise<void> => quietly(() => del(key, QUEUE), undefined),
};
