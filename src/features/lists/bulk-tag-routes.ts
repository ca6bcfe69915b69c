/** Tags on a selection of a list: a form that asks which tag, then the tag on each row the actor may reach. */
import type { Response, Router } from 'express';
import { action } from '../../http/declared-routes.ts';
import { shapeFor } from '../../http/list-page.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { parseQueryString, readListState } from '../../shared/list-state.ts';
import type { ListRow } from '../../db/list-definition.ts';
import type { Actor } from '../../shared/actor.ts';
import type { TagService } from '../tags/index.ts';
import type { DeclaredList } from './list-routes.ts';
import type { ListService } from './list-service.ts';
import { chosenRows, selectionForm, tagSelectionForm } from './list-schemas.ts';
import { bulkTagUrl, listUrl } from './urls.ts';

interface Selection {
  readonly ids: readonly string[] | null;
  readonly query: string;
}

type TypedFields = Record<string, string | string[]>;

/** Declares `POST <path>/etiquettes`; nothing when the list takes no tags. */
export function declareBulkTags<Row extends ListRow>(
  router: Router,
  { lists, tags }: { lists: ListService; tags: TagService },
  { definition }: Pick<DeclaredList<Row>, 'definition'>,
): void {
  const { path, permissions, subjectType } = definition;
  if (permissions.tag === null) return;

  function requestOf(actor: Actor, { ids, query }: Selection) {
    const state = readListState(parseQueryString(query), shapeFor(definition, actor));
    return { definition, actor, state: { ...state, place: null }, columns: [], ids };
  }

  async function apply(
    actor: Actor,
    selection: Selection,
    label: string,
    operation: 'ajouter' | 'retirer',
  ): Promise<number> {
    const change = operation === 'ajouter' ? tags.add : tags.remove;
    // The rows are read to the end first: a list filtered by the tag would lose its rows while they change.
    const ids: string[] = [];
    for await (const rows of lists.chunks(requestOf(actor, selection))) ids.push(...rows.map(({ id }) => id));
    let changed = 0;
    for (let start = 0; start < ids.length; start += 1_000)
      changed += await change(actor, label, subjectType, ids.slice(start, start + 1_000));
    return changed;
  }

  async function askWhichTag(
    res: Response,
    actor: Actor,
    selection: Selection,
    typed: TypedFields,
    problem: { errors: Record<string, string[]>; formError: string | null } = { errors: {}, formError: null },
  ): Promise<void> {
    const { t } = res.locals.page;
    const [known, count] = await Promise.all([tags.all(), lists.total(requestOf(actor, selection))]);
    const requete = typeof typed['requete'] === 'string' ? typed['requete'] : '';
    renderPage(res, {
      view: 'lists/tag-selection',
      title: t('lists.tag.title'),
      status: res.statusCode,
      locals: {
        action: bulkTagUrl(path),
        cancelHref: listUrl(definition.key, requete),
        trail: [{ label: t(`common.nav.${definition.key}`), href: listUrl(definition.key, requete) }],
        count,
        fields: { requete, ...(selection.ids ? { ids: selection.ids } : { tous: '1' }) },
        label: typeof typed['etiquette'] === 'string' ? typed['etiquette'] : '',
        operation: typed['operation'] === 'retirer' ? 'retirer' : 'ajouter',
        known: known.map(({ label }) => label),
        ...problem,
      },
    });
  }

  action(router, {
    path: bulkTagUrl(path),
    permission: permissions.tag,
    form: tagSelectionForm,
    async handler({ req, res, actor, form }) {
      const selection = chosenRows(form);
      if (!selection) throw new RuleViolation('NOTHING_CHOSEN', 'lists.bulk.nothing_chosen');
      const { requete, operation, etiquette } = form;
      if (etiquette === undefined) {
        await askWhichTag(res, actor, selection, { requete });
        return;
      }
      if (etiquette === '')
        throw new RuleViolation('TAG_MISSING', 'lists.tag.required', { fields: { etiquette: 'lists.tag.required' } });
      if (operation === 'retirer' && !(await tags.find(etiquette)))
        throw new RuleViolation('TAG_UNKNOWN', 'lists.tag.unknown', { fields: { etiquette: 'lists.tag.unknown' } });
      const count = await apply(actor, selection, etiquette, operation);
      const { t } = res.locals.page;
      const key = operation === 'ajouter' ? 'lists.tag.added' : 'lists.tag.removed';
      redirectTo(req, res, listUrl(definition.key, requete), {
        kind: count > 0 ? 'success' : 'info',
        key: 'lists.tag.done',
        params: { sentence: t(key, { count, label: etiquette }) },
      });
    },
    async invalid({ res, actor }, { values, errors, formError }) {
      const { ids, 'ids[]': others, tous, requete } = values;
      const read = selectionForm.safeParse({ ids, 'ids[]': others, tous, requete });
      const selection = read.success ? chosenRows(read.data) : null;
      if (!selection) throw new RuleViolation('NOTHING_CHOSEN', 'lists.bulk.nothing_chosen');
      await askWhichTag(res, actor, selection, values, { errors, formError });
    },
  });
}
