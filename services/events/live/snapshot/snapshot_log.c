#include "services/events/live/snapshot/snapshot_log.h"

#include <string.h>

#include "services/events/game/undo.h"

// Runs, sets and undos are kept as they lie in memory: a snapshot belongs to the machine that made it, and
// its format to their layout.
void snapshot_save_log(Game__Snapshot *saved, const struct log_index *log)
{
    saved->runs = (ProtobufCBinaryData){log->runs_count * sizeof *log->runs, (uint8_t *)log->runs};
    saved->sets = (ProtobufCBinaryData){log->sets_count * sizeof *log->sets, (uint8_t *)log->sets};
}

void snapshot_save_undos(Game__Snapshot *saved, const struct game *game)
{
    saved->undos = (ProtobufCBinaryData){game->undos_count * sizeof *game->undos, (uint8_t *)game->undos};
}

static bool restore_set(struct game *game, const uint8_t *bytes)
{
    struct people_set *set = array_add(&game->log.sets, &game->log.sets_count, sizeof *set);
    if (!set) return false;
    memcpy(set, bytes, sizeof *set);
    if (set->count > LOG_SET_PEOPLE) return false;
    for (size_t i = 0; i < set->count; i++)
        if (set->people[i] >= game->people_count) return false;
    return true;
}

static bool audience_fits(const struct game *game, struct audience audience)
{
    switch ((enum audience_kind)audience.kind) {
    case AUDIENCE_GOD:
    case AUDIENCE_PUBLIC:
    case AUDIENCE_SEALED:
        return true;
    case AUDIENCE_PERSON:
    case AUDIENCE_OWNER:
        return audience.who < game->people_count;
    case AUDIENCE_SET:
        return audience.who < game->log.sets_count;
    }
    return false;
}

static bool restore_run(struct game *game, const uint8_t *bytes)
{
    struct log_index *log = &game->log;
    struct log_run *run = array_add(&log->runs, &log->runs_count, sizeof *run);
    if (!run) return false;
    memcpy(run, bytes, sizeof *run);
    bool god_sees = run->audience.kind != AUDIENCE_OWNER && run->audience.kind != AUDIENCE_SEALED;
    log->public_count += run->audience.kind == AUDIENCE_PUBLIC ? run->count : 0;
    log->god_count += god_sees ? run->count : 0;
    return audience_fits(game, run->audience);
}

bool snapshot_restore_log(struct game *game, const Game__Snapshot *saved)
{
    uint64_t entries = 0;
    if (saved->sets.len % sizeof(struct people_set) || saved->runs.len % sizeof(struct log_run)) return false;
    for (size_t at = 0; at < saved->sets.len; at += sizeof(struct people_set))
        if (!restore_set(game, saved->sets.data + at)) return false;
    for (size_t at = 0; at < saved->runs.len; at += sizeof(struct log_run)) {
        if (!restore_run(game, saved->runs.data + at)) return false;
        entries += game->log.runs[game->log.runs_count - 1].count;
    }
    game->act = saved->act;
    return entries == saved->seq && saved->act > 0 && saved->act <= saved->seq; // older ones have none
}

bool snapshot_restore_undos(struct game *game, const Game__Snapshot *saved)
{
    if (saved->undos.len % sizeof(struct undo)) return false;
    for (size_t at = 0; at < saved->undos.len; at += sizeof(struct undo)) {
        struct undo record;
        memcpy(&record, saved->undos.data + at, sizeof record);
        if (!audience_fits(game, record.audience) || !undo_restore(game, &record)) return false;
    }
    return true;
}
