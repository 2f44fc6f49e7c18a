#include "services/gateway/call/backend.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

struct backend *backend_find(struct backends *backends, const char *name)
{
    for (size_t i = 0; i < backends->count; i++)
        if (strcmp(backends->all[i].name, name) == 0) return &backends->all[i];
    return NULL;
}

static void on_ready(void *arg, uint32_t events)
{
    struct backend *backend = arg;
    (void)events;
    rpc_client_process(backend->client, loop_now_ms(backend->loop));
}

static bool backend_open(struct backend *backend, struct service *service, struct loop *loop, struct err *err)
{
    struct rpc_client_options options = {.service = backend->name,
                                         .address = service_listen_of(service, backend->name),
                                         .bus_key = service->bus_key};
    if (!rpc_client_create(&backend->client, &options, err)) return err_wrap(err, backend->name);
    backend->loop = loop;
    backend->source = (struct loop_source){rpc_client_fd(backend->client), on_ready, backend};
    return loop_watch(loop, &backend->source, EPOLLIN, err);
}

bool backends_open(struct backends *backends, struct service *service, struct loop *loop, struct err *err)
{
    size_t count;
    const struct route *table = routes_table(&count);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        route_service(&table[i], name);
        if (!*name || backend_find(backends, name)) continue;
        assert(backends->count < BACKENDS_MOST);
        struct backend *backend = &backends->all[backends->count++];
        snprintf(backend->name, sizeof backend->name, "%s", name);
        if (!backend_open(backend, service, loop, err)) return false;
    }
    return true;
}

void backends_close(struct backends *backends)
{
    for (size_t i = 0; i < backends->count; i++) {
        struct backend *backend = &backends->all[i];
        if (backend->loop) loop_unwatch(backend->loop, &backend->source);
        rpc_client_destroy(backend->client);
    }
    backends->count = 0;
}

void backends_flush(struct backends *backends)
{
    for (size_t i = 0; i < backends->count; i++) rpc_client_flush(backends->all[i].client);
}
