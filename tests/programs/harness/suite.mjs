// Every suite runs against both builds of the programs, each on a cluster of its own.
import { after, before, describe } from 'node:test';
import { Cluster } from './cluster.mjs';

export function onEachVersion(name, define) {
  for (const version of ['v0', 'v3'])
    describe(`${name}, SBPF ${version}`, () => {
      const at = { version };
      before(async () => { at.cluster = await Cluster.start(version); });
      after(() => at.cluster.stop());
      define(at);
    });
}
