/** What the API refuses, typed; its texts come in the language of the page. */
import type { components } from './schema';

type Problem = components['schemas']['Problem'];

export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: Record<string, { code: string; detail: string }> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(code);
  }

  /** The text of one field, if that was refused. */
  field(path: string): string | undefined {
    return this.fields[path]?.detail;
  }

  /** Nothing answered: no connection, or no server. */
  get unreachable(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

export function failure(error: unknown, response: Response): Failure {
  const problem = (typeof error === 'object' && error ? error : {}) as Partial<Problem>;
  const fields = Object.fromEntries((problem.errors ?? []).map((e) => [e.field, { code: e.code, detail: e.detail }]));
  const after = Number(response.headers.get('Retry-After'));
  return new Failure(response.status, problem.code ?? 'unreadable', problem.detail ?? '', fields, after || null);
}

/** Anything thrown, as a Failure. */
export function asFailure(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure(0, 'unreachable', '');
}
