// Dumps, restores, and what operators check.
const IDENTITY = { test: 'tests/e2e/auth.test.mjs', only: 'consectl verify refuses a process' };
const RESTORE = 'tests/e2e/restore.test.mjs';
const DUMP = 'tests/stores/dump.test.mjs';

export const CONSECTL = [
    {
        name: 'what is written behind the moment is dumped',
        file: 'tools/consectl/moment.c',
        guard: 'if (item->version <= moment_head(moment, item->id) && !source_is_later(moment, &item->source))',
        without: 'if (!source_is_later(moment, &item->source))',
        test: 'tools/consectl/moment_test',
    },
    {
        name: 'what is made from behind the moment is dumped',
        file: 'tools/consectl/moment.c',
        guard: '&& !source_is_later(moment, &item->source))',
        without: ')',
        test: 'tools/consectl/moment_test',
    },
    {
        name: 'a stream goes on behind what a dump left out',
        file: 'tools/consectl/moment.c',
        guard: 'if (moment->cut && strcmp(moment->cut, item->id) == 0) return false;',
        without: '',
        test: 'tools/consectl/moment_test',
    },
];
