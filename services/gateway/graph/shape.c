#include "services/gateway/graph/shape.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/graph/bodies.h"

enum { ARENA_MOST = 16 << 20, BUSY_RETRY_S = 2, FOLLOWED_PART = 4 };

static uint64_t shape_name(struct graphs *graphs, const struct gql_run *run,
                           const struct gql_request *request, char text[65])
{
    crypto_generichash_state state;
    uint8_t hash[32];
    uint64_t first;
    buf_reset(&graphs->text);
    gql_run_shape(run, &graphs->text);
    crypto_generichash_init(&state, graphs->key, sizeof graphs->key, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)&request->len, sizeof request->len);
    crypto_generichash_update(&state, (const uint8_t *)request->text, request->len);
    crypto_generichash_update(&state, (const uint8_t *)graphs->text.bytes, graphs->text.len);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(text, 65, hash, sizeof hash);
    memcpy(&first, hash, sizeof first);
    return first;
}

static bool shape_read(struct shape *shape, const struct gql_request *request)
{
    const struct gql_host nobody = {0};
    struct gql_refusal refusal;
    shape->request = *request;
    shape->request.text = arena_copy(&shape->arena, request->text, request->len);
    if (request->operation) shape->request.operation = arena_str(&shape->arena, request->operation);
    shape->request.variables = json_incref((json_t *)request->variables);
    shape->run =
        gql_run_create(shape->graphs->lent.schema, &shape->request, &nobody, &shape->arena, &refusal);
    return shape->run;
}

static void shape_count(struct shape *shape)
{
    shape->held = shape->arena.used_bytes;
    atomic_fetch_add(&shape->graphs->lent.budget->followed, shape->held);
}

static void shape_destroy(struct shape *shape)
{
    gql_run_finish(shape->run);
    atomic_fetch_sub(&shape->graphs->lent.budget->followed, shape->held);
    json_decref((json_t *)shape->request.variables);
    arena_finish(&shape->arena);
    free(shape);
}

static bool shape_make(struct shape **out, struct graphs *graphs, const struct gql_request *request,
                       struct err *err)
{
    const struct graph_budget *budget = graphs->lent.budget;
    if (atomic_load(&budget->followed) > budget->most / FOLLOWED_PART) {
        err_fail(err, SERVICE_BUSY, "too many documents are followed");
        err->retry_after_s = BUSY_RETRY_S;
        return false;
    }
    struct shape *shape = calloc(1, sizeof *shape);
    if (!shape) abort();
    shape->graphs = graphs;
    arena_init(&shape->arena, ARENA_MOST);
    if (!shape_read(shape, request))
        return shape_destroy(shape), err_fail(err, CALL_TOO_LARGE, "the document takes too much memory");
    shape_count(shape);
    *out = shape;
    return true;
}

bool shape_take(struct shape **out, struct graphs *graphs, const struct gql_run *run,
                const struct gql_request *request, struct err *err)
{
    char text[65];
    uint64_t hash = shape_name(graphs, run, request, text);
    struct shape *shape = (struct shape *)names_find(&graphs->shapes, text, hash);
    if (!shape && !shape_make(&shape, graphs, request, err)) return false;
    if (!shape->holders) {
        memcpy(shape->text, text, sizeof text);
        shape->name = (struct name){.hash = hash, .text = shape->text};
        if (!names_add(&graphs->shapes, &shape->name)) abort();
    }
    shape->holders++;
    *out = shape;
    return true;
}

void shape_drop(struct shape *shape)
{
    if (!shape || --shape->holders) return;
    names_remove(&shape->graphs->shapes, &shape->name);
    bodies_drop(shape->graphs); // another one may come to lie where this was
    shape_destroy(shape);
}
