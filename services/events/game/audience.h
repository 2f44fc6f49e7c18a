// The viewers of each entry of a stream. They are kept as runs of equal audience, so a thousand ballots in a
// row take eight bytes. Pure.
#ifndef EVENTS_GAME_AUDIENCE_H
#define EVENTS_GAME_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum audience_kind {
    AUDIENCE_GOD, // until the end
    AUDIENCE_PUBLIC,
    AUDIENCE_PERSON, // the god and one person
    AUDIENCE_OWNER,  // one person, not even the god until the end
    AUDIENCE_SET,    // the god and a set of persons
    AUDIENCE_SEALED, // nobody, ever
};

struct audience {
    uint8_t kind;
    uint16_t who; // person, or index of the set
};

enum { LOG_SET_PEOPLE = 100 };

// The people to whom an entry was told, as of when it was made.
struct people_set {
    uint16_t people[LOG_SET_PEOPLE];
    uint16_t count;
};

struct log_run {
    uint32_t count;
    struct audience audience;
};

struct log_index {
    struct log_run *runs;
    size_t runs_count;
    struct people_set *sets;
    size_t sets_count;
    uint64_t public_count, god_count; // entries that each of them sees
};

struct viewer {
    bool god;
    int person; // GAME_NO_ONE for a viewer that never took part
    bool all;   // the end is reached: everything except sealed entries
};

void log_index_finish(struct log_index *log);
bool log_index_add(struct log_index *log, struct audience audience);
// Keeps a set of people; returns its index, -1 without memory.
int log_index_set(struct log_index *log, const uint16_t *people, size_t count);
bool people_set_has(const struct people_set *set, int person);
bool audience_includes(const struct log_index *log, struct audience audience, const struct viewer *viewer);
// True for entries that are given as stubs once the end is reached.
bool audience_sealed(struct audience audience);

struct log_place {
    uint64_t index; // among what the viewer sees, from 1; the sequence number itself when `all`
    uint64_t seq;
    struct audience audience;
};

// Places from index `from` on, of entries up to `until`; returns how many. *next is the index after the last
// one seen.
size_t log_index_find(const struct log_index *log, const struct viewer *viewer, uint64_t from, uint64_t until,
                      struct log_place *places, size_t limit, uint64_t *next);
// The same for entries that may concern single people: those for persons, for sets and for everyone. Index is
// 0; *until becomes the last entry looked at.
size_t log_index_personal(const struct log_index *log, uint64_t from_seq, uint64_t *until,
                          struct log_place *places, size_t limit);

#endif
