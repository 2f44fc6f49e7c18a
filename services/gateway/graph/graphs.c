#include "services/gateway/graph/graphs.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "services/gateway/graph/bodies.h"
#include "services/gateway/graph/tokens.h"

enum { SCRATCH_MOST = 16 << 20, TEXT_MOST = 4 << 20 };

void graphs_create(struct graphs *graphs, const struct graphs_options *options)
{
    *graphs = (struct graphs){.lent = *options};
    trace_source_init(&graphs->traces, false);
    randombytes_buf(graphs->key, sizeof graphs->key);
    arena_init(&graphs->scratch, SCRATCH_MOST);
    buf_init(&graphs->text, TEXT_MOST);
    bodies_create(graphs);
    graphs->sockets = metrics_gauge(options->metrics, "conse_sockets", "WebSockets that are open.", "");
}

void graphs_turn(struct graphs *graphs)
{
    tokens_turn(graphs);
    bodies_drop(graphs);
}

void graphs_keys_arrived(struct graphs *graphs, const struct err *failure)
{
    tokens_keys_arrived(graphs, failure);
}

void graphs_destroy(struct graphs *graphs)
{
    if (!graphs->bodies) return;
    assert(!graphs->running && !graphs->shapes.count && !graphs->checks && !graphs->wanting);
    bodies_destroy(graphs);
    names_finish(&graphs->shapes);
    names_finish(&graphs->shares);
    arena_finish(&graphs->scratch);
    buf_finish(&graphs->text);
}
