/** The queue of duplicates, the comparison of two records, their merge, and the way back. */
import type { Response, Router } from 'express';
import { action, createRouter, page, type RouteContext } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { presentComparison } from './compare-presenter.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import {
  presentMerges,
  presentQueue,
  presentTabs,
  recordUrl,
  type PresentationContext,
} from './duplicate-presenter.ts';
import { compareQuery, mergeForm, mergesQuery, queueQuery } from './duplicate-schemas.ts';
import type { DuplicateService } from './duplicate-service.ts';
import type { Side } from './merge-fields.ts';
import type { MergeConflict, MergeService } from './merge-service.ts';
import type { MergeUndoService } from './merge-undo-service.ts';
import { dismissUrl, duplicatesUrl, duplicateUrl, KIND_NAMES, mergesUrl, mergeUrl, undoMergeUrl } from './urls.ts';
import { declareTwinRoutes, type TwinServices } from './twin-routes.ts';

export interface DuplicateRouteServices extends TwinServices {
  readonly duplicates: DuplicateService;
  readonly merges: MergeService;
  readonly mergeUndo: MergeUndoService;
  readonly clock: Clock;
}

const MERGERS = ['students.merge', 'companies.merge'] as const;

type AnyContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

export function duplicateRoutes(services: DuplicateRouteServices): Router {
  const router = createRouter();
  declareTwinRoutes(router, services);
  declareQueue(router, services);
  declareMerges(router, services);
  declarePair(router, services);
  return router;
}

const presentationOf = (res: Response, clock: Clock): PresentationContext => {
  const { t, lang, can } = res.locals.page;
  return { t, lang, can, now: clock.now() };
};

/** The kind the address names, or the first one the actor decides about. @throws ForbiddenError for another's */
function kindOf(kinds: readonly DuplicateSubject[], typed: string | undefined): DuplicateSubject {
  const asked = typed ? kinds.find((kind) => KIND_NAMES[kind] === typed) : kinds[0];
  if (!asked) throw new ForbiddenError();
  return asked;
}

function declareQueue(router: Router, { duplicates, clock }: DuplicateRouteServices): void {
  page(router, {
    path: duplicatesUrl(),
    permission: MERGERS,
    query: queueQuery,
    handler: async ({ res, actor, query }) => {
      const kinds = duplicates.kindsFor(actor);
      const kind = kindOf(kinds, query.type);
      const state = query.etat ? 'dismissed' : 'open';
      const presentation = presentationOf(res, clock);
      const found = await duplicates.queue(actor, { subjectType: kind, state, after: query.apres ?? null });
      renderPage(res, {
        view: 'duplicates/queue',
        title: presentation.t('duplicates.title'),
        locals: {
          ...presentTabs(kinds, { kind, tab: state }, presentation.t),
          ...presentQueue(kind, state, found, presentation),
        },
      });
    },
  });
}

function declareMerges(router: Router, { duplicates, mergeUndo, clock }: DuplicateRouteServices): void {
  page(router, {
    path: mergesUrl(),
    permission: MERGERS,
    query: mergesQuery,
    handler: async ({ res, actor, query }) => {
      const kinds = duplicates.kindsFor(actor);
      const kind = kindOf(kinds, query.type);
      const presentation = presentationOf(res, clock);
      renderPage(res, {
        view: 'duplicates/merges',
        title: presentation.t('duplicates.tabs.merges'),
        locals: {
          ...presentTabs(kinds, { kind, tab: 'merges' }, presentation.t),
          ...presentMerges(kind, await mergeUndo.list(actor, kind), presentation),
        },
      });
    },
  });

  page(router, {
    path: undoMergeUrl(':mergeId'),
    permission: MERGERS,
    handler: async ({ res, actor, params }) => {
      const { t } = res.locals.page;
      const { restored, left, summary } = await mergeUndo.plan(actor, params['mergeId'] ?? '');
      const list = (names: readonly string[]) => names.map((name) => t(`duplicates.fields.${name}`)).join(', ');
      renderPage(res, {
        view: 'components/confirm-page',
        title: t('duplicates.undo.title'),
        locals: {
          id: 'undo-merge',
          title: t('duplicates.undo.title'),
          message: t('duplicates.undo.message', { survivor: summary.survivorName, merged: summary.mergedName }),
          consequences: [
            t('duplicates.undo.rows'),
            ...(restored.length > 0 ? [t('duplicates.undo.restored', { fields: list(restored) })] : []),
            ...(left.length > 0 ? [t('duplicates.undo.left', { fields: list(left) })] : []),
          ],
          action: undoMergeUrl(summary.id),
          confirmLabel: t('duplicates.undo.confirm'),
          cancelLabel: t('duplicates.undo.keep'),
          icon: 'restore',
          tone: 'warning',
          cancelHref: mergesUrl(summary.subjectType),
        },
      });
    },
  });

  action(router, {
    path: undoMergeUrl(':mergeId'),
    permission: MERGERS,
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      const { t } = res.locals.page;
      const { subjectType, mergedId, left } = await mergeUndo.undo(actor, params['mergeId'] ?? '');
      const fields = left.map((name) => t(`duplicates.fields.${name}`)).join(', ');
      redirectTo(req, res, recordUrl(subjectType, mergedId), {
        kind: left.length > 0 ? 'warning' : 'success',
        key: left.length > 0 ? 'duplicates.flash.undone_but' : 'duplicates.flash.undone',
        params: { fields },
      });
    },
  });
}

function declarePair(router: Router, services: DuplicateRouteServices): void {
  const { duplicates, merges, clock } = services;

  async function showPair(context: AnyContext, survivor: Side | null, problem: Problem = {}): Promise<void> {
    const { res, actor, params } = context;
    const presentation = presentationOf(res, clock);
    const comparison = await duplicates.compare(actor, params['id'] ?? '', survivor);
    renderPage(res, {
      view: 'duplicates/compare',
      title: presentation.t('duplicates.compare.title'),
      status: problem.isChanged ? 409 : res.statusCode,
      locals: {
        ...presentComparison(comparison, presentation, problem.values),
        formError: problem.formError ?? null,
        isChanged: problem.isChanged ?? false,
      },
    });
  }

  /** Someone was faster, or a record is not what the page showed: say it, show what is now. */
  async function orTooLate(context: AnyContext, survivor: Side | null, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const { reason, candidate } = error.current as MergeConflict;
      if (reason === 'changed') await showPair(context, survivor, { isChanged: true });
      else renderDecided(context.res, candidate);
    }
  }

  page(router, {
    path: duplicateUrl(':id'),
    permission: MERGERS,
    query: compareQuery,
    handler: (context) => orTooLate(context, null, () => showPair(context, context.query.garder ?? null)),
  });

  action(router, {
    path: mergeUrl(':id'),
    permission: MERGERS,
    form: mergeForm,
    invalid: (context, { values, formError }) => {
      const survivor = values['survivor'] === 'first' || values['survivor'] === 'second' ? values['survivor'] : null;
      return orTooLate(context, survivor, () => showPair(context, survivor, { values, formError }));
    },
    handler: (context) => {
      const { req, res, actor, params, form } = context;
      const { survivor, firstVersion, secondVersion, ...fields } = form;
      const choices = Object.fromEntries(
        Object.entries(fields).map(([name, side]) => [name.slice('field_'.length), side as Side | undefined]),
      );
      return orTooLate(context, survivor, async () => {
        const versions = { first: firstVersion, second: secondVersion };
        const outcome = await merges.merge(actor, { candidateId: params['id'] ?? '', survivor, versions, choices });
        const flash = { kind: 'success', key: 'duplicates.flash.merged' } as const;
        redirectTo(req, res, recordUrl(outcome.subjectType, outcome.survivorId), flash);
      });
    },
  });

  for (const [method, decide, key] of [
    ['post', duplicates.dismiss, 'dismissed'],
    ['delete', duplicates.reopen, 'reopened'],
  ] as const) {
    action(router, {
      path: dismissUrl(':id'),
      method,
      permission: MERGERS,
      form: noFields,
      handler: (context) =>
        orTooLate(context, null, async () => {
          const { req, res, actor, params } = context;
          const { subjectType } = await decide(actor, params['id'] ?? '');
          redirectTo(req, res, duplicatesUrl(subjectType), { kind: 'success', key: `duplicates.flash.${key}` });
        }),
    });
  }
}

interface Problem {
  readonly values?: Readonly<Record<string, string | string[]>>;
  readonly formError?: string | null;
  readonly isChanged?: boolean;
}

/** 409: the pair was decided by someone else. */
function renderDecided(res: Response, candidate: MergeConflict['candidate']): void {
  const { t } = res.locals.page;
  const state = candidate.state === 'open' ? 'obsolete' : candidate.state;
  renderPage(res, {
    view: 'duplicates/decided',
    title: t(`duplicates.decided.${state}`, { who: candidate.decidedBy ?? t('duplicates.someone') }),
    status: 409,
    locals: {
      state,
      who: candidate.decidedBy ?? t('duplicates.someone'),
      recordHref: recordUrl(candidate.subjectType, candidate.firstId),
      queueHref: duplicatesUrl(candidate.subjectType),
    },
  });
}
