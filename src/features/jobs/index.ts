export { jobRoutes } from './job-routes.ts';
export type { JobResult, JobRunSummary, JobScreens, JobSummary } from './job-screens.ts';
export { jobsUrl } from './urls.ts';
