import type { Response, Router } from 'express';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { declareListFiles, type FileServices } from '../../http/list-files.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError } from '../../shared/errors.ts';
import {
  presentConflict,
  presentUser,
  presentUserList,
  typedValues,
  userFileColumns,
  userListJson,
  valuesOf,
  type AccountValues,
} from './user-presenter.ts';
import { editUserForm, newUserForm, userListQuery } from './user-schemas.ts';
import type { ChangeKind } from './account-change-queries.ts';
import type { AccountChangeService } from './account-change-service.ts';
import { flashOf, presentPending } from './account-change-presenter.ts';
import { declareAccountChanges } from './account-change-routes.ts';
import type { UserDetails, UserService } from './user-service.ts';
import * as urls from './urls.ts';

export interface UserRoutesServices extends FileServices {
  readonly users: UserService;
  readonly accountChanges: AccountChangeService;
}

/** What the form of an account shows: the account itself, what was typed, or both versions of a conflict. */
interface FormState {
  readonly user?: UserDetails;
  readonly problem?: InvalidForm;
  readonly conflict?: { readonly mine: AccountValues; readonly current: UserDetails };
}

const EMPTY: AccountValues = { name: '', email: '', language: 'fr', roles: [], programmes: [] };

export function userRoutes({ users, accountChanges, lists, clock }: UserRoutesServices): Router {
  const router = createRouter();

  page(router, {
    path: `${urls.usersUrl}.json`,
    permission: 'users.read',
    query: userListQuery,
    handler: async ({ res, actor, query }) => {
      res.json(userListJson(await users.list(actor, query)));
    },
  });

  page(router, {
    path: urls.usersUrl,
    permission: 'users.read',
    query: userListQuery,
    handler: async ({ res, actor, query }) => {
      const [found, { roles }] = await Promise.all([users.list(actor, query), users.choices()]);
      renderPage(res, {
        view: 'users/list',
        title: res.locals.page.t('users.list.title'),
        locals: presentUserList(found, query, roles, clock.now(), res.locals.page),
      });
    },
  });

  declareListFiles(
    router,
    { lists, clock },
    {
      list: 'users',
      path: urls.usersUrl,
      permission: 'users.read',
      query: userListQuery,
      columns: () => userFileColumns,
      open: (actor, query) => users.everything(actor, query),
    },
  );

  async function showForm(res: Response, { user, problem, conflict }: FormState): Promise<void> {
    const { t } = res.locals.page;
    const choices = await users.choices();
    const values = problem ? typedValues(problem.values) : user ? valuesOf(user) : EMPTY;
    renderPage(res, {
      view: 'users/form',
      title: user ? t('users.form.edit_title', { name: user.name }) : t('users.form.create_title'),
      status: conflict ? 409 : problem ? 422 : 200,
      locals: {
        action: user ? urls.editUserUrl(user.id) : urls.newUserUrl,
        cancelHref: user ? urls.userUrl(user.id) : urls.usersUrl,
        user: user ? { id: user.id, name: user.name, isOwn: user.isOwn } : null,
        version: user?.version ?? null,
        // One's own rights are shown and cannot be changed: what is disabled is not posted, so the form carries it.
        values: user?.isOwn
          ? { ...values, roles: valuesOf(user).roles, programmes: valuesOf(user).programmes }
          : values,
        choices,
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
        conflict: conflict ? presentConflict(conflict.mine, conflict.current, choices, res.locals.page) : null,
      },
    });
  }

  page(router, {
    path: urls.newUserUrl,
    permission: 'users.manage',
    handler: ({ res }) => showForm(res, {}),
  });

  action(router, {
    path: urls.newUserUrl,
    permission: 'users.manage',
    form: newUserForm,
    invalid: ({ res }, problem) => showForm(res, { problem }),
    handler: async ({ req, res, actor, form }) => {
      const { id, waits } = await users.create(actor, form);
      const done = { kind: 'success', key: 'users.flash.created', params: { email: form.email } } as const;
      redirectTo(req, res, urls.userUrl(id), flashOf(waits, done));
    },
  });

  page(router, {
    path: urls.userUrl(':id'),
    permission: 'users.read',
    handler: async ({ res, actor, params }) => {
      const user = await users.get(actor, params['id'] ?? '');
      renderPage(res, {
        view: 'users/user',
        title: user.name,
        locals: {
          ...presentUser(user, clock.now(), res.locals.page),
          pending: presentPending(user.id, await accountChanges.pending(actor, user.id), res.locals.page),
        },
      });
    },
  });

  page(router, {
    path: urls.editUserUrl(':id'),
    permission: 'users.manage',
    handler: async ({ res, actor, params }) => showForm(res, { user: await users.get(actor, params['id'] ?? '') }),
  });

  action(router, {
    path: urls.editUserUrl(':id'),
    permission: 'users.manage',
    form: editUserForm,
    invalid: async ({ res, actor, params }, problem) =>
      showForm(res, { user: await users.get(actor, params['id'] ?? ''), problem }),
    handler: async ({ req, res, actor, params, form: { version, ...fields } }) => {
      const id = params['id'] ?? '';
      try {
        const waits = await users.update(actor, id, fields, version);
        redirectTo(req, res, urls.userUrl(id), flashOf(waits, { kind: 'success', key: 'users.flash.saved' }));
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const current = error.current as UserDetails;
        await showForm(res, { user: current, conflict: { mine: fields, current } });
      }
    },
  });

  /**
   * A button of the account's page: no field, back to the page with a word.
   * @param act gives what waits for another administrator
   */
  function button(
    method: 'post' | 'delete',
    urlOf: (id: string) => string,
    key: string,
    act: (actor: Actor, id: string) => Promise<readonly ChangeKind[]>,
  ): void {
    action(router, {
      path: urlOf(':id'),
      method,
      permission: 'users.manage',
      form: noFields,
      handler: async ({ req, res, actor, params }) => {
        const id = params['id'] ?? '';
        const waits = await act(actor, id);
        redirectTo(req, res, urls.userUrl(id), flashOf(waits, { kind: 'success', key }));
      },
    });
  }

  const atOnce = (act: (actor: Actor, id: string) => Promise<unknown>) => async (actor: Actor, id: string) => {
    await act(actor, id);
    return [];
  };

  button('post', urls.deactivationUrl, 'users.flash.disabled', atOnce(users.disable));
  button('delete', urls.userSessionsUrl, 'users.flash.signed_out', atOnce(users.signOut));
  button('post', urls.userLinkUrl, 'users.flash.link_sent', atOnce(users.sendLink));
  button('delete', urls.deactivationUrl, 'users.flash.enabled', users.enable);
  button('delete', urls.userSecondFactorUrl, 'users.flash.second_factor_reset', users.resetSecondFactor);
  declareAccountChanges(router, accountChanges);

  return router;
}
