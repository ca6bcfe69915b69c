import { text } from 'node:stream/consumers';
import { isEmail } from '../../src/shared/email.ts';
import { RuleViolation } from '../../src/shared/errors.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { translator } from '../../src/i18n/index.ts';
import { readOptions, UsageError, type Command } from './command.ts';

export const userAdd: Command = {
  name: 'user add',
  usage: 'user add --email E --name N --role R --password-stdin',
  summary: 'creates a staff account; the password is read from standard input',
  async run({ args, services, print, complain }) {
    const { values } = readOptions(args, {
      email: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string', multiple: true },
      'password-stdin': { type: 'boolean' },
    });
    const email = values.email?.trim().toLowerCase();
    const name = values.name?.trim();
    const { role } = values;
    if (!email || !name || !role?.length || !values['password-stdin']) {
      throw new UsageError('--email, --name, --role and --password-stdin are all needed.');
    }
    if (!isEmail(email)) throw new UsageError(`${email} is not a complete e-mail address.`);
    const password = (await text(process.stdin)).replace(/\r?\n$/, '');
    try {
      await services.accounts.createUser(systemActor('crm user add', 'cli'), { email, name, roleKeys: role, password });
    } catch (error) {
      if (!(error instanceof RuleViolation)) throw error;
      complain(translator('en')(error.messageKey, error.params));
      return 1;
    }
    print(`Created ${email} (${role.join(', ')}).`);
    return 0;
  },
};
