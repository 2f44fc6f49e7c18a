// Every guard, with the test that misses it: {name, file, guard, without, test, only, program}. test: a C test without its `.c`, or a file of
// node tests, of which `only` says which cases, and `program` the C test that these run.
import { AUTH } from './auth.mjs';
import { CALLS } from './calls.mjs';
import { CONSECTL } from './consectl.mjs';
import { EVENTS } from './events.mjs';
import { GATEWAY } from './gateway.mjs';
import { MONGO } from './mongo.mjs';
import { REPLICAS } from './replicas.mjs';
import { STORES } from './stores.mjs';
import { TOPICS } from './topics.mjs';

export const ROWS = [...STORES, ...MONGO, ...REPLICAS, ...CALLS, ...TOPICS, ...AUTH, ...GATEWAY, ...EVENTS, ...CONSECTL];
