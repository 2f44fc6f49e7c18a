#include "lib/bus/store_heads.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/thread/periodic.h"

enum { TICK_MS = 250, MOST = 8 };

struct bus_store_heads {
    struct bus_store_heads_options options;
    struct periodic *reader;
    Bus__Heads heads;
    Bus__Heads__Head rows[MOST];
    Bus__Heads__Head *pointers[MOST];
};

static bool read_all(struct bus_store_heads *heads)
{
    struct err err;
    bool ok = true;
    for (size_t i = 0; ok && i < heads->heads.n_heads; i++)
        ok = store_head(heads->options.store, heads->rows[i].stream, &heads->rows[i].seq, &err);
    return ok;
}

// Only what was read after a barrier, and quickly, says how new all else is: a server that was cut off can't
// pass old heads for new ones. Other heads are told as well: what there is, there is.
static int64_t read_and_tell(void *arg)
{
    struct bus_store_heads *heads = arg;
    struct err err;
    int64_t at_ms, began_ms = clock_mono_ms();
    bool sure = store_barrier(heads->options.store, began_ms, &at_ms, &err);
    bool read = read_all(heads);
    int64_t took_ms = clock_mono_ms() - began_ms;
    heads->heads.stored = sure && took_ms <= TICK_MS;
    if (read) heads->options.tell(heads->options.arg, &heads->heads);
    return took_ms < TICK_MS ? TICK_MS - took_ms : 0;
}

static void add_stream(struct bus_store_heads *heads, const char *name)
{
    size_t at = heads->heads.n_heads++;
    assert(at < MOST);
    bus__heads__head__init(&heads->rows[at]);
    heads->rows[at].stream = name;
    heads->pointers[at] = &heads->rows[at];
}

static void add_streams(struct bus_store_heads *heads)
{
    const struct schema_stream *stream = heads->options.streams;
    bus__heads__init(&heads->heads);
    heads->heads.heads = heads->pointers;
    for (; stream->name; stream++)
        if (stream->announced && strcmp(stream->service, heads->options.service) == 0)
            add_stream(heads, stream->name);
}

bool bus_store_heads_start(struct bus_store_heads **out, const struct bus_store_heads_options *options,
                           struct err *err)
{
    struct bus_store_heads *heads = calloc(1, sizeof *heads);
    if (!heads) return err_fail(err, INTERNAL_ERROR, "out of memory");
    heads->options = *options;
    add_streams(heads);
    bool ok = !heads->heads.n_heads || periodic_start(&heads->reader, "cannot start the reader of heads", 0,
                                                      read_and_tell, heads, err);
    if (ok && heads->reader) return *out = heads, true;
    free(heads);
    return ok;
}

void bus_store_heads_stop(struct bus_store_heads *heads)
{
    if (!heads) return;
    periodic_stop(heads->reader);
    free(heads);
}
