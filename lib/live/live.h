// Objects in memory while they are used. Each is the fold of a stream: it takes one command at a time under
// its lock, its writes are queued for the disk without waiting, and it is loaded again when one of them
// failed. Memory is bounded in bytes; the least recently used leave first. A kind defines what an object is.
// Thread-safe.
#ifndef LIB_LIVE_LIVE_H
#define LIB_LIVE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/ids.h"
#include "lib/store/store.h"

// The first member of a kind's struct. Locked between enter and leave.
struct live_object {
    struct uuid id;
    uint64_t ticket;     // of the newest entries decided on it; reads of it rest on this
    bool gone;           // deleted; the stream's end is on its way to the disk
    atomic_bool failed;  // a write failed: the state is ahead of the disk
    atomic_uint pending; // writes on their way; it stays in memory until they have ended

    // live.c's own.
    pthread_mutex_t mutex;
    bool loaded;
    int64_t corrupt_until_ms;          // monotonic: what is stored does not verify, and is not read before
    struct live_object *next;          // in its bucket
    struct live_object *newer, *older; // by use
    uint32_t users;                    // threads that hold or wait for it
    size_t bytes;
};

struct live_kind {
    const char *name; // "event": in messages to clients
    const char *log;  // "events.load": for the log when loading fails
    size_t size;      // of the struct
    // begin and load make an object that was zeroed or forgotten; load makes it from what is stored.
    // STORE_CORRUPT keeps it from being read for ten seconds.
    bool (*load)(struct live_object *object, void *context, struct err *err);
    void (*begin)(struct live_object *object, void *context);
    void (*forget)(struct live_object *object);  // frees the state; also of one that could not be loaded
    void (*destroy)(struct live_object *object); // frees what outlives a state, after forget; may be NULL
    bool (*exists)(const struct live_object *object);  // something is stored, or was just made
    size_t (*weigh)(const struct live_object *object); // bytes of the state
};

struct live;

// kind outlives it; context is passed to load and begin.
MUST_CHECK bool live_open(struct live **live, const struct live_kind *kind, void *context, size_t most_bytes,
                          struct err *err);
void live_close(struct live *live); // after the store has committed what was queued; NULL is fine

// NOT_FOUND, or SERVICE_BUSY while a failed write is being undone; *object is NULL then. On true the caller
// must leave it.
MUST_CHECK bool live_enter(struct live *live, const char *id, struct live_object **object, struct err *err);
// Enters an object that is not stored yet, as begin made it. NULL without memory.
struct live_object *live_enter_new(struct live *live, const char *id);
void live_leave(struct live *live, struct live_object *object);

// Queues entries decided under this lock, behind those decided before. `write` has the done callback, which
// must call live_written.
void live_append(struct live_object *object, struct store *store, const char *stream, uint64_t first_seq,
                 const ProtobufCBinaryData *entries, size_t count, struct store_write write);
// Queues the stream's end behind last_seq, likewise; the object is gone.
void live_delete(struct live_object *object, struct store *store, const char *stream, uint64_t last_seq,
                 struct store_write write);
// Called last in the done of a write that is counted in pending: the object may be out of memory afterwards.
void live_written(void *object, bool durable);

// Applies the stored entries of a stream to a fold, in order, from seq to the end. The arena is reset for
// each page.
MUST_CHECK bool live_catch_up(struct store *store, const char *stream, uint64_t seq,
                              bool (*apply)(void *fold, const ProtobufCBinaryData *entry, struct err *err),
                              void *fold, struct arena *arena, struct err *err);

#endif
