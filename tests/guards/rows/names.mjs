// Names that services keep: what they take in of auth.
export const NAMES = [
    {
        name: 'an older name is shown for a newer one',
        file: 'lib/names/learn.c',
        guard: 'told->known = kept && kept->generation == told->row.generation && !is_older(kept, &told->row);',
        without: 'told->known = false;',
        test: 'lib/names/names_test',
    },
    {
        name: 'what is told again of a version is passed over',
        file: 'lib/names/learn.c',
        guard: '(row->version == other->version &&\n            ((!*row->wallet && *other->wallet) || (!row->verified && other->verified) ||\n             (!row->opted_out && other->opted_out)))',
        without: 'false',
        test: 'lib/names/learn_test',
    },
    {
        name: 'names of replaced content stay',
        file: 'lib/names/learn.c',
        guard: 'told->known = kept && kept->generation == told->row.generation && !is_older(',
        without: 'told->known = kept && !is_older(',
        test: 'lib/names/names_test',
    },
    {
        name: 'who loses the race for a name gives up',
        file: 'lib/names/learn.c',
        guard: '        if (!err_is(err, CONFLICT)) return false;',
        without: '        if (err) return false;',
        test: 'lib/names/learn_test',
    },
    {
        name: 'the place of names is ahead of the names',
        file: 'lib/names/learn.c',
        guard: 'ticket = store_put(store, names->consumed, &row.base, kept ? version : 0,\n                           &(struct store_write){.after = ticket});',
        without: 'ticket = store_put(store, names->consumed, &row.base, kept ? version : 0,\n                           &(struct store_write){0});',
        test: 'lib/names/learn_test',
    },
    {
        name: 'an account is deleted before what was kept for it',
        file: 'lib/names/learn.c',
        guard: 'lesson_read_all(lesson, err) && lesson_forget(lesson, err) && lesson_keep(lesson, err) &&\n              lesson_show(lesson, err);',
        without: 'lesson_read_all(lesson, err) && lesson_keep(lesson, err) && lesson_show(lesson, err) &&\n              lesson_forget(lesson, err);',
        test: 'lib/names/learn_test',
    },
    {
        name: 'a user of replaced content is still somebody',
        file: 'lib/names/names.c',
        guard: 'return bearer && (!fresh || bearer->generation == names->place.generation);',
        without: 'return bearer && (fresh || names);',
        test: 'lib/names/follow_test',
    },
];
