// Dumps, restores, and what operators check.
const IDENTITY = { test: 'tests/e2e/auth.test.mjs', only: 'consectl verify refuses a process' };
const RESTORE = 'tests/e2e/restore.test.mjs';
const DUMP = 'tests/stores/dump.test.mjs';

export const CONSECTL = [
    {
        name: 'a process whose statement was changed is believed',
        file: 'tools/consectl/verify.c',
        guard: 'if (!is_packed(&process->base, &replica->statement_bytes, &ctl->arena))\n        return',
        without: 'if (false)\n        return',
        ...IDENTITY,
    },
    {
        name: 'a process that nobody signed is believed',
        file: 'tools/consectl/verify.c',
        guard: 'if (!process || !is_signed("conse/process/1", &replica->statement_bytes, &replica->signature,\n                               identity->public_key.data, &ctl->arena))\n        return',
        without: 'if (!process)\n        return',
        ...IDENTITY,
    },
    {
        name: 'a process may run any file',
        file: 'tools/consectl/verify.c',
        guard: 'if (strcmp(binary->name, name) == 0) return strcmp(binary->sha256, process->sha256) == 0;',
        without: 'if (strcmp(binary->name, name) == 0) return true;',
        ...IDENTITY,
    },
    {
        name: 'a dump has sessions',
        file: 'tools/consectl/dump.c',
        guard: ' || item->table == dump->sum.office->passing',
        without: '',
        test: 'tests/e2e/operator.test.mjs',
        only: 'a dump has no sessions',
    },
    {
        name: 'sessions come back with a dump',
        file: 'tools/consectl/restore.c',
        guard: '    if (table != restore->sum.office->passing)\n',
        without: '',
        test: 'tests/e2e/operator.test.mjs',
        only: 'a restore brings no session back',
    },
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
    {
        name: 'a store is filled in which a process lives',
        file: 'tools/consectl/restore.c',
        guard: 'if (!ok || !reply.n_processes) return ok;',
        without: 'if (true) return ok;',
        test: DUMP,
        only: 'a store in which a process lives',
    },
    {
        name: 'a dump that was changed is restored',
        file: 'tools/consectl/restore.c',
        guard: '    if (!equal)\n        return',
        without: '    if (false)\n        return',
        test: RESTORE,
        only: 'a dump that is empty, cut, changed',
    },
    {
        name: 'a dump that was cut is restored',
        file: 'tools/consectl/restore.c',
        guard: 'return done || restore->headerless ||',
        without: 'return true ||',
        test: RESTORE,
        only: 'a dump that is empty, cut, changed',
    },
];
