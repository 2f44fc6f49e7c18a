#include "services/events/topics/places.h"

#include <string.h>

#include "lib/schema/passport.h"

static struct class_key make_key(const struct aggregate *aggregate, const struct viewer_class *class,
                                 const char *user_id)
{
    return class_key(&aggregate->game, class, user_id, store_generation(aggregate->events->store));
}

static struct class_key key_of(struct aggregate *aggregate, const struct viewer_class *class,
                               const char *user_id)
{
    if (class->kind == CLASS_PERSON) return make_key(aggregate, class, user_id);
    if (!aggregate->keys[class->kind].made)
        aggregate->keys[class->kind].key = make_key(aggregate, class, user_id);
    aggregate->keys[class->kind].made = true;
    return aggregate->keys[class->kind].key;
}

struct watcher watcher_of(struct aggregate *aggregate, const char *user_id, uint32_t level)
{
    struct watcher watcher;
    bool god = level && level <= LEVEL_GOD;
    watcher.class = class_of(&aggregate->game, user_id, level == LEVEL_DEV, god);
    watcher.eyes = class_viewer(&watcher.class);
    watcher.key = key_of(aggregate, &watcher.class, user_id);
    cursor_epoch(watcher.key.bytes, watcher.epoch);
    return watcher;
}

static uint64_t count_seen(const struct log_index *log, const struct viewer *eyes, uint64_t until)
{
    uint64_t seq = 1, count = 0;
    for (size_t r = 0; r < log->runs_count && seq <= until; r++) {
        const struct log_run *run = &log->runs[r];
        uint64_t length = seq + run->count - 1 > until ? until - seq + 1 : run->count;
        if (audience_includes(log, run->audience, eyes)) count += length;
        seq += run->count;
    }
    return count;
}

uint64_t watcher_head(const struct game *game, const struct viewer *eyes, uint64_t until)
{
    bool whole = until >= game->chain.seq;
    if (eyes->all) return whole ? game->chain.seq : until;
    if (whole && eyes->person == GAME_NO_ONE) return eyes->god ? game->log.god_count : game->log.public_count;
    return count_seen(&game->log, eyes, until);
}

static bool is_epoch_of(struct aggregate *aggregate, const struct viewer_class *class, const char *user_id,
                        const char *epoch)
{
    char other[CURSOR_EPOCH + 1];
    struct class_key key = key_of(aggregate, class, user_id);
    cursor_epoch(key.bytes, other);
    return strcmp(other, epoch) == 0;
}

// The person's own view counts only for who is that person: anybody else's cursor says nothing here.
Events__Reset__Reason watcher_lost(struct aggregate *aggregate, const char *user_id, const char *epoch)
{
    struct viewer_class other = {.person = GAME_NO_ONE};
    if (game_over(&aggregate->game)) return EVENTS__RESET__REASON__EPOCH;
    for (int kind = CLASS_PUBLIC; kind < CLASS_OPENED; kind++) {
        other.kind = kind;
        if (is_epoch_of(aggregate, &other, user_id, epoch)) return EVENTS__RESET__REASON__RIGHTS;
    }
    other.kind = CLASS_PERSON;
    other.person = game_person(&aggregate->game, user_id);
    for (int late = 0; late < 2 && other.person != GAME_NO_ONE; late++) {
        other.late = late;
        if (is_epoch_of(aggregate, &other, user_id, epoch)) return EVENTS__RESET__REASON__RIGHTS;
    }
    return EVENTS__RESET__REASON__EPOCH;
}

Events__Reset__Reason watcher_judge(struct aggregate *aggregate, const struct watcher *watcher,
                                    const struct watched *watched, const struct cursor *cursor, bool *ahead)
{
    *ahead = false;
    if (strcmp(cursor->epoch, watcher->epoch) != 0)
        return watcher_lost(aggregate, watched->user_id, cursor->epoch);
    *ahead = cursor->offset > watcher_head(watched->game, &watcher->eyes, UINT64_MAX);
    return EVENTS__RESET__REASON__NONE;
}

int64_t watcher_due_ms(const struct aggregate *aggregate, const struct watcher *watcher)
{
    const struct game *now = &aggregate->game, *late = aggregate->late;
    bool waits = watcher->class.late && late && late->chain.seq < now->chain.seq;
    return waits && aggregate->late_next_ms ? aggregate->late_next_ms + now->terms.spectator_delay_ms : 0;
}

void watcher_cursor(const struct watcher *watcher, uint64_t offset, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = offset};
    memcpy(cursor.epoch, watcher->epoch, sizeof cursor.epoch);
    cursor_write(&cursor, text);
}

// Of what late viewers see at once there is no cursor: their stream is not there yet.
static bool is_late(const struct command *command, const struct watcher *watcher)
{
    const struct game *now = &command->aggregate->game;
    return watcher->class.late && command->game == now && now->state == EVENTS__EVENT__STATE__RUNNING;
}

void place_tell(struct command *command)
{
    const Rpc__Caller *caller = command->call->caller;
    const struct watcher watcher = watcher_of(command->aggregate, caller->user_id, caller->level);
    if (is_late(command, &watcher)) return;
    watcher_cursor(&watcher, watcher_head(command->game, &watcher.eyes, UINT64_MAX), command->call->cursor);
}
