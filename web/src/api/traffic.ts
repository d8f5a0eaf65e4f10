/** What is on its way to the API and back. What may wait for it waits for `quiet`. */

/** An answer often brings the next question. */
const QUIET_MS = 250;
let under = 0;
let waiting: (() => void)[] = [];
let rest: ReturnType<typeof setTimeout> | undefined;

/** Counts a request while it is on its way. */
export async function counted<T>(request: Promise<T>): Promise<T> {
  under += 1;
  clearTimeout(rest);
  try {
    return await request;
  } finally {
    under -= 1;
    listen();
  }
}

/** Resolves once nothing has been on its way for a moment. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    listen();
  });
}

function listen(): void {
  clearTimeout(rest);
  if (under || !waiting.length) return;
  rest = setTimeout(() => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  }, QUIET_MS);
}
