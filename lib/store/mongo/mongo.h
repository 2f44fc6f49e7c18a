// The shared backend: a MongoDB database, written by several processes at once. docs/mongodb.md has the form
// of its documents. Inserts rest on unique keys and updates on a row's version; nothing here rests on a lock,
// a clock or a transaction. Private to this folder.
#ifndef LIB_STORE_MONGO_MONGO_H
#define LIB_STORE_MONGO_MONGO_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/store/backend.h"
#include "lib/store/mongo/document.h"
#include "lib/store/mongo/talk.h"

enum {
    MONGO_MAX_DOCUMENT = 8 << 20, // a larger one is refused before it is sent
    MONGO_MAX_NAME = 64,          // of a database
    MONGO_FORMAT = 1,
    MONGO_ANSWER_MS = 500, // how long a linearizable read may take
};

struct mongo_team;
struct mongo_watch;
struct mongo_head;

struct mongo_heads {
    struct mongo_head **slots;
    size_t count;
};

struct mongo_store {
    const struct store_model *models;
    size_t model_count;
    uint64_t generation;
    char *self;
    char database[MONGO_MAX_NAME];
    char filler[40]; // "" unless this process fills the store: the generation that it makes
    // Collections carry the generation in their names, so that a write of an earlier one, however late, is
    // lost.
    char entries[24], snapshots[24];
    mongoc_client_pool_t *pool;
    bool standalone;               // the server knows no majority and no linearizable read
    struct metric *writes, *reads; // commands sent
    struct metric *waves;          // what was sent together by the commit thread, and waited for
    struct mongo_watch *watch;
    struct mongo_team *team;
    struct mongo_heads heads; // for the commit thread alone
    bool full;                // of this group, a write found no room
};

// ---- Connection (mongo.c, uri.c)

// What the URL asks for, with what we need. Refuses an option that weakens reads or writes, by its name. The
// caller destroys it. filler gets what store_fill adds to the place.
MUST_CHECK bool mongo_uri_parse(const char *place, mongoc_uri_t **uri, char filler[40], struct err *err);
// Connects and finds out what kind of server it is; creates nothing.
MUST_CHECK bool mongo_connect(struct mongo_store **store, const char *place, struct metrics *metrics,
                              struct err *err);
void mongo_disconnect(struct mongo_store *store);

// ---- Being away (watch.c)

MUST_CHECK bool mongo_watch_start(struct mongo_store *store, struct err *err);
void mongo_watch_stop(struct mongo_store *store);
bool mongo_is_away(const struct mongo_store *store);
// The server did not answer: until a ping does, everything is refused at once.
void mongo_is_lost(struct mongo_store *store);
bool mongo_is_closing(const struct mongo_store *store);
void mongo_close_soon(struct mongo_store *store);
// Waits until the server is there, but at least pause_ms; false when the store is being closed.
bool mongo_wait_back(struct mongo_store *store, int64_t pause_ms);
// The same until `until_ms` (monotonic) at most; true when the server is there.
bool mongo_wait_until(struct mongo_store *store, int64_t until_ms);

// ---- Doing several things at once (team.c)

MUST_CHECK bool mongo_team_start(struct mongo_team **team, struct err *err);
void mongo_team_stop(struct mongo_team *team);
// Calls work(arg, 0) .. work(arg, count - 1) on the team's threads and this one; returns when all have ended.
void mongo_team_run(struct mongo_team *team, void (*work)(void *arg, size_t at), void *arg, size_t count);

// ---- Collections and indexes (schema.c)

void mongo_table_name(const struct mongo_store *store, char name[64], const struct store_table *table);
void mongo_set_generation(struct mongo_store *store, uint64_t generation);
// Creates what is missing, and brings the rows of changed indexes up to date.
MUST_CHECK bool mongo_schema(struct mongo_store *store, struct err *err);
// Brings rows up to date that an older program wrote meanwhile: at most limit, 0: all. Adds to count.
MUST_CHECK bool mongo_schema_catch_up(struct mongo_store *store, const struct store_model *model,
                                      int64_t limit, size_t *count, struct err *err);
// Learns the store's generation from `meta`; makes it when the database is new.
MUST_CHECK bool mongo_meta(struct mongo_store *store, struct err *err);
// The generation in `meta` now, linearizably unless the server stands alone; 0: there is none. At most 500
// ms.
MUST_CHECK bool mongo_meta_read(struct mongo_store *store, uint64_t *generation, struct err *err);

// ---- Writing (write.c and what it uses)

void mongo_heads_forget(struct mongo_heads *heads);
bool mongo_commit(void *backend, struct store_job *jobs, struct store_failures *failures);

// ---- Reading (read.c, find.c)

bool mongo_too_large(struct err *err); // REPLY_TOO_LARGE; false
// Calls visit for each document of an array field; stops with its err.
MUST_CHECK bool mongo_each_item(const bson_t *document, const char *key,
                                bool (*visit)(void *arg, const bson_t *item, struct err *err), void *arg,
                                struct err *err);
// Adds a command to those known, in the arena.
MUST_CHECK bool mongo_gather_command(struct arena *arena, const bson_t *item, struct store_known **commands,
                                     size_t *count, size_t *room, struct err *err);
// A filter for first documents of streams whose name is at least prefix and behind after.
bson_t *mongo_streams_filter(const char *prefix, const char *after);

// What a stream's newest document says. seq 0: there is none.
struct mongo_end {
    uint64_t seq;
    bool ended;
};
MUST_CHECK bool mongo_read_end(struct mongo_store *store, const char *stream, struct mongo_end *end,
                               struct err *err);

bool mongo_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
               ProtobufCMessage **message, uint64_t *version, struct err *err);
bool mongo_find(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                struct err *err);
bool mongo_read(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                struct store_entries *entries, struct err *err);
bool mongo_attached(void *backend, const char *stream, uint64_t seq, struct arena *arena,
                    ProtobufCBinaryData *attached, struct err *err);
bool mongo_read_snapshot(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                         ProtobufCBinaryData *state, struct err *err);
bool mongo_read_head(void *backend, const char *stream, uint64_t *seq, struct err *err);
bool mongo_read_oldest(void *backend, const char *stream, uint64_t *seq, struct err *err);
bool mongo_read_heads(void *backend, const char *prefix, const char *after, size_t limit, struct arena *arena,
                      struct store_head **heads, size_t *count, struct err *err);
bool mongo_probe(void *backend, const char *stream, uint64_t seq, bool *current, struct err *err);
bool mongo_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                        struct arena *arena, bool *found, struct store_command *command, struct err *err);
bool mongo_commands(void *backend, const char *stream, int64_t since_ms, struct arena *arena,
                    struct store_known **commands, size_t *count, struct err *err);

// ---- The whole (whole.c)

bool mongo_each(void *backend, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                void *arg, struct err *err);
bool mongo_fill_begin(void **filling, const char *path, const char **place, struct err *err);
bool mongo_fill_end(void *filling, bool keep, struct err *err);
bool mongo_backup(const char *place, const char *path, const char *without, struct err *err);

#endif
