#include "lib/live/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/live/state.h"

static const int64_t SECOND_NS = 1000000000;
static const int64_t NEVER_NS = 1; // of a copy that was not confirmed yet

bool live_open(struct live **live, const struct live_kind *kind, void *context, struct store *store,
               size_t most_bytes, struct err *err)
{
    *live = calloc(1, sizeof **live);
    if (!*live) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*live)->kind = kind;
    (*live)->context = context;
    (*live)->store = store;
    (*live)->shared = store_is_shared(store);
    (*live)->most_bytes = most_bytes;
    pthread_mutex_init(&(*live)->mutex, NULL);
    return true;
}

static void destroy_object(const struct live *live, struct live_object *object)
{
    live->kind->forget(object);
    live_commands_forget(&object->commands);
    if (live->kind->destroy) live->kind->destroy(object);
    pthread_mutex_destroy(&object->mutex);
    free(object);
}

void live_close(struct live *live)
{
    if (!live) return;
    for (struct live_object *object = live->newest, *older; object; object = older) {
        older = object->older;
        destroy_object(live, object);
    }
    pthread_mutex_destroy(&live->mutex);
    free(live);
}

// ---- The map, and the order of use

static struct live_object **bucket_of(struct live *live, const char *id)
{
    uint32_t hash = 2166136261U;
    for (; *id; id++) hash = (hash ^ (uint8_t)*id) * 16777619U;
    return &live->buckets[(hash * 2654435761U) >> 20];
}

static void unlink_use(struct live *live, struct live_object *object)
{
    *(object->newer ? &object->newer->older : &live->newest) = object->older;
    *(object->older ? &object->older->newer : &live->oldest) = object->newer;
    object->newer = object->older = NULL;
}

static void link_newest(struct live *live, struct live_object *object)
{
    object->older = live->newest;
    *(live->newest ? &live->newest->newer : &live->oldest) = object;
    live->newest = object;
}

static void remove_from_map(struct live *live, struct live_object *object)
{
    struct live_object **at = bucket_of(live, object->id.text);
    while (*at != object) at = &(*at)->next;
    *at = object->next;
    unlink_use(live, object);
    live->bytes -= object->bytes;
}

static bool is_idle(const struct live_object *object)
{
    return object->users == 0 && atomic_load(&object->pending) == 0;
}

// Takes out the least recently used; returns them as a list by `next`, to be destroyed outside the lock.
static struct live_object *evict_oldest(struct live *live)
{
    struct live_object *victims = NULL;
    for (struct live_object *object = live->oldest, *newer; object && live->bytes > live->most_bytes;
         object = newer) {
        newer = object->newer;
        if (!is_idle(object)) continue;
        remove_from_map(live, object);
        object->next = victims;
        victims = object;
    }
    return victims;
}

// NULL without memory.
static struct live_object *add_object(struct live *live, const char *id)
{
    struct live_object *object = calloc(1, live->kind->size), **bucket = bucket_of(live, id);
    if (!object) return NULL;
    object->live = live;
    live_commands_init(&object->commands, live->kind->commands);
    memcpy(object->id.text, id, strlen(id) + 1);
    pthread_mutex_init(&object->mutex, NULL);
    object->next = *bucket;
    *bucket = object;
    link_newest(live, object);
    return object;
}

// The object with one more user, made when it is not in memory. NULL without memory.
static struct live_object *borrow_object(struct live *live, const char *id)
{
    if (strlen(id) >= LIVE_ID) return NULL;
    pthread_mutex_lock(&live->mutex);
    struct live_object *object = *bucket_of(live, id);
    while (object && strcmp(object->id.text, id) != 0) object = object->next;
    if (!object) {
        object = add_object(live, id);
    } else if (object != live->newest) {
        unlink_use(live, object);
        link_newest(live, object);
    }
    if (object) object->users++;
    pthread_mutex_unlock(&live->mutex);
    return object;
}

static void give_back(struct live *live, struct live_object *object, bool empty, size_t bytes)
{
    pthread_mutex_lock(&live->mutex);
    live->bytes += bytes - object->bytes;
    object->bytes = bytes;
    object->users--;
    struct live_object *victims = NULL;
    if (empty && is_idle(object)) {
        remove_from_map(live, object);
        object->next = NULL;
        victims = object;
    } else if (live->bytes > live->most_bytes) {
        victims = evict_oldest(live);
    }
    pthread_mutex_unlock(&live->mutex);
    for (struct live_object *next; victims; victims = next) {
        next = victims->next;
        destroy_object(live, victims);
    }
}

static bool is_there(const struct live *live, const struct live_object *object)
{
    return object->loaded && !object->gone && live->kind->exists(object);
}

// ---- Entering

// Whether others wrote it between our commands three times within a second, and who. What takes long to load
// can't have conflicts more often than it is loaded.
static bool is_lost(const struct live_object *object)
{
    int64_t within_ns = SECOND_NS + LIVE_CONFLICTS * object->load_ns;
    return object->by[0] && object->conflicts[LIVE_CONFLICTS - 1] > clock_mono_ns() - within_ns;
}

static bool name_winner(const struct live *live, const struct live_object *object, struct live_need *need,
                        struct err *err)
{
    memcpy(need->winner, object->by, sizeof need->winner);
    err_fail(err, WRONG_PEER, "another copy of the service leads this %s", live->kind->name);
    err->retry_after_s = 1;
    return false;
}

static void fill_need(const struct live *live, const struct live_object *object, struct live_need *need)
{
    need->ticket = object->ticket;
    if (!live->shared) return;
    need->confirmed_ns = object->ended ? INT64_MAX : object->confirmed_ns;
    if (!need->confirmed_ns) need->confirmed_ns = NEVER_NS;
}

static bool find_there(struct live *live, struct live_object *object, struct live_need *need, struct err *err)
{
    if (need) fill_need(live, object, need);
    if (!is_there(live, object)) return err_fail(err, NOT_FOUND, "there is no such %s", live->kind->name);
    return !need || !need->movable || !is_lost(object) || name_winner(live, object, need, err);
}

bool live_enter(struct live *live, const char *id, struct live_need *need, struct live_object **out,
                struct err *err)
{
    struct live_object *object = borrow_object(live, id);
    *out = NULL;
    if (!object) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_lock(&object->mutex);
    bool fresh = live_freshen(live, object, need, err);
    if (fresh && find_there(live, object, need, err)) return *out = object, true;
    if (!fresh && err_is(err, STORE_NEWER) && need) memcpy(need->winner, object->by, sizeof need->winner);
    live_leave(live, object);
    return false;
}

static bool refuse_to_wait(struct live *live, struct live_object *object, bool *waits, struct err *err)
{
    pthread_mutex_lock(&live->mutex);
    object->users--; // who has it looks after it
    pthread_mutex_unlock(&live->mutex);
    *waits = true;
    return err_fail(err, SERVICE_BUSY, "somebody else has the %s", live->kind->name);
}

bool live_enter_at_hand(struct live *live, const char *id, struct live_need *need, struct live_object **out,
                        bool *waits, struct err *err)
{
    struct live_object *object = borrow_object(live, id);
    *out = NULL;
    *waits = false;
    if (!object) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (pthread_mutex_trylock(&object->mutex) != 0) return refuse_to_wait(live, object, waits, err);
    *waits = !live_is_at_hand(live, object, need);
    if (!*waits && find_there(live, object, need, err)) return *out = object, true;
    if (*waits) err_fail(err, SERVICE_BUSY, "the %s is not at hand", live->kind->name);
    live_leave(live, object);
    return false;
}

void live_let_go(struct live_object *object) { pthread_mutex_unlock(&object->mutex); }

void live_give_back(struct live *live, struct live_object *object)
{
    pthread_mutex_lock(&object->mutex);
    live_leave(live, object);
}

static bool begin_new(struct live *live, struct live_object *object, struct live_need *need, struct err *err)
{
    bool failed = atomic_load(&object->failed), was = object->loaded && !failed;
    if (atomic_load(&object->pending))
        return live_come_later(object, need, err, "its first write is on its way");
    if (was && (object->gone || live->kind->exists(object)))
        return err_fail(err, CONFLICT, "there is such a %s already", live->kind->name);
    live_reset(live, object);
    live->kind->begin(object, live->context);
    object->loaded = object->commands.whole = true;
    return true;
}

bool live_enter_new(struct live *live, const char *id, struct live_need *need, struct live_object **out,
                    struct err *err)
{
    struct live_object *object = borrow_object(live, id);
    *out = NULL;
    if (!object) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_lock(&object->mutex);
    if (begin_new(live, object, need, err)) return *out = object, true;
    live_leave(live, object);
    return false;
}

void live_leave(struct live *live, struct live_object *object)
{
    bool empty = !object->unread_until_ms && !is_there(live, object);
    size_t bytes = live->kind->size + (object->loaded ? live->kind->weigh(object) : 0) +
                   live_commands_bytes(&object->commands);
    pthread_mutex_unlock(&object->mutex);
    give_back(live, object, empty, bytes);
}

void live_note_head(struct live *live, const char *id, uint64_t seq)
{
    pthread_mutex_lock(&live->mutex);
    struct live_object *object = *bucket_of(live, id);
    while (object && strcmp(object->id.text, id) != 0) object = object->next;
    if (object && seq > atomic_load(&object->heard)) atomic_store(&object->heard, seq);
    pthread_mutex_unlock(&live->mutex);
}

// ---- Writing

// A durable append tells that nobody came between, at some time after it was queued.
static void note_append(struct live_object *object, const struct store_command *command, uint64_t seq)
{
    if (!object->live->shared) return;
    object->confirmed_ns = clock_mono_ns();
    if (!atomic_load(&object->pending)) object->waits_ns = object->confirmed_ns;
    object->by[0] = 0;
    if (!command) return;
    struct store_known known = {.seq = seq, .time_ms = command->time_ms};
    memcpy(known.id, command->id, sizeof known.id);
    live_commands_add(&object->commands, &known, 1);
}

void live_append(struct live_object *object, struct store *store, const char *stream, uint64_t first_seq,
                 const ProtobufCBinaryData *entries, size_t count, struct store_write write)
{
    if (!write.after) write.after = object->ticket;
    note_append(object, write.command, first_seq + count - 1);
    atomic_fetch_add(&object->pending, 1);
    object->ticket = object->newest = store_append(store, stream, first_seq, entries, count, &write);
}

void live_delete(struct live_object *object, struct store *store, const char *stream, uint64_t last_seq,
                 struct store_write write)
{
    write.after = object->ticket;
    note_append(object, NULL, last_seq);
    atomic_fetch_add(&object->pending, 1);
    object->ticket = object->newest = store_delete_stream(store, stream, last_seq, &write);
    object->gone = true;
}

uint64_t live_awaits(const struct live_object *object, int64_t since_ns)
{
    const struct live *live = object->live;
    bool waits = live->shared && object->ticket > store_durable(live->store);
    return waits && object->waits_ns < since_ns ? object->ticket : 0;
}

void live_written(void *arg, bool durable)
{
    struct live_object *object = arg;
    if (!durable) atomic_store(&object->failed, true);
    atomic_fetch_sub(&object->pending, 1);
}
