#include "services/gateway/gateway_loop.h"

#include <sodium.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "services/gateway/feed/feed.h"
#include "services/gateway/gateway.h"
#include "services/gateway/stream/waits.h"

// ---- The thread

static void begin_drain(struct gateway_loop *home)
{
    if (home->draining) return;
    home->draining = true;
    log_info("draining", F_INT("connections", http_server_connections(home->http)));
    waits_release(home->waits);
    feed_drain(home->feed, home->gateway->drain_ms * 3 / 4); // well before the end
    http_server_quiesce(home->http);
}

static void look_for_auth(struct gateway_loop *home)
{
    if (atomic_load_explicit(&home->met, memory_order_relaxed)) return;
    if (asks_connected(home->asks, home->gateway->auth)) atomic_store(&home->met, true);
}

// Who waits, and whose token is void, is refused at once; the feed looks for itself.
static void look_for_revocations(struct gateway_loop *home)
{
    unsigned heard = access_revocations(home->gateway->access);
    if (heard == home->revocations) return;
    home->revocations = heard;
    waits_check(home->waits);
}

static void on_turn(void *arg)
{
    struct gateway_loop *home = arg;
    look_for_auth(home);
    look_for_revocations(home);
    asks_turn(home->asks);
    http_server_run(home->http);
    feed_turn(home->feed);
    graphs_turn(&home->graphs);
    asks_flush(home->asks);
    calls_empty(&home->calls);
    metric_set(home->connections, (int64_t)http_server_connections(home->http));
    if (home->draining && http_server_connections(home->http) == 0) atomic_store(&home->drained, true);
    log_flush();
}

static void on_awake(void *arg)
{
    struct gateway_loop *home = arg;
    hub_awake(home->hub);
    desk_window_awake(home->desk);
    if (atomic_load(&home->gateway->drain)) begin_drain(home);
}

static void answer_all(struct gateway_loop *home)
{
    if (home->waits) waits_release(home->waits);
    if (home->feed) feed_end_all(home->feed);
    if (home->desk) desk_window_fail(home->desk);
    asks_disconnect(home->asks);
}

// Each loop closes its own clients, in parallel with the others: NNG may take seconds for a socket.
static void *gateway_loop_run(void *arg)
{
    struct gateway_loop *home = arg;
    log_hold();
    loop_run(home->loop);
    answer_all(home);
    log_release();
    return NULL;
}

static void on_keys(void *arg, const struct err *failure)
{
    struct gateway_loop *home = arg;
    calls_keys_arrived(&home->calls, failure);
    graphs_keys_arrived(&home->graphs, failure);
}

// ---- Start

// The tags of replies change with the API's description, which says how replies are written.
static void start_writer(struct gateway_loop *home)
{
    const struct gateway *gateway = home->gateway;
    const struct page_form *page = &gateway->pages.openapi.plain;
    struct writer_options options = {.cache_bytes =
                                         (size_t)gateway->settings.reply_cache_bytes / gateway->loops_count,
                                     .budget = gateway->replies,
                                     .metrics = gateway->service->metrics};
    crypto_generichash(options.etag_key, sizeof options.etag_key, (const unsigned char *)page->body,
                       page->len, NULL, 0);
    writer_init(&home->writer, &options);
}

static void make_metric(struct gateway_loop *home)
{
    char labels[32];
    snprintf(labels, sizeof labels, "loop=\"%zu\"", (size_t)(home - home->gateway->loops));
    home->connections = metrics_gauge(home->gateway->service->metrics, "conse_http_connections",
                                      "Client connections, by loop.", labels);
}

static bool open_streams(struct gateway_loop *home, struct err *err)
{
    struct gateway *gateway = home->gateway;
    size_t index = (size_t)(home - gateway->loops);
    if (!hub_create(&home->hub, gateway->topics, home->loop, index, err)) return false;
    const struct waits_options options = {
        .loop = home->loop, .hub = home->hub, .parked = gateway->parked, .waiting = &gateway->waiting};
    if (!waits_create(&home->waits, &options, err)) return false;
    const struct gateway_settings *s = &gateway->settings;
    const struct feed_options feed = {
        .loop = home->loop,
        .hub = home->hub,
        .asks = home->asks,
        .events = gateway->events,
        .chain = gateway->chain,
        .access = gateway->access,
        .quota = gateway->quota,
        .presence = gateway->presence,
        .pace = {(size_t)s->stream_behind_bytes, (uint64_t)s->stream_behind_messages, s->stream_behind_ms},
        .metrics = gateway->service->metrics};
    return feed_create(&home->feed, &feed, err) &&
           desk_window_open(&home->desk, gateway->desk, home->loop, err);
}

static void open_graphs(struct gateway_loop *home)
{
    struct gateway *gateway = home->gateway;
    const struct graphs_options options = {.loop = home->loop,
                                           .asks = home->asks,
                                           .events = gateway->events,
                                           .access = gateway->access,
                                           .feed = gateway->auth_feed,
                                           .keys = &home->keys,
                                           .limits = &gateway->limits,
                                           .streams = home->feed,
                                           .desk = home->desk,
                                           .presence = gateway->presence,
                                           .schema = gateway->graphql,
                                           .trust = gateway->trust,
                                           .trusted_only = gateway->trusted_only,
                                           .budget = &gateway->graphs,
                                           .timeout_ms = gateway->settings.request_timeout_ms,
                                           .metrics = gateway->service->metrics};
    graphs_create(&home->graphs, &options);
}

static void gateway_loop_lend(struct gateway_loop *home)
{
    struct gateway *gateway = home->gateway;
    const struct calls_lent lent = {.loop = home->loop,
                                    .asks = home->asks,
                                    .events = gateway->events,
                                    .keys = &home->keys,
                                    .waits = home->waits,
                                    .streams = home->feed,
                                    .desk = home->desk,
                                    .presence = gateway->presence,
                                    .writer = &home->writer,
                                    .routes = gateway->routes,
                                    .pages = &gateway->pages,
                                    .site = gateway->site,
                                    .cors = &gateway->cors,
                                    .access = gateway->access,
                                    .feed = gateway->auth_feed,
                                    .limits = &gateway->limits,
                                    .proofs = &gateway->proofs,
                                    .graphs = &home->graphs,
                                    .proxy = &home->proxy,
                                    .metrics = &gateway->metrics,
                                    .max_body_bytes = gateway->settings.max_body_bytes,
                                    .max_image_bytes = gateway->settings.max_image_bytes,
                                    .trusts_traces = gateway->settings.traces_trusted};
    calls_init(&home->calls, &lent);
}

bool gateway_loop_open(struct gateway_loop *home, struct gateway *gateway, struct err *err)
{
    struct loop_options options = {on_turn, on_awake, home};
    home->gateway = gateway;
    start_writer(home);
    make_metric(home);
    if (!loop_create(&home->loop, &options, err)) return false;
    asks_create(&home->asks, home->loop, gateway->access);
    home->keys = (struct key_fetch){.loop = home->loop,
                                    .asks = home->asks,
                                    .auth = gateway->auth,
                                    .access = gateway->access,
                                    .feed = gateway->auth_feed,
                                    .arrived = on_keys,
                                    .arg = home};
    if (!open_streams(home, err)) return false;
    open_graphs(home);
    proxy_window_init(&home->proxy, &gateway->proxy, home->loop);
    gateway_loop_lend(home);
    return true;
}

bool gateway_loop_listen(struct gateway_loop *home, struct err *err)
{
    const struct http_application application = calls_application(&home->calls);
    return http_server_start(&home->http, home->gateway->front, home->loop, &application, err);
}

bool gateway_loop_connect(struct gateway_loop *home, struct err *err)
{
    const struct gateway *gateway = home->gateway;
    return asks_connect(home->asks, gateway->services, gateway->services_count, gateway->service->bus_keys,
                        err);
}

bool gateway_loop_start(struct gateway_loop *home, struct err *err)
{
    int fault = pthread_create(&home->thread, NULL, gateway_loop_run, home);
    if (fault) return err_errno(err, fault, "thread");
    return home->running = true;
}

// ---- Stop

void gateway_loop_stop(struct gateway_loop *home)
{
    if (home->running) loop_stop(home->loop);
}

void gateway_loop_join(struct gateway_loop *home)
{
    if (home->running)
        pthread_join(home->thread, NULL);
    else
        answer_all(home);
    home->running = false;
}

void gateway_loop_close(struct gateway_loop *home)
{
    http_server_stop(home->http);
    if (home->asks) asks_disconnect(home->asks); // what commands asked when their sockets went
    graphs_destroy(&home->graphs);
    waits_destroy(home->waits);
    feed_destroy(home->feed);
    desk_window_close(home->desk);
    hub_destroy(home->hub);
    asks_destroy(home->asks);
    calls_finish(&home->calls);
    writer_finish(&home->writer);
    loop_destroy(home->loop);
}
