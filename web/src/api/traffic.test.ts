import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { counted, quiet } from './traffic';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function request(): { done: () => void; sent: Promise<void> } {
  let done = (): void => undefined;
  const sent = counted(new Promise<void>((resolve) => (done = resolve)));
  return { done, sent };
}

function listened(): { heard: boolean } {
  const told = { heard: false };
  void quiet().then(() => (told.heard = true));
  return told;
}

it('is quiet soon where nothing is on its way', async () => {
  const told = listened();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.heard).toBe(true);
});

it('is not quiet before the last answer has come', async () => {
  const [first, second] = [request(), request()];
  const told = listened();
  first.done();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.heard).toBe(false);
  second.done();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.heard).toBe(true);
});

it('is not quiet while an answer brings the next question', async () => {
  const first = request();
  const told = listened();
  first.done();
  await vi.advanceTimersByTimeAsync(100);
  const second = request();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.heard).toBe(false);
  second.done();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.heard).toBe(true);
});

it('is quiet after a request that failed', async () => {
  const told = listened();
  await expect(counted(Promise.reject(new Error('no connection')))).rejects.toThrow('no connection');
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.heard).toBe(true);
});
