import type { Problem } from './types';

/** Who was faster, of an edit that came too late. */
export interface OtherEdit {
  by: string;
  at: string;
}

/** A request that did not work: refused by the server, or never answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** Stable word for programs; `unreachable` when no answer came. */
    readonly code: string,
    /** HTTP status, 0 when no answer came. */
    readonly status: number,
    detail: string,
    /** What is wrong with which field, of a 422. */
    readonly fields: NonNullable<Problem['errors']> = [],
    readonly otherEdit: OtherEdit | null = null,
  ) {
    super(detail);
  }

  /** Whether asking again may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error of an answer, from its problem document if it has one. */
export function errorOf(response: Response, body: unknown): ApiError {
  if (isProblem(body)) {
    const { code, title, detail, errors, changed_by: by, changed_at: at } = body;
    const otherEdit = by && at ? { by, at } : null;
    return new ApiError(code, response.status, detail ?? title, errors, otherEdit);
  }
  return new ApiError('unexpected_answer', response.status, `HTTP ${response.status}`);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
}
