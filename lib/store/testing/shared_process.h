// One struct store of a shared store in memory: a process. All of it is under its server's lock.
#ifndef LIB_STORE_TESTING_SHARED_PROCESS_H
#define LIB_STORE_TESTING_SHARED_PROCESS_H

#include "lib/store/testing/shared.h"
#include "lib/store/testing/shared_server.h"

#define SHARED_AWAY "the server can't be reached"

struct shared_process {
    struct shared_server *server;
    struct shared_server *past; // what it reads while its primary is deposed; or NULL
    const struct store_model *models;
    size_t model_count;
    char *self;
    uint64_t generation; // as it was opened
    bool closing, away, probes_fail;
    bool holds;       // the barrier is closed
    bool held;        // a write waits there
    bool lost;        // a write's outcome is unknown
    bool holds_reads; // linearizable ones, of the generation
    bool read_held;   // one waits
    enum shared_wire wire;
    unsigned changes; // of the wire or of being away
    unsigned sends, probes, barriers, reads;
    const char *refused; // name of a table, or NULL
};

// shared_past.c: a copy of what its server has now.
struct shared_server *shared_store_past_of(const struct shared_process *process);

// With the server's lock.
struct shared_process *shared_store_enter(void *backend);
void shared_store_leave(struct shared_process *process);
void shared_store_hold_read(struct shared_process *process); // waits while such reads are held

bool shared_store_get(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                      ProtobufCMessage **message, uint64_t *version, struct err *err);
bool shared_store_find(void *backend, const struct store_scan *scan, struct arena *arena,
                       struct store_rows *rows, struct err *err);
bool shared_store_read(void *backend, const char *name, uint64_t from, size_t limit, struct arena *arena,
                       struct store_entries *page, struct err *err);
bool shared_store_attached(void *backend, const char *name, uint64_t seq, struct arena *arena,
                           ProtobufCBinaryData *attached, struct err *err);
bool shared_store_read_snapshot(void *backend, const char *name, struct arena *arena, uint64_t *seq,
                                ProtobufCBinaryData *state, struct err *err);
bool shared_store_head(void *backend, const char *name, uint64_t *seq, struct err *err);
bool shared_store_oldest(void *backend, const char *name, uint64_t *seq, struct err *err);
bool shared_store_barrier(void *backend, uint64_t *generation, struct err *err);
bool shared_store_probe(void *backend, const char *name, uint64_t seq, bool *current, struct err *err);
bool shared_store_heads(void *backend, const char *prefix, const char *after, size_t limit,
                        struct arena *arena, struct store_head **heads, size_t *count, struct err *err);
bool shared_store_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                               struct arena *arena, bool *found, struct store_command *command,
                               struct err *err);
bool shared_store_commands(void *backend, const char *stream, int64_t since_ms, struct arena *arena,
                           struct store_known **commands, size_t *count, struct err *err);
bool shared_store_each(void *backend,
                       bool (*visit)(void *arg, const struct store_item *item, struct err *err), void *arg,
                       struct err *err);

#endif
