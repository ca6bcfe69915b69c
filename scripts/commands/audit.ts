import { readOptions, type Command } from './command.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  usage: 'audit verify [--json]',
  summary: 'walks the journal and names the first broken link',
  async run({ args, services, print }) {
    const { values } = readOptions(args, { json: { type: 'boolean' } });
    const { events, broken } = await services.verifyJournal();
    if (values.json) {
      print(JSON.stringify({ events, broken: broken && { ...broken, sequence: Number(broken.sequence) } }));
    } else if (broken) {
      const where = `link ${broken.sequence} of ${broken.site}${broken.eventId ? ` (event ${broken.eventId})` : ''}`;
      const what = { missing: 'is missing', altered: 'was altered', head: 'is not where the chain was sealed' }[
        broken.kind
      ];
      print(`Broken: ${where} ${what}. ${events} events before it hold.`);
    } else {
      print(`The journal holds: ${events} events.`);
    }
    return broken ? 1 : 0;
  },
};
