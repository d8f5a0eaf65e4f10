/** What the API refuses, typed; its texts come in the language of the page. */
import type { components } from './schema';

type Problem = components['schemas']['Problem'];
export type FieldProblem = components['schemas']['FieldProblem'];

export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** One entry per broken rule; a field may have several. */
    readonly errors: readonly FieldProblem[] = [],
    /** Seconds to wait, where the answer told them. */
    readonly retryAfter: number | null = null,
    /** The whole answer, for what one refusal alone tells. */
    readonly told: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
  }

  get fields(): Record<string, FieldProblem> {
    return Object.fromEntries(this.errors.map((each) => [each.field, each]));
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
  const after = Number(response.headers.get('Retry-After'));
  return new Failure(response.status, problem.code ?? 'unreadable', problem.detail ?? '', problem.errors ?? [], after || null, problem);
}

/** Anything thrown, as a Failure. */
export function asFailure(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure(0, 'unreachable', '');
}
