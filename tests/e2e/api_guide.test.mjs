// docs/api-guide.md, block by block in one shell, as its reader runs it: every call succeeds and prints what the page says.
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { assertPageRuns } from './parts/pages.mjs';
import { startSystem } from './parts/system.mjs';

let system;

before(async () => (system = await startSystem({ env: LIMITS })));
after(() => system?.stop());

test('the evening of the API guide runs as it is printed', () => assertPageRuns(system, 'api-guide.md', 16));
