// What a kind of storage does for the store: opening, committing groups of queued writes, and reading. What
// is the same for all kinds (queue, tickets, index values, page tokens) is outside it.
#ifndef LIB_STORE_BACKEND_H
#define LIB_STORE_BACKEND_H

#include "lib/store/store.h"
#include "lib/store/failures.h"
#include "lib/store/fields.h"
#include "lib/store/job.h"

// A find, checked and with its page token decoded.
struct store_scan {
    const struct store_model *model;
    const struct store_model_index *index; // NULL: by id
    const struct store_query *query;
    const struct store_value *after; // values of the last row's ordering fields; NULL on the first page
    const char *after_id;
    uint32_t limit;
};

struct store_opening {
    const char *path; // the URL after the scheme
    const char *self; // see store_options; "" when there is none
    bool ballast;
    struct metrics *metrics;
    const struct store_model *models;
    size_t model_count;
};

// Functions marked with * are those of a shared backend alone; NULL otherwise.
struct store_backend {
    const char *scheme; // "sqlite:"
    bool shared;
    // Takes the lock, creates what is missing, builds changed indexes.
    bool (*open)(void **backend, const struct store_opening *opening, struct err *err);
    void (*close)(void *backend);
    uint64_t (*generation)(void *backend);
    // Makes a list of jobs durable, in order. It passes those that fail to store_failures_add, and skips
    // those that store_failures_doomed names. False: there was no room for any. A fault of the disk ends the
    // process. Only the commit thread calls it, so its writes are the only ones of this process. Of a shared
    // backend: jobs have a write_id; what was sent and may have been executed is sent again until its outcome
    // is known; what could not be sent fails with STORE_AWAY.
    bool (*commit)(void *backend, struct store_job *jobs, struct store_failures *failures);
    // * The store is being closed: from now on commit gives up at once what can't be settled, with
    // OUTCOME_UNKNOWN. Called by another thread while commit may run, and before its last calls.
    void (*closing)(void *backend);
    // * Whether the server can't be reached. Any thread; does not block.
    bool (*away)(void *backend);
    // * One read that shows all that was acknowledged before it, or STORE_AWAY; of the store's generation.
    bool (*barrier)(void *backend, uint64_t *generation, struct err *err);
    // * See store_probe.
    bool (*probe)(void *backend, const char *stream, uint64_t seq, bool *current, struct err *err);

    bool (*get)(void *backend, const struct store_model *model, const char *id, struct arena *arena,
                ProtobufCMessage **message, uint64_t *version, struct err *err);
    // At most scan->limit rows, and none after the row that passes the query's most_bytes; rows->more says
    // whether others follow.
    bool (*find)(void *backend, const struct store_scan *scan, struct arena *arena, struct store_rows *rows,
                 struct err *err);
    // At least `limit` entries when there are as many, in whole appends; `by` is set when there is a writer
    // to name.
    bool (*read)(void *backend, const char *stream, uint64_t from, size_t limit, struct arena *arena,
                 struct store_entries *entries, struct err *err);
    bool (*attached)(void *backend, const char *stream, uint64_t seq, struct arena *arena,
                     ProtobufCBinaryData *attached, struct err *err);
    bool (*read_snapshot)(void *backend, const char *stream, struct arena *arena, uint64_t *seq,
                          ProtobufCBinaryData *state, struct err *err);
    bool (*head)(void *backend, const char *stream, uint64_t *seq, struct err *err);
    bool (*oldest)(void *backend, const char *stream, uint64_t *seq, struct err *err);
    bool (*heads)(void *backend, const char *prefix, const char *after, size_t limit, struct arena *arena,
                  struct store_head **heads, size_t *count, struct err *err);
    bool (*command_find)(void *backend, const struct store_model *model, const uint8_t id[32],
                         struct arena *arena, bool *found, struct store_command *command, struct err *err);
    // * See store_commands.
    bool (*commands)(void *backend, const char *stream, int64_t since_ms, struct arena *arena,
                     struct store_known **commands, size_t *count, struct err *err);
    // NULL, and backup too, when it can't. For filling: begin takes the lock, refuses a store with content,
    // and gives the path to fill; end frees, after putting the new file in the store's place when it is to be
    // kept.
    bool (*fill_begin)(void **filling, const char *path, const char **place, struct err *err);
    bool (*fill_end)(void *filling, bool keep, struct err *err);
    // place: what follows the scheme; without: a table, or NULL
    bool (*backup)(const char *place, const char *path, const char *without, struct err *err);
    // See store_examine; NULL without files.
    bool (*examine)(const char *place, struct store_condition *condition, struct err *err);
    // For copies of several stores as of one moment; NULL when it can't. From hold on the store's writes
    // wait; note fixes what is copied; go_on lets them go on; write may take long; end frees, and lets them
    // go on, too.
    bool (*copy_hold)(void **copy, const char *place, struct err *err);
    bool (*copy_note)(void *copy, struct err *err);
    bool (*copy_go_on)(void *copy, struct err *err);
    bool (*copy_write)(void *copy, const char *path, const char *without, struct err *err);
    void (*copy_end)(void *copy);
    bool (*each)(void *backend, bool (*visit)(void *arg, const struct store_item *item, struct err *err),
                 void *arg, struct err *err);
};

extern const struct store_backend store_sqlite, store_mongo;

// Makes another kind known to store_open, for good; asked before the first store of it is opened. Adding one
// again does nothing.
void store_backend_add(const struct store_backend *backend);
// Which kind a URL means; *place is what follows the scheme. NULL, and err, when there is none.
const struct store_backend *store_backend_of(const char *url, const char **place, struct err *err);
// What the backend's open gave: for the tests of a backend.
void *store_opened(struct store *store);

#endif
