#include "services/events/game/audience.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/game/game.h"

void log_index_finish(struct log_index *log)
{
    free(log->runs);
    free(log->sets);
    *log = (struct log_index){0};
}

static bool audience_same(struct audience a, struct audience b) { return a.kind == b.kind && a.who == b.who; }

bool log_index_add(struct log_index *log, struct audience audience)
{
    struct log_run *last = log->runs_count ? &log->runs[log->runs_count - 1] : NULL;
    if (!last || !audience_same(last->audience, audience)) {
        last = array_add(&log->runs, &log->runs_count, sizeof *last);
        if (!last) return false;
        last->audience = audience;
    }
    last->count++;
    log->public_count += audience.kind == AUDIENCE_PUBLIC;
    log->god_count += audience.kind != AUDIENCE_OWNER && audience.kind != AUDIENCE_SEALED;
    return true;
}

int log_index_set(struct log_index *log, const uint16_t *people, size_t count)
{
    if (count > LOG_SET_PEOPLE || log->sets_count >= UINT16_MAX) return -1;
    struct people_set *set = array_add(&log->sets, &log->sets_count, sizeof *set);
    if (!set) return -1;
    memcpy(set->people, people, count * sizeof *people);
    set->count = (uint16_t)count;
    return (int)(log->sets_count - 1);
}

bool people_set_has(const struct people_set *set, int person)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->people[i] == person) return true;
    return false;
}

bool audience_sealed(struct audience audience) { return audience.kind == AUDIENCE_SEALED; }

bool audience_includes(const struct log_index *log, struct audience audience, const struct viewer *viewer)
{
    switch (audience.kind) {
    case AUDIENCE_PUBLIC:
        return true;
    case AUDIENCE_GOD:
        return viewer->god;
    case AUDIENCE_PERSON:
        return viewer->god || viewer->person == audience.who;
    case AUDIENCE_OWNER:
        return viewer->person == audience.who;
    case AUDIENCE_SET:
        return viewer->god || people_set_has(&log->sets[audience.who], viewer->person);
    default:
        return false;
    }
}

size_t log_index_find(const struct log_index *log, const struct viewer *viewer, uint64_t from, uint64_t until,
                      struct log_place *places, size_t limit, uint64_t *next)
{
    if (from == 0) from = 1;
    uint64_t seq = 1, index = 1;
    size_t found = 0;
    for (size_t r = 0; r < log->runs_count && seq <= until && found < limit; r++) {
        const struct log_run *run = &log->runs[r];
        uint64_t count = seq + run->count - 1 > until ? until - seq + 1 : run->count;
        if (viewer->all || audience_includes(log, run->audience, viewer)) {
            uint64_t skip = index >= from ? 0 : from - index < count ? from - index : count;
            for (uint64_t i = skip; i < count && found < limit; i++)
                places[found++] = (struct log_place){index + i, seq + i, run->audience};
            index += count;
        }
        seq += run->count;
    }
    *next = found ? places[found - 1].index + 1 : from < index ? from : index;
    return found;
}

static bool may_be_personal(struct audience audience)
{
    return audience.kind == AUDIENCE_PUBLIC || audience.kind == AUDIENCE_PERSON ||
           audience.kind == AUDIENCE_SET;
}

size_t log_index_personal(const struct log_index *log, uint64_t from_seq, uint64_t *until,
                          struct log_place *places, size_t limit)
{
    uint64_t seq = 1;
    size_t found = 0;
    for (size_t r = 0; r < log->runs_count && seq <= *until; r++) {
        const struct log_run *run = &log->runs[r];
        uint64_t at = seq < from_seq ? from_seq : seq;
        seq += run->count;
        if (!may_be_personal(run->audience)) continue;
        for (; at < seq && at <= *until; at++) {
            if (found == limit) return *until = at - 1, found;
            places[found++] = (struct log_place){0, at, run->audience};
        }
    }
    return found;
}
