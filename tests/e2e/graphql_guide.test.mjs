// docs/graphql.md, block by block in one shell, as its reader runs it.
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { assertPageRuns } from './parts/pages.mjs';
import { startSystem } from './parts/system.mjs';

let system;

before(async () => (system = await startSystem({ env: LIMITS })));
after(() => system?.stop());

test('the calls of the page about GraphQL run as they are printed', () => assertPageRuns(system, 'graphql.md', 7));
