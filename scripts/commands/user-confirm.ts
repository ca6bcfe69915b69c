import { systemActor } from '../../src/shared/actor.ts';
import { RuleViolation } from '../../src/shared/errors.ts';
import { translator } from '../../src/i18n/index.ts';
import { readOptions, UsageError, type Command } from './command.ts';

/** For a school whose only administrator cannot confirm their own request: whoever holds the server does. */
export const userConfirm: Command = {
  name: 'user confirm',
  usage: 'user confirm --email E [--yes]',
  summary: 'tells which changes of an account wait for a second administrator, and confirms them with --yes',
  async run({ args, services, print, complain }) {
    const { values } = readOptions(args, { email: { type: 'string' }, yes: { type: 'boolean' } });
    const email = values.email?.trim().toLowerCase();
    if (!email) throw new UsageError('--email is needed.');
    const actor = systemActor('crm user confirm', 'cli');
    const found = await services.accountChanges.pendingByEmail(actor, email);
    if (!found) {
      complain(`No account has the address ${email}.`);
      return 1;
    }
    if (found.changes.length === 0) {
      print('Nothing waits on this account.');
      return 0;
    }
    const t = translator('en');
    for (const change of found.changes) {
      const what = t(`users.pending.what.${change.says}`, {
        wanted: change.wanted.join(', ') || t('users.pending.none'),
      });
      const who = change.requestedBy ?? t('audit.actors.cli');
      if (!values.yes) {
        print(`${what} (asked for by ${who} on ${change.requestedAt.toISOString()})`);
        continue;
      }
      try {
        await services.accountChanges.confirm(actor, found.userId, change.id);
      } catch (error) {
        if (!(error instanceof RuleViolation)) throw error;
        complain(`${what}: ${t(error.messageKey, error.params)}`);
        return 1;
      }
      print(`Confirmed: ${what}`);
    }
    return values.yes ? 0 : 3;
  },
};
