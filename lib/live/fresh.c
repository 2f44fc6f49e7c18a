// How a copy of an object gets as fresh as somebody needs it: it is loaded, the store's server is asked
// whether the stream goes on, and what is missing is read.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/live/state.h"

enum { PAGE = 500, UNREAD_S = 10, MOST_ROUNDS = 8 };

static const int64_t MS_NS = 1000000, HOUR_NS = 3600 * INT64_C(1000000000);

// ---- Loading

static bool is_unusable(const struct err *err)
{
    return err_is(err, STORE_CORRUPT) || err_is(err, STORE_NEWER);
}

// What could not be read is not there; what can't be used is not read again at once.
static bool take_failure(struct live *live, struct live_object *object, struct err *err)
{
    object->loaded = false;
    live->kind->forget(object);
    if (!is_unusable(err)) return false;
    object->by_newer = err_is(err, STORE_NEWER);
    if (object->by_newer) err->retry_after_s = UNREAD_S;
    log_err(object->by_newer ? LOG_WARN : LOG_ERROR, live->kind->log, err);
    object->unread_until_ms = clock_mono_ms() + UNREAD_S * 1000;
    return false;
}

void live_reset(struct live *live, struct live_object *object)
{
    live->kind->forget(object);
    live_commands_forget(&object->commands);
    object->gone = object->ended = false;
    object->ticket = 0;
    object->unread_until_ms = 0;
    object->confirmed_ns = 0;
    object->learnt_ns = live->shared ? clock_mono_ns() : 0;
    atomic_store(&object->failed, false);
}

// What a read that begins now shows: all that was acknowledged before *at_ns, which is not before since_ns.
static bool raise_barrier(const struct live *live, int64_t since_ns, int64_t *at_ns, struct err *err)
{
    int64_t since_ms = (since_ns + MS_NS - 1) / MS_NS, at_ms;
    while (clock_mono_ms() < since_ms) usleep(100); // less than a millisecond
    bool raised = store_barrier(live->store, since_ms, &at_ms, err);
    *at_ns = raised ? at_ms * MS_NS : 0;
    if (!raised && !err->retry_after_s) err->retry_after_s = 1;
    return raised;
}

static bool met_conflict(const struct live *live, const struct live_object *object)
{
    struct err err = {0};
    bool failed = live->shared && object->ticket && atomic_load(&object->failed);
    return failed && store_outcome(live->store, object->ticket, &err) == STORE_FAILED &&
           err_is(&err, CONFLICT);
}

static void note_conflict(struct live_object *object)
{
    memmove(object->conflicts + 1, object->conflicts, (LIVE_CONFLICTS - 1) * sizeof *object->conflicts);
    object->conflicts[0] = clock_mono_ns();
}

// The state without what was decided on it and met another one, and with what that one has stored.
static bool take_back(const struct live *live, struct live_object *object)
{
    struct err err = {0};
    int64_t now_ns = clock_mono_ns();
    if (!object->loaded || !live->kind->take_back || !live->kind->take_back(object) ||
        !live->kind->catch_up(object, live->context, &err))
        return false;
    object->ticket = 0;
    object->learnt_ns = now_ns;
    atomic_store(&object->failed, false);
    return true;
}

static bool load_object(struct live *live, struct live_object *object, int64_t at_ns, struct err *err)
{
    bool met = met_conflict(live, object);
    if (met) note_conflict(object);
    int64_t begun_ns = clock_mono_ns();
    if (!met || !take_back(live, object)) {
        live_reset(live, object);
        object->loaded = live->kind->load(object, live->context, err);
    }
    object->load_ns = clock_mono_ns() - begun_ns;
    object->confirmed_ns = at_ns;
    return object->loaded || take_failure(live, object, err);
}

bool live_come_later(const struct live_object *object, struct live_need *need, struct err *err,
                     const char *why)
{
    if (need) need->undone = object->newest;
    err_fail(err, SERVICE_BUSY, "%s", why);
    err->retry_after_s = 1;
    return false;
}

static bool is_ready(const struct live_object *object)
{
    return object->loaded && !atomic_load(&object->failed);
}

static bool refuse_unread(const struct live *live, const struct live_object *object, int64_t left_ms,
                          struct err *err)
{
    if (!object->by_newer)
        return err_fail(err, STORE_CORRUPT, "%s %s did not verify when it was loaded", live->kind->name,
                        object->id.text);
    err_fail(err, STORE_NEWER, "a newer version of the program wrote this %s", live->kind->name);
    err_retry_after(err, left_ms);
    return false;
}

static bool may_load(const struct live *live, const struct live_object *object, struct live_need *need,
                     struct err *err)
{
    if (atomic_load(&object->failed) && atomic_load(&object->pending))
        return live_come_later(object, need, err, "a failed write is being undone");
    int64_t left_ms = object->unread_until_ms - clock_mono_ms();
    return left_ms <= 0 || refuse_unread(live, object, left_ms, err);
}

// When somebody needs a fresh copy: what is loaded behind the barrier is one. The object is not locked while
// the server is asked; another caller may have loaded it, or changed it, meanwhile.
static bool await_barrier(const struct live *live, struct live_object *object, const struct live_need *need,
                          int64_t *at_ns, struct err *err)
{
    *at_ns = 0;
    if (!live->shared || !need || !need->fresh_from_ns) return true;
    pthread_mutex_unlock(&object->mutex);
    bool raised = raise_barrier(live, need->fresh_from_ns, at_ns, err);
    pthread_mutex_lock(&object->mutex);
    return raised;
}

static bool make_ready(struct live *live, struct live_object *object, struct live_need *need, struct err *err)
{
    int64_t at_ns;
    if (is_ready(object)) return true;
    if (!may_load(live, object, need, err) || !await_barrier(live, object, need, &at_ns, err)) return false;
    if (is_ready(object)) return true;
    return may_load(live, object, need, err) && load_object(live, object, at_ns, err);
}

// ---- Freshness

static bool was_told_of_more(const struct live *live, const struct live_object *object)
{
    return atomic_load(&object->heard) > live->kind->seq(object);
}

// A head that was learnt long ago may be that of a stream that was deleted and swept since.
static bool is_fresh(const struct live *live, const struct live_object *object, const struct live_need *need)
{
    if (!live->shared || object->ended) return true;
    int64_t known_ns = object->learnt_ns > object->confirmed_ns ? object->learnt_ns : object->confirmed_ns;
    if (known_ns < clock_mono_ns() - HOUR_NS || was_told_of_more(live, object)) return false;
    return !need || object->confirmed_ns >= need->fresh_from_ns;
}

// What does not follow the state is read anew from the start, which judges it. at_ns: of a barrier before; 0:
// none.
static bool read_on(struct live *live, struct live_object *object, int64_t at_ns, struct err *err)
{
    int64_t now_ns = clock_mono_ns();
    uint64_t heard = atomic_load(&object->heard);
    if (!live->kind->catch_up(object, live->context, err)) {
        object->loaded = false;
        live->kind->forget(object);
        return is_unusable(err);
    }
    object->learnt_ns = now_ns;
    if (at_ns > object->confirmed_ns) object->confirmed_ns = at_ns;
    atomic_compare_exchange_strong(&object->heard, &heard, 0); // it was there, or never will be
    return true;
}

static bool ask_server(const struct live *live, const char *stream, uint64_t seq, int64_t since_ns,
                       int64_t *at_ns, bool *current, struct err *err)
{
    return raise_barrier(live, since_ns, at_ns, err) && store_probe(live->store, stream, seq, current, err);
}

// The object is not locked while the server is asked; what others did to it meanwhile is looked at again.
static bool confirm_copy(struct live *live, struct live_object *object, int64_t since_ns, struct err *err)
{
    char stream[LIVE_STREAM];
    int64_t at_ns;
    bool current;
    uint64_t seq = live->kind->seq(object);
    live->kind->stream(object, stream);
    pthread_mutex_unlock(&object->mutex);
    bool answered = ask_server(live, stream, seq, since_ns, &at_ns, &current, err);
    pthread_mutex_lock(&object->mutex);
    if (!answered) return false;
    if (!object->loaded || atomic_load(&object->failed) || live->kind->seq(object) != seq) return true;
    if (!current) return read_on(live, object, at_ns, err);
    if (at_ns > object->confirmed_ns) object->confirmed_ns = at_ns;
    return true;
}

static bool refresh_copy(struct live *live, struct live_object *object, struct live_need *need,
                         struct err *err)
{
    int64_t since_ns = need && need->fresh_from_ns ? need->fresh_from_ns : clock_mono_ns() - HOUR_NS;
    if (object->ticket > store_durable(live->store))
        return live_come_later(object, need, err, "a write is on its way");
    if (was_told_of_more(live, object)) return read_on(live, object, 0, err);
    return confirm_copy(live, object, since_ns, err);
}

// How an entry that the copy is to have was looked for.
enum sought { SOUGHT_NOT, SOUGHT_BEHIND, SOUGHT_CONFIRMED };

// When the entry is missing: what is behind the copy is read, then once more after a barrier. What is still
// missing then is not in the store.
static void seek_entry(const struct live *live, struct live_object *object, struct live_need *need,
                       enum sought *sought)
{
    if (!live->shared || !need || need->at_least <= live->kind->seq(object)) return;
    if (*sought == SOUGHT_NOT && atomic_load(&object->heard) < need->at_least)
        atomic_store(&object->heard, need->at_least);
    if (*sought == SOUGHT_BEHIND) need->fresh_from_ns = clock_mono_ns();
    if (*sought != SOUGHT_CONFIRMED) ++*sought;
}

bool live_is_at_hand(const struct live *live, const struct live_object *object, const struct live_need *need)
{
    bool has = !live->shared || need->at_least <= live->kind->seq(object);
    return is_ready(object) && has && is_fresh(live, object, need);
}

// Until the copy is as fresh as it has to be. Each round that does not end it has read something new.
bool live_freshen(struct live *live, struct live_object *object, struct live_need *need, struct err *err)
{
    enum sought sought = SOUGHT_NOT;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        if (!make_ready(live, object, need, err)) return false;
        seek_entry(live, object, need, &sought);
        if (is_fresh(live, object, need)) return true;
        if (!refresh_copy(live, object, need, err)) return false;
    }
    return live_come_later(object, need, err, "others write it all the time");
}

// ---- Reading

static void note_writer(struct live_object *object, const struct store_entries *page)
{
    if (page->count && page->by) snprintf(object->by, sizeof object->by, "%s", page->by);
}

static void note_page(struct live_object *object, const struct store_entries *page)
{
    if (page->command_count) live_commands_add(&object->commands, page->commands, page->command_count);
    if (page->ended) object->gone = object->ended = true;
}

bool live_catch_up(struct live_object *object, struct store *store, const char *stream, uint64_t seq,
                   bool (*apply)(void *fold, const ProtobufCBinaryData *entry, struct err *err), void *fold,
                   struct arena *arena, struct err *err)
{
    for (struct store_entries page = {.more = true}; page.more; seq += page.count) {
        arena_reset(arena);
        if (!store_read(store, stream, seq, PAGE, arena, &page, err)) return false;
        note_writer(object, &page); // also of what can't be applied
        for (size_t i = 0; i < page.count; i++)
            if (!apply(fold, &page.entries[i], err)) return false;
        note_page(object, &page);
    }
    return true;
}

bool live_knows(void *arg, const uint8_t id[32], bool *may_be, uint64_t *ticket, struct err *err)
{
    struct live_object *object = arg;
    struct store *store = object->live->store;
    char stream[LIVE_STREAM];
    *may_be = live_commands_has(&object->commands, id);
    *ticket = object->ticket > store_durable(store) ? object->ticket : 0;
    if (*may_be) return true;
    object->live->kind->stream(object, stream);
    if (!live_commands_complete(&object->commands, store, stream, err)) return false;
    *may_be = !live_commands_are_all(&object->commands) || live_commands_has(&object->commands, id);
    return true;
}
