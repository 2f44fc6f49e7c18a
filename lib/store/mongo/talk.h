// Commands and finds: one round trip each. Every call takes a client of the pool and blocks.
#ifndef LIB_STORE_MONGO_TALK_H
#define LIB_STORE_MONGO_TALK_H

#include "lib/base/err.h"
#include "lib/store/mongo/library.h"

struct mongo_store;

void mongo_count(struct mongo_store *store); // counts what the pool's clients send; before the first is taken

enum mongo_answer {
    MONGO_DONE,    // carried out, majority and journal
    MONGO_REFUSED, // answered, and not carried out; fault.code says why
    MONGO_UNSENT,  // no server was found: not carried out
    MONGO_UNKNOWN, // perhaps carried out
};

enum { MONGO_DUPLICATE = 11000, MONGO_TOO_LARGE = 10334, MONGO_NO_SPACE = 14031 };

struct mongo_fault {
    int code;
    char message[160];
};

// The server's message, unless it holds the values of a row.
void mongo_fault_set(struct mongo_fault *fault, int code, const char *message);
// Sends a command to the primary. *reply, unless NULL, is the caller's to destroy whatever comes back.
enum mongo_answer mongo_command(struct mongo_store *store, const bson_t *command, bson_t *reply,
                                struct mongo_fault *fault);
// Whether an error of this code may leave a write carried out, or goes by itself.
bool mongo_code_is_open(int code);
void mongo_add_write_concern(bson_t *command);
// A command that is repeated until it is answered, for open and fill; false with the reason.
MUST_CHECK bool mongo_insist(struct mongo_store *store, const bson_t *command, bson_t *reply,
                             struct err *err);
bool mongo_fail(const struct mongo_fault *fault, const char *what, struct err *err);
bool mongo_fail_away(struct err *err);

// A find's documents, one after another; begun with mongo_query, ended with mongo_cursor_end. While the
// server is away, or when it does not answer, it fails with STORE_AWAY.
struct mongo_cursor {
    struct mongo_store *store;
    mongoc_client_t *client;
    mongoc_collection_t *collection;
    mongoc_cursor_t *cursor;
    bson_t *filter, *options;
    bool fresh; // nothing came yet, and it was sent once
};
// filter and options are destroyed. options may be NULL.
MUST_CHECK bool mongo_query(struct mongo_cursor *cursor, struct mongo_store *store, const char *collection,
                            bson_t *filter, bson_t *options, struct err *err);
// *document is NULL behind the last one; it is borrowed until the next call.
MUST_CHECK bool mongo_next(struct mongo_cursor *cursor, const bson_t **document, struct err *err);
void mongo_cursor_end(struct mongo_cursor *cursor);
// A copy of the first document, or NULL when there is none. Destroys filter and options.
MUST_CHECK bool mongo_find_one(struct mongo_store *store, const char *collection, bson_t *filter,
                               bson_t *options, bson_t **document, struct err *err);

#endif
