export { findTags, findTagsOf, type TagRow, type TagSubject } from './tag-queries.ts';
export { createTagService, LONGEST_TAG, tagKey, type TagService } from './tag-service.ts';
