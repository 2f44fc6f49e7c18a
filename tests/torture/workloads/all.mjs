// The workloads of a run. One more is a row here: transfers, orders and chat come with their services.
import { accounts } from './accounts.mjs';
import { ballots } from './ballots.mjs';
import { god } from './god.mjs';
import { seats } from './seats.mjs';

export const WORKLOADS = [seats, ballots, god, accounts];
