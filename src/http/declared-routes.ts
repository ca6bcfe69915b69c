/**
 * A route is data: path, permission, schema, handler. Registration refuses what has no permission or, for a request
 * that changes something, no schema; the guards walk the same declarations to prove that nothing escaped.
 * Order for each request: right → body → CSRF token → schema → handler.
 */
import express, { Router, type Request, type Response } from 'express';
import type { z } from 'zod';
import { hasPermission, type Actor } from '../shared/actor.ts';
import { ForbiddenError, NotFoundError, RuleViolation } from '../shared/errors.ts';
import { isId } from '../shared/ids.ts';
import type { Permission } from '../shared/permissions.ts';
import { checkCsrf } from './csrf.ts';
import { readFields, type FieldErrors } from './forms.ts';
import { currentActor, signInFirst } from './request-context.ts';
import { receiveUpload, type ReceivedFile, type UploadLimits } from './uploads.ts';

/** `public`: anyone; `signed-in`: any account; otherwise a permission, or one of several. */
export type RoutePermission = 'public' | 'signed-in' | Permission | readonly Permission[];

export interface RouteContext<Query, Form> {
  readonly req: Request;
  readonly res: Response;
  readonly actor: Actor;
  /** Path parameters; those named id or ending in Id are known to be UUIDs. */
  readonly params: Record<string, string>;
  readonly query: Query;
  readonly form: Form;
  readonly file: ReceivedFile | null;
}

/** What an invalid form is answered with: what was typed, and what is wrong with it, field by field (translated). */
export interface InvalidForm {
  readonly values: Record<string, string | string[]>;
  readonly errors: FieldErrors;
  /** A sentence about the whole form, when no field is to blame. */
  readonly formError: string | null;
}

type AnySchema = z.ZodType;
type Output<Schema> = Schema extends AnySchema ? z.output<Schema> : Record<string, never>;

interface CommonDeclaration<Query> {
  readonly path: string;
  readonly permission: RoutePermission;
  readonly query?: Query;
}

export interface PageDeclaration<Query extends AnySchema | undefined> extends CommonDeclaration<Query> {
  readonly handler: (context: RouteContext<Output<Query>, Record<string, never>>) => void | Promise<void>;
}

export interface ActionDeclaration<
  Query extends AnySchema | undefined,
  Form extends AnySchema,
> extends CommonDeclaration<Query> {
  readonly method?: 'post' | 'delete';
  readonly form: Form;
  /** Set when the form is multipart with one file. */
  readonly upload?: UploadLimits;
  readonly handler: (context: RouteContext<Output<Query>, z.output<Form>>) => void | Promise<void>;
  /** Answers an invalid form with the template it came from (422). Without it the error page says what is wrong. */
  readonly invalid?: (context: RouteContext<Output<Query>, null>, problem: InvalidForm) => void | Promise<void>;
}

/** What the guards see of a route. */
export interface DeclaredRoute {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly permission: RoutePermission;
  readonly hasForm: boolean;
}

const declarations = new WeakMap<object, DeclaredRoute[]>();

/** The routes declared on a router, for the guards. */
export function declaredRoutes(router: object): readonly DeclaredRoute[] {
  return declarations.get(router) ?? [];
}

/** A router whose routes must all be declared through `page` and `action`. */
export function createRouter(): Router {
  const router = Router({ caseSensitive: true, strict: false });
  declarations.set(router, []);
  return router;
}

function declare(router: Router, route: DeclaredRoute): void {
  const known = declarations.get(router);
  if (!known) throw new Error('Routes are declared on a router made by createRouter()');
  const permission: unknown = route.permission;
  if (!permission || (Array.isArray(permission) && permission.length === 0))
    throw new Error(`${route.method} ${route.path} has no permission`);
  if (known.some((other) => other.method === route.method && other.path === route.path))
    throw new Error(`${route.method} ${route.path} is declared twice`);
  known.push(route);
}

function authorise(req: Request, res: Response, permission: RoutePermission): Actor | null {
  const actor = currentActor(req);
  if (permission === 'public') return actor.actor;
  if (!actor.isSignedIn) {
    signInFirst(req, res);
    return null;
  }
  if (permission === 'signed-in') return actor.actor;
  const wanted = typeof permission === 'string' ? [permission] : permission;
  if (!wanted.some((name) => hasPermission(actor.actor, name))) throw new ForbiddenError();
  return actor.actor;
}

function readParams(req: Request): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.params)) {
    if (typeof value !== 'string') continue;
    if ((name === 'id' || name.endsWith('Id')) && !isId(value)) throw new NotFoundError();
    params[name] = value;
  }
  return params;
}

function readQuery<Query extends AnySchema | undefined>(req: Request, schema: Query): Output<Query> {
  if (!schema) return {} as Output<Query>;
  const parsed = schema.safeParse(req.query);
  if (!parsed.success) throw new RuleViolation('BAD_QUERY', 'errors.badRequest.query', { status: 400 });
  return parsed.data as Output<Query>;
}

/** Declares a page: GET, changes nothing. */
export function page<Query extends AnySchema | undefined = undefined>(
  router: Router,
  declaration: PageDeclaration<Query>,
): void {
  declare(router, { method: 'get', path: declaration.path, permission: declaration.permission, hasForm: false });
  router.get(declaration.path, async (req, res) => {
    const actor = authorise(req, res, declaration.permission);
    if (!actor) return;
    const query = readQuery(req, declaration.query as Query);
    await declaration.handler({ req, res, actor, params: readParams(req), query, form: {}, file: null });
  });
}

const parseBody = express.urlencoded({ extended: false, limit: '1mb', parameterLimit: 5_000 });

function readBody(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parseBody(req, res, (error?: Error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Declares a request that changes something: POST, or DELETE (a form posts it with `_method=delete`). */
export function action<Form extends AnySchema, Query extends AnySchema | undefined = undefined>(
  router: Router,
  declaration: ActionDeclaration<Query, Form>,
): void {
  if (!declaration.form) throw new Error(`${declaration.path} changes something and has no schema`);
  const method = declaration.method ?? 'post';
  declare(router, { method, path: declaration.path, permission: declaration.permission, hasForm: true });
  router[method](declaration.path, async (req, res) => {
    const actor = authorise(req, res, declaration.permission);
    if (!actor) return;
    const upload = declaration.upload ? await receiveUpload(req, declaration.upload) : null;
    try {
      if (upload) req.body = upload.fields;
      else if (req.body === undefined) await readBody(req, res);
      checkCsrf(req);
      await runAction(declaration, {
        req,
        res,
        actor,
        params: readParams(req),
        query: readQuery(req, declaration.query as Query),
        file: upload?.file ?? null,
      });
    } finally {
      await upload?.discard();
    }
  });
}

async function runAction<Form extends AnySchema, Query extends AnySchema | undefined>(
  declaration: ActionDeclaration<Query, Form>,
  context: Omit<RouteContext<Output<Query>, never>, 'form'>,
): Promise<void> {
  const t = context.res.locals.page.t;
  const fields = readFields(context.req.body, declaration.form, t);
  if (!fields.ok) {
    if (!declaration.invalid) throw new RuleViolation('BAD_FORM', 'errors.invalidForm.message', { status: 422 });
    context.res.status(422);
    await declaration.invalid(
      { ...context, form: null },
      { values: fields.values, errors: fields.errors, formError: fields.formError },
    );
    return;
  }
  try {
    await declaration.handler({ ...context, form: fields.value });
  } catch (error) {
    if (!(error instanceof RuleViolation) || !declaration.invalid || context.res.headersSent) throw error;
    const errors: FieldErrors = Object.fromEntries(
      Object.entries(error.fields).map(([field, key]) => [field, [t(key, error.params)]]),
    );
    const formError = Object.keys(errors).length === 0 ? t(error.messageKey, error.params) : null;
    context.res.status(error.status);
    await declaration.invalid({ ...context, form: null }, { values: fields.values, errors, formError });
  }
}

/** Lets a plain form send DELETE: `_method=delete` in the body of a POST. Mounted before the routers. */
export function methodOverride(): express.RequestHandler {
  return async (req, res, next) => {
    if (req.method !== 'POST' || !req.is('application/x-www-form-urlencoded')) {
      next();
      return;
    }
    await readBody(req, res);
    const body = req.body as Record<string, unknown> | undefined;
    if (body?.['_method'] === 'delete') req.method = 'DELETE';
    next();
  };
}
