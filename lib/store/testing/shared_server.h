// What the server of a shared store in memory holds: streams of documents, one for each append, tables of
// rows, and commands. The caller has its lock.
#ifndef LIB_STORE_TESTING_SHARED_SERVER_H
#define LIB_STORE_TESTING_SHARED_SERVER_H

#include <pthread.h>

#include "lib/store/backend.h"

struct shared_document {
    uint64_t first_seq;
    size_t count;
    ProtobufCBinaryData bytes; // as in a job
    char *source;              // or NULL
    uint64_t source_seq, source_print;
    ProtobufCBinaryData attached;
    char *by;
};

struct shared_stream {
    struct shared_stream *next;
    char *name;
    struct shared_document *documents;
    size_t count, room;
    bool ended;
    uint64_t last_seq; // of an ended one
    char *ended_by;
    uint64_t snapshot_seq; // 0: none
    ProtobufCBinaryData snapshot;
};

// A deleted one stays, so that no version comes twice.
struct shared_row {
    char *id;
    uint64_t version;
    bool gone;
    ProtobufCBinaryData bytes;
    struct store_value *values; // as in the model's fields, in one block
};

struct shared_table {
    struct shared_table *next;
    char *name;
    struct shared_row *rows; // by id
    size_t count, room;
};

struct shared_command {
    struct store_command stored;
    char *place; // the table's or the stream's name
    bool of_table;
    uint64_t seq;
};

struct shared_done; // the ids of writes that were carried out

enum { SHARED_DONE_SLOTS = 4096 };

struct shared_server {
    struct shared_server *next;
    char *name;
    uint64_t generation;
    pthread_mutex_t lock;
    pthread_cond_t changed; // something that a process waits for
    struct shared_stream *streams;
    struct shared_table *tables;
    struct shared_command *commands; // oldest first
    size_t command_count, command_room;
    struct shared_done *done[SHARED_DONE_SLOTS];
};

// Why a write is refused; reason 0 when it is done.
struct shared_fault {
    Conse__Reason__Value reason;
    const char *why; // constant
};

// Makes it when there is none of that name. Takes no lock.
struct shared_server *shared_store_server_named(const char *name);
void shared_store_server_drop(const char *name);
// One that has no part in the list.
struct shared_server *shared_store_server_create(const char *name);
void shared_store_server_destroy(struct shared_server *server); // NULL is fine

// Carries a write out, or finds that it has been.
struct shared_fault shared_store_server_execute(struct shared_server *server, const struct store_job *job,
                                                const char *by);

struct shared_stream *shared_store_stream_find(struct shared_server *server, const char *name); // or NULL
uint64_t shared_store_stream_head(const struct shared_stream *stream); // 0 without entries

struct shared_table *shared_store_table_of(struct shared_server *server, const char *name);
struct shared_fault shared_store_row_put(struct shared_server *server, const struct store_job *job);
struct shared_fault shared_store_row_delete(struct shared_server *server, const struct store_job *job);
// Takes the index values of all rows as the model has them.
void shared_store_table_index(struct shared_table *table, const struct store_model *model);
MUST_CHECK bool shared_store_row_get(struct shared_server *server, const struct store_model *model,
                                     const char *id, struct arena *arena, ProtobufCMessage **message,
                                     uint64_t *version, struct err *err);
MUST_CHECK bool shared_store_row_find(struct shared_server *server, const struct store_scan *scan,
                                      struct arena *arena, struct store_rows *rows, struct err *err);
void shared_store_tables_drop(struct shared_server *server);

// Memory that the test has or ends without.
void *shared_store_alloc(size_t size);
char *shared_store_copy_text(const char *text);
ProtobufCBinaryData shared_store_copy_bytes(ProtobufCBinaryData bytes);
// Room for one more of `size` bytes each behind `count`.
void *shared_store_grow(void *items, size_t count, size_t *room, size_t size);

#endif
