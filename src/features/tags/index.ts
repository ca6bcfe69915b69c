export { tagIdOf, tagLabels, type TagRow, type TagSubject } from './tag-queries.ts';
export { refusedTag, tagForm, type RefusedTag } from './tag-schemas.ts';
export { createTagService, type TagService } from './tag-service.ts';
