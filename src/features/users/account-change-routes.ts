/** The two buttons of a change that waits. */
import type { Router } from 'express';
import { action } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import type { AccountChangeService } from './account-change-service.ts';
import { accountChangeUrl, userUrl } from './urls.ts';

export function declareAccountChanges(router: Router, accountChanges: AccountChangeService): void {
  const path = accountChangeUrl(':id', ':changeId');

  action(router, {
    path,
    permission: 'users.manage',
    form: noFields,
    handler: async ({ req, res, actor, params: { id = '', changeId = '' } }) => {
      await accountChanges.confirm(actor, id, changeId);
      redirectTo(req, res, userUrl(id), { kind: 'success', key: 'users.flash.confirmed' });
    },
  });

  action(router, {
    path,
    method: 'delete',
    permission: 'users.manage',
    form: noFields,
    handler: async ({ req, res, actor, params: { id = '', changeId = '' } }) => {
      await accountChanges.cancel(actor, id, changeId);
      redirectTo(req, res, userUrl(id), { kind: 'success', key: 'users.flash.given_up' });
    },
  });
}
