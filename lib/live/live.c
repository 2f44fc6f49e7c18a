#include "lib/live/live.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { BUCKETS = 4096, PAGE = 500, CORRUPT_MS = 10000 };

struct live {
    const struct live_kind *kind;
    void *context;
    size_t most_bytes;
    pthread_mutex_t mutex; // of the map and the order of use; never taken while an object's lock is wanted
    struct live_object *buckets[BUCKETS];
    struct live_object *newest, *oldest;
    size_t bytes;
};

bool live_open(struct live **live, const struct live_kind *kind, void *context, size_t most_bytes,
               struct err *err)
{
    *live = calloc(1, sizeof **live);
    if (!*live) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*live)->kind = kind;
    (*live)->context = context;
    (*live)->most_bytes = most_bytes;
    pthread_mutex_init(&(*live)->mutex, NULL);
    return true;
}

static void destroy_object(const struct live *live, struct live_object *object)
{
    live->kind->forget(object);
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
    uint32_t tail;
    memcpy(&tail, id + UUID_LEN - sizeof tail, sizeof tail);
    return &live->buckets[tail * 2654435761U >> 20];
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
    memcpy(object->id.text, id, UUID_LEN);
    pthread_mutex_init(&object->mutex, NULL);
    object->next = *bucket;
    *bucket = object;
    link_newest(live, object);
    return object;
}

// The object with one more user, made when it is not in memory. NULL without memory.
static struct live_object *borrow_object(struct live *live, const char *id)
{
    pthread_mutex_lock(&live->mutex);
    struct live_object *object = *bucket_of(live, id);
    while (object && memcmp(object->id.text, id, UUID_LEN) != 0) object = object->next;
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

// ---- Loading

static bool load_object(struct live *live, struct live_object *object, struct err *err)
{
    live->kind->forget(object);
    object->gone = false;
    object->ticket = 0;
    object->corrupt_until_ms = 0;
    atomic_store(&object->failed, false);
    object->loaded = live->kind->load(object, live->context, err);
    if (object->loaded) return true;
    live->kind->forget(object);
    if (!err_is(err, STORE_CORRUPT)) return false;
    log_err(LOG_ERROR, live->kind->log, err);
    object->corrupt_until_ms = clock_mono_ms() + CORRUPT_MS;
    return false;
}

static bool make_ready(struct live *live, struct live_object *object, struct err *err)
{
    bool failed = atomic_load(&object->failed);
    if (failed && atomic_load(&object->pending)) {
        err_fail(err, SERVICE_BUSY, "a failed write is being undone");
        err->retry_after_s = 1;
        return false;
    }
    if (object->loaded && !failed) return true;
    if (object->corrupt_until_ms > clock_mono_ms())
        return err_fail(err, STORE_CORRUPT, "%s %s did not verify when it was loaded", live->kind->name,
                        object->id.text);
    return load_object(live, object, err);
}

static bool is_there(const struct live *live, const struct live_object *object)
{
    return object->loaded && !object->gone && live->kind->exists(object);
}

bool live_enter(struct live *live, const char *id, struct live_object **out, struct err *err)
{
    struct live_object *object = borrow_object(live, id);
    *out = NULL;
    if (!object) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_lock(&object->mutex);
    bool ready = make_ready(live, object, err);
    if (ready && is_there(live, object)) return *out = object, true;
    if (ready) err_fail(err, NOT_FOUND, "there is no such %s", live->kind->name);
    live_leave(live, object);
    return false;
}

struct live_object *live_enter_new(struct live *live, const char *id)
{
    struct live_object *object = borrow_object(live, id);
    if (!object) return NULL;
    pthread_mutex_lock(&object->mutex);
    live->kind->begin(object, live->context);
    object->loaded = true;
    return object;
}

void live_leave(struct live *live, struct live_object *object)
{
    bool empty = !object->corrupt_until_ms && !is_there(live, object);
    size_t bytes = live->kind->size + (object->loaded ? live->kind->weigh(object) : 0);
    pthread_mutex_unlock(&object->mutex);
    give_back(live, object, empty, bytes);
}

// ---- Writing

void live_append(struct live_object *object, struct store *store, const char *stream, uint64_t first_seq,
                 const ProtobufCBinaryData *entries, size_t count, struct store_write write)
{
    write.after = object->ticket;
    atomic_fetch_add(&object->pending, 1);
    object->ticket = store_append(store, stream, first_seq, entries, count, &write);
}

void live_delete(struct live_object *object, struct store *store, const char *stream, uint64_t last_seq,
                 struct store_write write)
{
    write.after = object->ticket;
    atomic_fetch_add(&object->pending, 1);
    object->ticket = store_delete_stream(store, stream, last_seq, &write);
    object->gone = true;
}

void live_written(void *arg, bool durable)
{
    struct live_object *object = arg;
    if (!durable) atomic_store(&object->failed, true);
    atomic_fetch_sub(&object->pending, 1);
}

bool live_catch_up(struct store *store, const char *stream, uint64_t seq,
                   bool (*apply)(void *fold, const ProtobufCBinaryData *entry, struct err *err), void *fold,
                   struct arena *arena, struct err *err)
{
    for (struct store_entries page = {.more = true}; page.more; seq += page.count) {
        arena_reset(arena);
        if (!store_read(store, stream, seq, PAGE, arena, &page, err)) return false;
        for (size_t i = 0; i < page.count; i++)
            if (!apply(fold, &page.entries[i], err)) return false;
    }
    return true;
}
