/**
 * Saving an edit: the real form, with its token and its version, each connection with a session and a student of its own. The
 * street alternates between two, so that every save changes something.
 */
import { studentId } from '../scripts/worlds/load.ts';
import type { WorldPerson } from '../scripts/worlds/people.ts';
import { FLOOR_SAVE_PATH } from './floor.ts';
import { readForm } from './form-reader.ts';
import type { Caller, Target } from './load-test.ts';
import type { Visitor } from './visitor.ts';

export const SAVE_SCENARIO = 'save of an edit';
const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

/** A form as it was read, ready to be sent with another street and version. */
interface OpenForm {
  readonly path: string;
  readonly fields: URLSearchParams;
}

const otherStreet = (street: string): string => (street.endsWith(' bis') ? street.slice(0, -4) : `${street} bis`);

async function openForm(visitor: Visitor, id: string): Promise<OpenForm> {
  const page = await visitor.read(`/etudiants/${id}/modifier/coordonnees`);
  const { action, fields } = readForm(page, 'version');
  const sent = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]));
  if (!sent.has('street')) throw new Error('The form of a student has no field "street"');
  return { path: action, fields: sent };
}

function formCaller(visitor: Visitor, form: OpenForm): Caller {
  const fields = new URLSearchParams(form.fields);
  let street = fields.get('street') ?? '';
  return {
    next() {
      street = otherStreet(street);
      fields.set('street', street);
      return {
        method: 'POST',
        path: form.path,
        headers: { ...visitor.headers, ...FORM_HEADERS },
        body: fields.toString(),
      };
    },
    answered() {
      // A save moves the version by one; a refused one is counted by its status.
      fields.set('version', String(Number(fields.get('version')) + 1));
    },
  };
}

/** Edits of the product. @param people as many as there are connections, none of them edited by the floor */
export function productSaves(
  origin: string,
  visitors: readonly Visitor[],
  people: readonly Pick<WorldPerson, 'rank'>[],
): Target {
  let forms: OpenForm[] = [];
  const visitorOf = (connection: number): Visitor => {
    const visitor = visitors[connection];
    if (!visitor) throw new Error(`No session for connection ${connection}`);
    return visitor;
  };
  return {
    origin,
    expectedStatus: 303,
    async prepare(connections) {
      const wanted = people.slice(0, connections);
      forms = await Promise.all(wanted.map(({ rank }, index) => openForm(visitorOf(index), studentId(rank))));
    },
    caller(connection) {
      const form = forms[connection];
      if (!form) throw new Error(`No form for connection ${connection}`);
      return formCaller(visitorOf(connection), form);
    },
  };
}

/** The same edits, made by the floor. */
export function floorSaves(origin: string, people: readonly Pick<WorldPerson, 'rank' | 'street'>[]): Target {
  return {
    origin,
    expectedStatus: 303,
    caller(connection) {
      const person = people[connection];
      if (!person) throw new Error(`No student for connection ${connection}`);
      let { street } = person;
      return {
        next() {
          street = otherStreet(street);
          const body = new URLSearchParams({ id: studentId(person.rank), street }).toString();
          return { method: 'POST', path: FLOOR_SAVE_PATH, headers: FORM_HEADERS, body };
        },
      };
    },
  };
}
