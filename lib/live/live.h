// Objects in memory while they are used. Each is the fold of a stream: it takes one command at a time under
// its lock, its writes are queued for the disk without waiting, and it is loaded again when one of them
// failed. Memory is bounded in bytes; the least recently used leave first. A kind defines what an object is.
// Thread-safe.
//
// In a store that other processes write too, an object is a copy that may be behind. A command needs no more:
// its append fails when somebody came between. A read or a refusal says how old the copy may be; then the
// store's server is asked whether the stream goes on, and what is missing is read.
#ifndef LIB_LIVE_LIVE_H
#define LIB_LIVE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/ids.h"
#include "lib/live/commands.h"
#include "lib/store/store.h"

enum { LIVE_ID = 96, LIVE_STREAM = 128, LIVE_PEER = 256, LIVE_CONFLICTS = 3 };

struct live_id {
    char text[LIVE_ID]; // of any form; what does not fit is the id of nothing
};

// The first member of a kind's struct. Locked between enter and leave.
struct live_object {
    struct live_id id;
    uint64_t ticket;     // of the newest entries decided on it; reads of it rest on this
    uint64_t newest;     // of the newest write that is counted in pending
    bool gone;           // deleted; the stream's end is on its way to the disk, or was read
    atomic_bool failed;  // a write failed: the state is ahead of the disk
    atomic_uint pending; // writes on their way; it stays in memory until they have ended

    // live.c's own.
    struct live *live;
    pthread_mutex_t mutex;
    bool loaded;
    bool ended;                 // the stream's end was read; it is final
    int64_t learnt_ns;          // monotonic, before the state was read from the store
    int64_t confirmed_ns;       // before the server was asked and knew no more, or an own append was queued
    int64_t waits_ns;           // since when there has always been an own write on its way
    atomic_uint_fast64_t heard; // an entry that another process announced
    struct live_commands commands;     // of a shared store
    int64_t conflicts[LIVE_CONFLICTS]; // monotonic ns, of the last ones, newest first
    int64_t load_ns;                   // how long the last loading took
    char by[LIVE_PEER];                // who made the newest entry that was read; "" after one of our own
    int64_t unread_until_ms;           // monotonic: what is stored can't be used, and is not read before
    bool by_newer;                     // because a newer program wrote it; else it does not verify
    struct live_object *next;          // in its bucket
    struct live_object *newer, *older; // by use
    uint32_t users;                    // threads that hold or wait for it
    size_t bytes;
};

struct live_kind {
    const char *name; // "event": in messages to clients
    const char *log;  // "events.load": for the log when loading fails
    size_t size;      // of the struct
    size_t commands;  // how many of an object's are kept in memory, of a shared store; 0: LIVE_COMMANDS
    // begin and load make an object that was zeroed or forgotten; load makes it from what is stored.
    // STORE_CORRUPT and STORE_NEWER keep it from being read for ten seconds.
    bool (*load)(struct live_object *object, void *context, struct err *err);
    // Applies what was stored behind the state meanwhile, by live_catch_up. No write of ours is on its way.
    bool (*catch_up)(struct live_object *object, void *context, struct err *err);
    // Of a copy that lost a conflict: takes back what was decided on it and is not stored, and catch_up goes
    // on from there. False: the state is useless, and is loaded. May be NULL, which is the same.
    bool (*take_back)(struct live_object *object);
    uint64_t (*seq)(const struct live_object *object); // of the newest entry in the state
    void (*stream)(const struct live_object *object, char out[LIVE_STREAM]);
    void (*begin)(struct live_object *object, void *context);
    void (*forget)(struct live_object *object);  // frees the state; also of one that could not be loaded
    void (*destroy)(struct live_object *object); // frees what outlives a state, after forget; may be NULL
    bool (*exists)(const struct live_object *object);  // something is stored, or was just made
    size_t (*weigh)(const struct live_object *object); // bytes of the state
};

struct live;

// kind and store outlive it; context is passed to load, catch_up and begin.
MUST_CHECK bool live_open(struct live **live, const struct live_kind *kind, void *context,
                          struct store *store, size_t most_bytes, struct err *err);
void live_close(struct live *live); // after the store has committed what was queued; NULL is fine

// What somebody needs of an object, and what was found, also when entering was refused.
struct live_need {
    int64_t fresh_from_ns; // monotonic: the copy was confirmed since; 0: any copy serves
    uint64_t at_least;    // an entry that it is known to have: the copy has it too, or it is not in the store
    bool movable;         // another process that writes the object all the time may be named
    int64_t confirmed_ns; // when the copy was; 0: the store is exclusive
    uint64_t ticket;      // what was found rests on it
    uint64_t undone;      // with SERVICE_BUSY: worth another try when this ticket is decided; else 0
    char winner[LIVE_PEER]; // with WRONG_PEER: who writes it; with STORE_NEWER: who wrote last, or ""
};

// NOT_FOUND; SERVICE_BUSY while a failed write is being undone, or what is needed rests on a pending one;
// STORE_AWAY while the copy can't be confirmed; WRONG_PEER after three conflicts within a second, not
// counting the time to load it; STORE_NEWER. *object is NULL then. On true the caller must leave it. need may
// be NULL: any copy. Blocks while it is loaded or confirmed; the object is not locked while the server is
// asked.
MUST_CHECK bool live_enter(struct live *live, const char *id, struct live_need *need,
                           struct live_object **object, struct err *err);
// Enters an object that is not stored yet, as begin made it. CONFLICT when there is one in memory.
MUST_CHECK bool live_enter_new(struct live *live, const char *id, struct live_need *need,
                               struct live_object **object, struct err *err);
void live_leave(struct live *live, struct live_object *object);
// The same for who holds a lock meanwhile and must not wait: true when the object is there, as fresh as
// needed, and nobody has it. Else false, with *waits when live_enter would have waited for the store or for
// somebody else.
MUST_CHECK bool live_enter_at_hand(struct live *live, const char *id, struct live_need *need,
                                   struct live_object **object, bool *waits, struct err *err);
// Unlocks an object that was entered and keeps it in memory, until it is given back.
void live_let_go(struct live_object *object);
void live_give_back(struct live *live, struct live_object *object); // waits for who has it
// Another process announced an entry: the next to enter reads it. Never blocks.
void live_note_head(struct live *live, const char *id, uint64_t seq);

// Of a shared store, for who shows only what is stored: the ticket of own writes of which some were queued
// before this time (monotonic) and may be stored without this process knowing it, while another one has said
// that they are done. 0: there are none.
uint64_t live_awaits(const struct live_object *object, int64_t since_ns);

// Of a shared store: whether the object's stream may carry the command; then the store is to be asked. What
// the store does not have yet rests on *ticket, unless that is 0. object is a struct live_object that was
// entered.
MUST_CHECK bool live_knows(void *object, const uint8_t id[32], bool *may_be, uint64_t *ticket,
                           struct err *err);

// Queues entries decided under this lock, behind those decided before. `write` has the done callback, which
// must call live_written; with an `after`, they rest on that ticket, and on those before by their place in
// the stream alone.
void live_append(struct live_object *object, struct store *store, const char *stream, uint64_t first_seq,
                 const ProtobufCBinaryData *entries, size_t count, struct store_write write);
// Queues the stream's end behind last_seq, likewise; the object is gone.
void live_delete(struct live_object *object, struct store *store, const char *stream, uint64_t last_seq,
                 struct store_write write);
// Called last in the done of a write that is counted in pending: the object may be out of memory afterwards.
void live_written(void *object, bool durable);

// Applies the stored entries of the object's stream to a fold, in order, from seq to the end; an object whose
// stream was deleted is gone. The arena is reset for each page.
MUST_CHECK bool live_catch_up(struct live_object *object, struct store *store, const char *stream,
                              uint64_t seq,
                              bool (*apply)(void *fold, const ProtobufCBinaryData *entry, struct err *err),
                              void *fold, struct arena *arena, struct err *err);

#endif
