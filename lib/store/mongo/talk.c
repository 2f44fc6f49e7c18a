// Commands and finds: one round trip each, and what its answer means for who sent it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/store/mongo/mongo.h"

enum {
    WRITE_TIMEOUT_MS = 8000, // of a majority; below the socket's
    READ_AGAIN_MS = 800,     // how long a read whose connection broke waits for a ping
    INSIST_TRIES = 200,
    INSIST_PAUSE_MS = 50,
    NO_COLLECTION = 26,
    CURSOR_LOST = 43,
    BATCH = 200, // documents per message of a find
};

// ---- Counting

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0) names++;
    return *names;
}

static void count_command(const mongoc_apm_command_started_t *event)
{
    static const char *const writes[] = {"insert", "update", "delete", NULL}, *const reads[] = {
                                                                                  "find", "getMore", NULL};
    const struct mongo_store *store = mongoc_apm_command_started_get_context(event);
    const char *name = mongoc_apm_command_started_get_command_name(event);
    if (is_one_of(name, writes)) metric_add(store->writes, 1);
    if (is_one_of(name, reads)) metric_add(store->reads, 1);
}

void mongo_count(struct mongo_store *store)
{
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_started_cb(callbacks, count_command);
    mongoc_client_pool_set_apm_callbacks(store->pool, callbacks, store);
    mongoc_apm_callbacks_destroy(callbacks);
}

// ---- What an answer means

// The network between servers, time-outs, a majority that could not be waited for, a primary that steps down.
// Any other code is an answer.
bool mongo_code_is_open(int code)
{
    static const int CODES[] = {6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436};
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (CODES[i] == code) return true;
    return false;
}

static enum mongo_answer answer_of_error(const bson_error_t *error)
{
    int code = (int)error->code;
    switch (error->domain) {
    case MONGOC_ERROR_SERVER_SELECTION:
        return MONGO_UNSENT;
    case MONGOC_ERROR_CLIENT:
        return code == MONGOC_ERROR_CLIENT_AUTHENTICATE ? MONGO_UNSENT : MONGO_REFUSED;
    case MONGOC_ERROR_STREAM:
        return code == MONGOC_ERROR_STREAM_CONNECT || code == MONGOC_ERROR_STREAM_NAME_RESOLUTION
                   ? MONGO_UNSENT
                   : MONGO_UNKNOWN;
    case MONGOC_ERROR_BSON:
    case MONGOC_ERROR_COMMAND:
        return MONGO_REFUSED;
    case MONGOC_ERROR_SERVER:
    case MONGOC_ERROR_QUERY:
        return mongo_code_is_open(code) ? MONGO_UNKNOWN : MONGO_REFUSED;
    default:
        return MONGO_UNKNOWN;
    }
}

void mongo_fault_set(struct mongo_fault *fault, int code, const char *message)
{
    fault->code = code;
    snprintf(fault->message, sizeof fault->message, "%s",
             code == MONGO_DUPLICATE ? "a value is there already" : message);
}

static enum mongo_answer talk_judge(bool ok, const bson_t *reply, const bson_error_t *error,
                                    struct mongo_fault *fault)
{
    *fault = (struct mongo_fault){0};
    bson_iter_t iter, concern;
    if (bson_iter_init_find(&iter, reply, "writeConcernError")) {
        fault->code = bson_iter_recurse(&iter, &concern) && bson_iter_find(&concern, "code")
                          ? (int)bson_iter_as_int64(&concern)
                          : 64;
        snprintf(fault->message, sizeof fault->message, "not known to a majority");
        return MONGO_UNKNOWN;
    }
    if (ok) return MONGO_DONE;
    mongo_fault_set(fault, (int)error->code, error->message);
    return answer_of_error(error);
}

enum mongo_answer mongo_command(struct mongo_store *store, const bson_t *command, bson_t *reply,
                                struct mongo_fault *fault)
{
    bson_error_t error;
    bson_t own;
    mongoc_client_t *client = mongoc_client_pool_pop(store->pool);
    bool ok = mongoc_client_command_simple(client, store->database, command, NULL, &own, &error);
    mongoc_client_pool_push(store->pool, client);
    enum mongo_answer answer = talk_judge(ok, &own, &error, fault);
    bool broken = !ok && error.domain != MONGOC_ERROR_SERVER;
    if (answer == MONGO_UNSENT || (answer == MONGO_UNKNOWN && broken)) mongo_is_lost(store);
    if (reply)
        bson_steal(reply, &own);
    else
        bson_destroy(&own);
    return answer;
}

void mongo_add_write_concern(bson_t *command)
{
    BCON_APPEND(command, "writeConcern", "{", "w", "majority", "j", BCON_BOOL(true), "wtimeout",
                BCON_INT64(WRITE_TIMEOUT_MS), "}");
}

bool mongo_fail_away(struct err *err)
{
    err_fail(err, STORE_AWAY, "the store's server can't be reached");
    err->retry_after_s = 1;
    return false;
}

bool mongo_fail(const struct mongo_fault *fault, const char *what, struct err *err)
{
    if (fault->code == MONGO_NO_SPACE)
        return err_fail(err, STORE_FULL, "%s: the server's disk is full", what);
    return err_fail(err, INTERNAL_ERROR, "%s: %s (%d)", what, fault->message, fault->code);
}

bool mongo_insist(struct mongo_store *store, const bson_t *command, bson_t *reply, struct err *err)
{
    struct mongo_fault fault;
    enum mongo_answer answer = MONGO_UNKNOWN;
    for (int i = 0; i < INSIST_TRIES && answer == MONGO_UNKNOWN; i++) {
        bson_t said;
        if (i && !mongo_wait_back(store, INSIST_PAUSE_MS)) break;
        answer = mongo_command(store, command, &said, &fault);
        if (answer == MONGO_DONE && reply)
            bson_steal(reply, &said);
        else
            bson_destroy(&said);
    }
    bool gone =
        answer == MONGO_REFUSED && fault.code == NO_COLLECTION && !reply; // dropped by the first sending
    if (answer == MONGO_DONE || gone) return true;
    return answer == MONGO_REFUSED ? mongo_fail(&fault, "the store's server", err) : mongo_fail_away(err);
}

// ---- Finds

static void query_begin(struct mongo_cursor *cursor)
{
    cursor->cursor =
        mongoc_collection_find_with_opts(cursor->collection, cursor->filter, cursor->options, NULL);
}

bool mongo_query(struct mongo_cursor *cursor, struct mongo_store *store, const char *collection,
                 bson_t *filter, bson_t *options, struct err *err)
{
    *cursor = (struct mongo_cursor){
        .store = store, .filter = filter, .options = options ? options : bson_new(), .fresh = true};
    if (mongo_is_away(store)) {
        bson_destroy(cursor->filter);
        bson_destroy(cursor->options);
        return mongo_fail_away(err);
    }
    if (!store->standalone && !bson_has_field(cursor->options, "readConcern"))
        BCON_APPEND(cursor->options, "readConcern", "{", "level", "majority", "}");
    if (!bson_has_field(cursor->options, "batchSize"))
        BCON_APPEND(cursor->options, "batchSize", BCON_INT32(BATCH));
    cursor->client = mongoc_client_pool_pop(store->pool);
    cursor->collection = mongoc_client_get_collection(cursor->client, store->database, collection);
    query_begin(cursor);
    return true;
}

// A connection that broke while nothing was under way says nothing of the server.
static bool query_again(struct mongo_cursor *cursor)
{
    if (!cursor->fresh || !mongo_wait_until(cursor->store, clock_mono_ms() + READ_AGAIN_MS)) return false;
    cursor->fresh = false;
    mongoc_cursor_destroy(cursor->cursor);
    query_begin(cursor);
    return true;
}

static bool is_refused_login(const bson_error_t *error)
{
    return error->domain == MONGOC_ERROR_CLIENT && error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE;
}

static bool query_fail(const bson_error_t *error, struct err *err)
{
    struct mongo_fault fault;
    mongo_fault_set(&fault, (int)error->code, error->message);
    if (is_refused_login(error)) return mongo_fail(&fault, "the log-in at the store's server", err);
    bool lost =
        fault.code == CURSOR_LOST || answer_of_error(error) != MONGO_REFUSED; // by a server that is gone
    return lost ? mongo_fail_away(err) : mongo_fail(&fault, "a read", err);
}

bool mongo_next(struct mongo_cursor *cursor, const bson_t **document, struct err *err)
{
    bson_error_t error;
    *document = NULL;
    for (;;) {
        if (mongoc_cursor_next(cursor->cursor, document)) return cursor->fresh = false, true;
        if (!mongoc_cursor_error(cursor->cursor, &error)) return *document = NULL, true;
        bool answered = error.domain == MONGOC_ERROR_SERVER || answer_of_error(&error) == MONGO_REFUSED ||
                        is_refused_login(&error);
        if (!answered) mongo_is_lost(cursor->store);
        if (answered || !query_again(cursor)) return query_fail(&error, err);
    }
}

void mongo_cursor_end(struct mongo_cursor *cursor)
{
    mongoc_cursor_destroy(cursor->cursor);
    mongoc_collection_destroy(cursor->collection);
    mongoc_client_pool_push(cursor->store->pool, cursor->client);
    bson_destroy(cursor->filter);
    bson_destroy(cursor->options);
}

bool mongo_find_one(struct mongo_store *store, const char *collection, bson_t *filter, bson_t *options,
                    bson_t **document, struct err *err)
{
    struct mongo_cursor cursor;
    const bson_t *found;
    *document = NULL;
    if (!options) options = bson_new();
    BCON_APPEND(options, "limit", BCON_INT64(1));
    if (!mongo_query(&cursor, store, collection, filter, options, err)) return false;
    bool ok = mongo_next(&cursor, &found, err);
    if (ok && found) *document = bson_copy(found);
    mongo_cursor_end(&cursor);
    return ok;
}
