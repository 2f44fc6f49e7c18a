// A queued write, in one block of memory with all it points to. The thread that asks for the write makes it,
// the backend does it in the commit thread, and then it is freed.
#ifndef LIB_STORE_JOB_H
#define LIB_STORE_JOB_H

#include "lib/store/store.h"
#include "lib/store/fields.h"

enum store_job_kind {
    STORE_PUT,
    STORE_DELETE,
    STORE_APPEND,
    STORE_DELETE_STREAM,
    STORE_TRIM_STREAM,
    STORE_REDACT,
    STORE_SNAPSHOT,
    STORE_EXPIRE_COMMANDS,
    STORE_REFUSED, // the queue was full
};

enum { STORE_DROP_AT_ONCE = 4000, STORE_WRITE_ID = 16 };

struct store_job {
    struct store_job *next;
    uint64_t ticket;
    enum store_job_kind kind;
    uint32_t count;                  // entries of an append
    const struct store_model *model; // of a put or delete
    const char *name;                // row id or stream
    // A row's expected one; the sequence of an append's first entry, a snapshot, a trim's end, the entry that
    // is redacted, or that a deletion of a stream expects (0: any).
    uint64_t version;
    ProtobufCBinaryData body;      // packed message, entries (store_entries_pack), stub or state
    struct store_value *values;    // a put's index values, as in model->fields
    struct store_command *command; // or NULL
    bool made;                     // a row from a stream, whose version is given
    bool begins;                   // see store_write
    bool at_end;                   // an append whose place is known when it is done
    struct store_source source;    // of an append
    ProtobufCBinaryData attached;  // to an append
    int64_t expire_before_ms;      // of STORE_EXPIRE_COMMANDS
    // Where it and STORE_TRIM_STREAM, which drop at most STORE_DROP_AT_ONCE, report that there may be more,
    // before the job is decided.
    bool *more;
    uint64_t after; // see store_write
    void (*done)(void *arg, bool durable);
    void *arg;
    size_t size; // of the block
    bool failed; // set by store_failures_add
    // Of a shared store: random, kept with what is written, so that the writer knows it again.
    uint8_t write_id[STORE_WRITE_ID];
};

// The message is packed and its index values are taken.
struct store_job *store_job_put(const struct store_model *model, const ProtobufCMessage *message,
                                uint64_t version, const struct store_write *write);
struct store_job *store_job_delete(const struct store_model *model, const char *id, uint64_t version,
                                   const struct store_write *write);
// The caller sets the first sequence, or `at_end`.
struct store_job *store_job_append(const char *stream, const ProtobufCBinaryData *entries, size_t count,
                                   const struct store_write *write);
struct store_job *store_job_delete_stream(const char *stream, uint64_t last_seq,
                                          const struct store_write *write);
struct store_job *store_job_trim_stream(const char *stream, uint64_t before_seq, bool *more);
struct store_job *store_job_redact(const char *stream, uint64_t seq, ProtobufCBinaryData stub,
                                   const struct store_write *write);
struct store_job *store_job_snapshot(const char *stream, uint64_t seq, ProtobufCBinaryData state);
struct store_job *store_job_expire(int64_t before_ms, bool *more);
// Draws its write_id.
void store_job_mark(struct store_job *job);

#endif
