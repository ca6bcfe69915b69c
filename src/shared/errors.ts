/**
 * What can go wrong by design. Anything else is a bug: logged with its request id, shown as the id alone.
 * `messageKey` is an i18n key (errors.*); `params` fill its blanks and never hold a person's data in logs.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly messageKey: string;
  readonly params: Record<string, string | number>;

  constructor(code: string, status: number, messageKey: string, params: Record<string, string | number> = {}) {
    super(code);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.messageKey = messageKey;
    this.params = params;
  }
}

/** Unknown, or outside what the actor may see: the two must not be told apart. */
export class NotFoundError extends AppError {
  constructor() {
    super('NOT_FOUND', 404, 'errors.notFound.message');
  }
}

/** The actor is known and may not do this at all. */
export class ForbiddenError extends AppError {
  constructor(messageKey = 'errors.forbidden.message') {
    super('FORBIDDEN', 403, messageKey);
  }
}

/** The record changed since it was read; `current` is what the database holds now. */
export class ConflictError<T = unknown> extends AppError {
  readonly current: T;

  constructor(current: T) {
    super('CONFLICT', 409, 'errors.conflict.message');
    this.current = current;
  }
}

/** Too many attempts; `retryAfterSeconds` goes into Retry-After. */
export class ThrottledError extends AppError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('THROTTLED', 429, 'errors.throttled.message', { seconds: retryAfterSeconds });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A rule of the domain refuses; `fields` maps form fields to i18n keys so that the form can point at them. */
export class RuleViolation extends AppError {
  readonly fields: Record<string, string>;

  constructor(
    code: string,
    messageKey: string,
    options: { fields?: Record<string, string>; params?: Record<string, string | number>; status?: number } = {},
  ) {
    super(code, options.status ?? 422, messageKey, options.params);
    this.fields = options.fields ?? {};
  }
}
