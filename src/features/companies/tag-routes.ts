/** Tags on one record, put on and taken off from its page. */
import type { Router } from 'express';
import { action, type RouteContext } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { refusedTag, tagForm, type RefusedTag, type TagService, type TagSubject } from '../tags/index.ts';

export type PageRequest = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

/** Declares `POST` and `DELETE` of a record's tags. */
export function declareRecordTags(
  router: Router,
  {
    path,
    tags,
    subjectType,
    open,
    refused,
  }: {
    readonly path: string;
    readonly tags: TagService;
    readonly subjectType: TagSubject;
    /** The record the actor may tag; null: answered. Throws when they may not. */
    readonly open: (context: PageRequest) => Promise<{ readonly id: string; readonly href: string } | null>;
    /** Shows the record again with what is wrong with the tag. */
    readonly refused: (context: PageRequest, tagRefused: RefusedTag) => Promise<void>;
  },
): void {
  for (const [method, change] of [
    ['post', tags.add],
    ['delete', tags.remove],
  ] as const) {
    action(router, {
      path,
      method,
      permission: 'tags.manage',
      form: tagForm,
      invalid: async (context, problem) => {
        if (await open(context)) await refused(context, refusedTag(problem));
      },
      handler: async (context) => {
        const record = await open(context);
        if (!record) return;
        await change(context.actor, context.form.etiquette, subjectType, [record.id]);
        redirectTo(context.req, context.res, record.href);
      },
    });
  }
}
