import type { Response, Router } from 'express';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { ConflictError, RuleViolation } from '../../shared/errors.ts';
import * as present from './role-presenter.ts';
import { grantsFrom, rightsOf } from './role-rights.ts';
import { editRoleForm, newRoleForm, newRoleQuery } from './role-schemas.ts';
import { removalProblem, type RoleDetails, type RoleService } from './role-service.ts';
import * as urls from './urls.ts';

/** What the form of a role shows: the role itself, a model to start from, what was typed, or both versions of a conflict. */
interface FormState {
  readonly role?: RoleDetails;
  readonly model?: RoleDetails | null;
  readonly problem?: InvalidForm;
  readonly conflict?: { readonly mine: present.RoleValues; readonly current: RoleDetails };
}

export function roleRoutes({ roles }: { readonly roles: RoleService }): Router {
  const router = createRouter();

  page(router, {
    path: urls.rolesUrl,
    permission: ['users.read', 'roles.manage'],
    handler: async ({ res, actor }) =>
      renderPage(res, {
        view: 'roles/list',
        title: res.locals.page.t('roles.list.title'),
        locals: present.presentMatrix(await roles.list(actor), res.locals.page),
      }),
  });

  function startValues({ role, model, problem }: FormState, res: Response): present.RoleValues {
    if (problem) return present.typedValues(problem.values);
    if (role) return present.valuesOf(role);
    if (!model) return present.emptyRole;
    return { ...present.valuesOf(model), label: res.locals.page.t('roles.form.copy_of', { label: model.label }) };
  }

  function showForm(res: Response, state: FormState): void {
    const { t } = res.locals.page;
    const { role, problem, conflict } = state;
    const values = startValues(state, res);
    const title = role ? t('roles.form.edit_title', { label: role.label }) : t('roles.form.create_title');
    renderPage(res, {
      view: 'roles/form',
      title,
      status: conflict ? 409 : problem ? 422 : 200,
      locals: {
        title,
        action: role ? urls.editRoleUrl(role.id) : urls.newRoleUrl,
        cancelHref: role ? urls.roleUrl(role.id) : urls.rolesUrl,
        role: role ? { id: role.id, label: role.label, holders: role.holders.length } : null,
        version: role?.version ?? null,
        values,
        sections: present.formSections(values, res.locals.page),
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
        conflict: conflict ? present.presentConflict(conflict.mine, conflict.current, res.locals.page) : null,
      },
    });
  }

  page(router, {
    path: urls.newRoleUrl,
    permission: 'roles.manage',
    query: newRoleQuery,
    handler: async ({ res, actor, query }) =>
      showForm(res, { model: query.modele ? await roles.get(actor, query.modele) : null }),
  });

  action(router, {
    path: urls.newRoleUrl,
    permission: 'roles.manage',
    form: newRoleForm,
    invalid: ({ res }, problem) => showForm(res, { problem }),
    handler: async ({ req, res, actor, form }) => {
      const { id } = await roles.create(actor, form);
      redirectTo(req, res, urls.roleUrl(id), { kind: 'success', key: 'roles.flash.created' });
    },
  });

  page(router, {
    path: urls.roleUrl(':id'),
    permission: ['users.read', 'roles.manage'],
    handler: async ({ res, actor, params }) => {
      const role = await roles.get(actor, params['id'] ?? '');
      renderPage(res, {
        view: 'roles/role',
        title: role.label,
        locals: present.presentRole(role, res.locals.page),
      });
    },
  });

  page(router, {
    path: urls.editRoleUrl(':id'),
    permission: 'roles.manage',
    handler: async ({ req, res, actor, params }) => {
      const role = await roles.get(actor, params['id'] ?? '');
      if (role.isOwn) redirectTo(req, res, urls.roleUrl(role.id), { kind: 'warning', key: 'roles.errors.own_role' });
      else showForm(res, { role });
    },
  });

  action(router, {
    path: urls.editRoleUrl(':id'),
    permission: 'roles.manage',
    form: editRoleForm,
    invalid: async ({ res, actor, params }, problem) =>
      showForm(res, { role: await roles.get(actor, params['id'] ?? ''), problem }),
    handler: async ({ req, res, actor, params, form: { version, ...fields } }) => {
      const id = params['id'] ?? '';
      try {
        await roles.update(actor, id, fields, version);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const current = error.current as RoleDetails;
        const mine = { ...fields, droits: rightsOf(grantsFrom(fields.droits)) };
        showForm(res, { role: current, conflict: { mine, current } });
        return;
      }
      redirectTo(req, res, urls.roleUrl(id), { kind: 'success', key: 'roles.flash.saved' });
    },
  });

  page(router, {
    path: urls.deleteRoleUrl(':id'),
    permission: 'roles.manage',
    handler: async ({ res, actor, params }) => {
      const { t } = res.locals.page;
      const role = await roles.get(actor, params['id'] ?? '');
      const problem = removalProblem(role);
      if (problem) throw new RuleViolation('ROLE_USED', problem);
      const title = t('roles.delete.title', { label: role.label });
      renderPage(res, {
        view: 'components/confirm-page',
        title,
        locals: {
          id: 'delete-role',
          title,
          message: t('roles.delete.message'),
          action: urls.roleUrl(role.id),
          fields: { _method: 'delete' },
          confirmLabel: t('roles.delete.label'),
          icon: 'trash',
          cancelHref: urls.roleUrl(role.id),
        },
      });
    },
  });

  action(router, {
    path: urls.roleUrl(':id'),
    method: 'delete',
    permission: 'roles.manage',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await roles.remove(actor, params['id'] ?? '');
      redirectTo(req, res, urls.rolesUrl, { kind: 'success', key: 'roles.flash.deleted' });
    },
  });

  return router;
}
