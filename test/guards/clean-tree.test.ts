import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/tree.ts';

// Written so that no pattern finds itself.
const REGISTRY_HOST =
  /registry[.](npmjs|yarnpkg|npmmirror)[.]|(npm|artifactory|nexus|verdaccio)[.][a-z0-9-]+[.](com|org|net|dev|io)\b|[.]pkg[.]dev\b|jfrog[.]io/i;
const MACHINE_PATH = /(^|[\s"'`(=:])[/](work|home|root|Users)[/][\w.-]+/m;

const BINARY = /\.(png|jpe?g|ico|gif|webp|woff2?|xlsx?|xlsm|pdf|zip)$/;
const texts = projectFiles().filter((path) => !BINARY.test(path) && !path.startsWith('test/fixtures/'));

describe('the tree', () => {
  it('keeps no address of a package in the lock file: each machine asks the registry it is given', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { resolved?: string; link?: boolean }>;
    };
    const addresses = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined && !entry.link);
    expect(addresses.map(([name]) => name)).toEqual([]);
  });

  it('names no registry', () => {
    expect(texts.filter((path) => REGISTRY_HOST.test(textOf(path)))).toEqual([]);
  });

  it('names no folder of the machine it was written on', () => {
    expect(texts.filter((path) => MACHINE_PATH.test(textOf(path)))).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
