// Every guard, with the test that misses it: {name, file, guard, without, test, only, program}. test: a C test without its `.c`, or a file of
// node tests, of which `only` says which cases, and `program` the C test that these run.
import { AUTH } from './auth.mjs';
import { CALLS } from './calls.mjs';
import { CHAIN } from './chain.mjs';
import { CONSECTL } from './consectl.mjs';
import { EVENTS } from './events.mjs';
import { GATEWAY } from './gateway.mjs';
import { LISTS } from './lists.mjs';
import { MONGO } from './mongo.mjs';
import { NAMES } from './names.mjs';
import { QUEUE } from './queue.mjs';
import { REPLICAS } from './replicas.mjs';
import { REWARDS } from './rewards.mjs';
import { SEATS } from './seats.mjs';
import { STORES } from './stores.mjs';
import { TOPICS } from './topics.mjs';
import { WITHDRAWALS } from './withdrawals.mjs';

export const ROWS = [...STORES, ...MONGO, ...REPLICAS, ...CALLS, ...NAMES, ...TOPICS, ...AUTH, ...GATEWAY, ...EVENTS, ...CHAIN, ...LISTS, ...QUEUE, ...WITHDRAWALS, ...SEATS, ...REWARDS, ...CONSECTL];
