#include "lib/store/mongo/mongo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/metrics.h"

// A shared store has no majority and no linearizable reads on a server that stands alone.
static bool find_kind(struct mongo_store *store, struct err *err)
{
    bson_error_t error;
    mongoc_client_t *client = mongoc_client_pool_pop(store->pool);
    mongoc_server_description_t *server = mongoc_client_select_server(client, true, NULL, &error);
    mongoc_client_pool_push(store->pool, client);
    if (!server) return err_fail(err, STORE_AWAY, "the store's server: %s", error.message);
    store->standalone = strcmp(mongoc_server_description_type(server), "Standalone") == 0;
    mongoc_server_description_destroy(server);
    return true;
}

static bool make_pool(struct mongo_store *store, const mongoc_uri_t *uri, struct err *err)
{
    bson_error_t error;
    snprintf(store->database, sizeof store->database, "%s", mongoc_uri_get_database(uri));
    store->pool = mongoc_client_pool_new_with_error(uri, &error);
    if (!store->pool) return err_fail(err, INTERNAL_ERROR, "the store's URL: %s", error.message);
    mongoc_client_pool_set_error_api(store->pool, MONGOC_ERROR_API_VERSION_2);
    mongo_count(store);
    return true;
}

bool mongo_connect(struct mongo_store **out, const char *place, struct metrics *metrics, struct err *err)
{
    mongoc_uri_t *uri;
    if (!mongo_library_start(err)) return false;
    struct mongo_store *store = calloc(1, sizeof *store);
    if (!store) return err_fail(err, INTERNAL_ERROR, "out of memory");
    store->writes = metrics_counter(metrics, "conse_store_commands_total",
                                    "Commands sent to the store's server", "kind=\"write\"");
    store->reads = metrics_counter(metrics, "conse_store_commands_total",
                                   "Commands sent to the store's server", "kind=\"read\"");
    store->waves = metrics_counter(metrics, "conse_store_waves_total",
                                   "Times that writes waited for the store's server", "");
    bool ok = mongo_uri_parse(place, &uri, store->filler, err);
    if (ok) {
        ok = make_pool(store, uri, err) && mongo_watch_start(store, err) && find_kind(store, err);
        mongoc_uri_destroy(uri);
    }
    if (!ok) return mongo_disconnect(store), false;
    *out = store;
    return true;
}

void mongo_disconnect(struct mongo_store *store)
{
    mongo_watch_stop(store);
    mongo_team_stop(store->team);
    mongo_heads_forget(&store->heads);
    if (store->pool) mongoc_client_pool_destroy(store->pool);
    free(store->self);
    free(store);
}

static bool mongo_open(void **backend, const struct store_opening *opening, struct err *err)
{
    struct mongo_store *store;
    if (!mongo_connect(&store, opening->path, opening->metrics, err)) return err_wrap(err, "store");
    store->models = opening->models;
    store->model_count = opening->model_count;
    store->self = strdup(opening->self);
    bool ok = store->self || err_fail(err, INTERNAL_ERROR, "out of memory");
    ok = ok && mongo_team_start(&store->team, err) && mongo_meta(store, err) && mongo_schema(store, err);
    if (!ok) return mongo_disconnect(store), err_wrap(err, "store");
    *backend = store;
    return true;
}

static void mongo_close(void *backend) { mongo_disconnect(backend); }

static void mongo_closing(void *backend) { mongo_close_soon(backend); }

static bool mongo_away(void *backend) { return mongo_is_away(backend); }

static uint64_t mongo_generation(void *backend) { return ((const struct mongo_store *)backend)->generation; }

// Who fills a store works on a generation that is not the store's yet.
static bool mongo_barrier(void *backend, uint64_t *generation, struct err *err)
{
    const struct mongo_store *store = backend;
    if (!mongo_meta_read(backend, generation, err)) return false;
    if (*store->filler) *generation = store->generation;
    return true;
}

const struct store_backend store_mongo = {
    .scheme = "mongodb", // mongodb: and mongodb+srv:
    .shared = true,
    .open = mongo_open,
    .close = mongo_close,
    .generation = mongo_generation,
    .commit = mongo_commit,
    .closing = mongo_closing,
    .away = mongo_away,
    .barrier = mongo_barrier,
    .probe = mongo_probe,
    .get = mongo_get,
    .find = mongo_find,
    .read = mongo_read,
    .attached = mongo_attached,
    .read_snapshot = mongo_read_snapshot,
    .head = mongo_read_head,
    .oldest = mongo_read_oldest,
    .heads = mongo_read_heads,
    .command_find = mongo_command_find,
    .commands = mongo_commands,
    .fill_begin = mongo_fill_begin,
    .fill_end = mongo_fill_end,
    .backup = mongo_backup,
    .each = mongo_each,
};
