/** Addresses of the scheduled jobs. */

export function jobsUrl(): string {
  return '/traitements';
}

export function runJobUrl(job: string): string {
  return `/traitements/${job}/lancement`;
}
