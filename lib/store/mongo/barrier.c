#include "lib/store/mongo/mongo.h"

enum { ANSWER_MS = 500 };

// Linearizable: the server makes sure that it still is the primary before it answers. One that stands alone
// knows no such read, and needs none.
bool mongo_barrier(void *backend, uint64_t *generation, struct err *err)
{
    struct mongo_store *store = backend;
    bson_t *meta, *options = BCON_NEW("maxTimeMS", BCON_INT64(ANSWER_MS), "projection", "{", "generation",
                                      BCON_INT32(1), "}");
    *generation = 0;
    if (!store->standalone) BCON_APPEND(options, "readConcern", "{", "level", "linearizable", "}");
    if (!mongo_find_one(store, "meta", BCON_NEW("_id", "store"), options, &meta, err)) return false;
    if (!meta) return true;
    *generation = (uint64_t)mongo_number(meta, "generation");
    bson_destroy(meta);
    return true;
}
