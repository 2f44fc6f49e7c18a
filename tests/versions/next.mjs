// node next.mjs FILE: prints a source file as it may stand in the next version: what a change of what is stored looks like. It has
// another kind of entry, which goes with each ready check, and another form of snapshots; both are written only when all know them.
// A text that is not there, or not once, is an error: then this file is to follow the sources.
import fs from 'node:fs';
import process from 'node:process';

const SINCE = /enum \{ CONSE_FORMAT = (\d+) \}/.exec(fs.readFileSync('lib/base/version.h', 'utf8'))[1] * 1 + 1;

const APPLAUSE = `static bool fold_applauded(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)game;
    *audience = AUDIENCE(PUBLIC);
    return entry->applauded->times > 0;
}

`;

const CHANGES = {
    'lib/base/version.h': [
        [/CONSE_FORMAT = \d+/, `CONSE_FORMAT = ${SINCE}`],
        [/CONSE_VERSION "([^"]*)"/, 'CONSE_VERSION "$1-next"'],
    ],
    'proto/game.proto': [
        [/    CardOpened card_opened = \d+;\n/, '$&    Applauded applauded = 127;\n'],
        [/\nmessage HandedOver /, '\nmessage Applauded { int32 times = 1; }$&'],
    ],
    'services/events/game/fold/fold.c': [
        [/static fold_function \*const folds\[\]/, `${APPLAUSE}$&`],
        [/ {4}\[GAME__ENTRY__BODY_CARD_OPENED\] = fold_card_opened,\n/, '$&    [GAME__ENTRY__BODY_APPLAUDED] = fold_applauded,\n'],
    ],
    'services/events/handlers/table.c': [
        [/#include "services\/events\/handlers\/handlers.h"\n/, '$&#include "lib/replica/replica.h"\n'],
        [/ {4}reply->ready_check = /,
            `    if (replica_all_know(command.events->replica, ${SINCE}))
        ENTRY(&command.entries, command.game, APPLAUDED, Applauded, applauded, .times = 1);\n$&`],
    ],
    'services/events/live/snapshot/snapshot.c': [[/enum \{ FORMAT = (\d+) \};/, 'enum { FORMAT = $1 + 1 };']],
    'services/events/live/snapshot/snapshot.h': [[/SNAPSHOT_SINCE = \d+/, `SNAPSHOT_SINCE = ${SINCE}`]],
};

const [file] = process.argv.slice(2);
let text = fs.readFileSync(file, 'utf8');
for (const [found, put] of CHANGES[file]) {
    const times = text.match(new RegExp(found, 'g'))?.length ?? 0;
    if (times !== 1) throw new Error(`${file} has ${found} ${times} times`);
    text = text.replace(found, put);
}
process.stdout.write(text);
