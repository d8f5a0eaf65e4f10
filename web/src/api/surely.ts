import { asFailure } from './problems';

const PAUSES_MS = [700, 2500];

/**
 * The answer of a request that carries an Idempotency-Key: asked again while nothing answers, and
 * while another try under the key is still at work. Throws the last Failure.
 */
export async function surely<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of [...PAUSES_MS, null]) {
    try {
      return await ask();
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (pause === null || !(failure.unreachable || failure.code === 'idempotency_in_progress')) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  throw new Error('unreachable');
}
