#include "services/gateway/proxy/proxy.h"

#include <string.h>

#include "services/gateway/http/http.h"
#include "services/gateway/proxy/hops.h"
#include "services/gateway/proxy/passage.h"
#include "services/gateway/proxy/request_head.h"

enum { TICK_MS = 250, HEAD_MOST = 2 << 20, OF_ONE_HOUSEHOLD = 4 };

// ---- Start

bool proxy_open(struct proxy *proxy, const struct proxy_options *options, const struct routes *routes,
                struct err *err)
{
    struct metrics *metrics = options->metrics;
    proxy->options = *options;
    if (!proxy_rules_parse(&proxy->rules, options->prefixes, err) ||
        !proxy_rules_check(&proxy->rules, routes, err))
        return err_wrap(err, "CONSE_PROXY");
    if (!proxy_rules_parse_targets(&proxy->rules, options->targets, err))
        return err_wrap(err, "CONSE_PROXY_CONNECT");
    if (proxy->rules.upstreams_count == 0) return true;
    proxy->gauge = metrics_gauge(metrics, "conse_proxy_requests",
                                 "Requests and tunnels on their way through the proxy.", "");
    return upstreams_open(&proxy->upstreams, &proxy->rules, metrics, err);
}

void proxy_finish(struct proxy *proxy)
{
    upstreams_close(proxy->upstreams);
    proxy->upstreams = NULL;
}

// ---- A loop's

static void on_tick(void *arg)
{
    struct proxy_window *window = arg;
    for (struct passage *passage = window->passages, *next; passage; passage = next) {
        next = passage->next;
        passage_tick(passage);
    }
    if (window->passages) loop_timer_set(window->loop, &window->tick, loop_now_ms(window->loop) + TICK_MS);
}

void proxy_window_init(struct proxy_window *window, struct proxy *proxy, struct loop *loop)
{
    *window = (struct proxy_window){.proxy = proxy, .loop = loop, .tick = {.fire = on_tick, .arg = window}};
}

// ---- Requests

static bool wants_socket(const struct http_exchange *http)
{
    const struct http_headers *headers = &http->headers;
    return http_is_1_1(http) && strcmp(http->method, "GET") == 0 && http->content_length == 0 &&
           hops_names(headers->upgrade, "websocket") && hops_names(headers->connection, "upgrade");
}

// Who has many at once leaves room for others.
static bool has_room(const struct proxy_window *window, const struct http_exchange *http)
{
    int64_t most = window->proxy->options.most, own = 0;
    for (const struct passage *passage = window->passages; passage; passage = passage->next)
        own += strcmp(passage->household, http->household) == 0;
    return atomic_load(&window->proxy->on_their_way) < most && own * OF_ONE_HOUSEHOLD <= most;
}

static bool check_body(const struct proxy_window *window, const struct http_exchange *http, struct err *err)
{
    int64_t most = window->proxy->options.max_body_bytes;
    if (http->headers.transfer_encoding)
        return err_fail(err, LENGTH_REQUIRED, "a body needs a Content-Length");
    return http->content_length <= most ||
           err_fail(err, BODY_TOO_LARGE, "the body may have at most %lld bytes", (long long)most);
}

bool proxy_admit(const struct proxy_window *window, const struct http_exchange *http,
                 const struct proxy_order *order, struct err *err)
{
    if (order->prefix && !request_path_check(order->path, err)) return false;
    if (!check_body(window, http, err)) return false;
    if (!order->prefix && http->content_length > 0)
        return err_fail(err, MALFORMED, "this request takes no body");
    return has_room(window, http) || err_fail(err, SERVICE_BUSY, "too many requests are on their way");
}

struct writing {
    struct buf *head;
    const struct request_head_source *source;
};

static void on_header(void *arg, const char *name, const char *value)
{
    const struct writing *writing = arg;
    request_head_take(writing->head, writing->source, name, value);
}

static const char *scheme_of(const struct proxy *proxy, const struct http_exchange *http)
{
    const char *told = http->by_proxy ? http->headers.forwarded_proto : NULL;
    if (told && strcmp(told, "https") == 0) return "https";
    if (told && strcmp(told, "http") == 0) return "http";
    return proxy->options.tls ? "https" : "http";
}

static void write_head(const struct proxy *proxy, const struct http_exchange *http,
                       const struct proxy_order *order, struct buf *head)
{
    char asking[TRACEPARENT_SIZE];
    if (order->asking) trace_context_write(&order->asking->context, asking);
    const struct request_head_source source = {.prefix = order->prefix,
                                               .upstream = &proxy->rules.upstreams[order->upstream],
                                               .method = http->method,
                                               .path = order->path,
                                               .host = http->headers.host,
                                               .connection = http->headers.connection,
                                               .client = http->client,
                                               .scheme = scheme_of(proxy, http),
                                               .traceparent = order->asking ? asking : order->traceparent,
                                               .length =
                                                   http->headers.content_length ? http->content_length : -1,
                                               .upgrade = wants_socket(http)};
    struct writing writing = {head, &source};
    request_head_begin(head, &source);
    http_each_header(http, on_header, &writing);
    request_head_end(head, &source);
}

// The bytes in passing are those of the passage from here on.
static bool proxy_take(struct proxy_window *window, struct http_exchange *http,
                       const struct proxy_order *order, const struct buf *head)
{
    struct proxy *proxy = window->proxy;
    struct passage *passage = passage_create(window, http, order);
    metric_set(proxy->gauge, atomic_fetch_add(&proxy->on_their_way, 1) + 1);
    passage->asked.upgrade = order->prefix && wants_socket(http);
    pieces_copy(&passage->to_upstream, head->bytes, head->len);
    if (!http_take_over(http, NULL, &passage_owner, passage)) return passage_free(passage), false;
    if (!window->tick.place) loop_timer_set(window->loop, &window->tick, loop_now_ms(window->loop) + TICK_MS);
    return true;
}

bool proxy_pass(struct proxy_window *window, struct http_exchange *http, struct proxy_order *order,
                struct err *err)
{
    struct buf head;
    const char *name = order->request ? order->request->name : NULL;
    order->asking = name ? span_begin(SPAN_CLIENT, name, order->traceparent) : NULL;
    (void)err;
    buf_init(&head, HEAD_MOST);
    if (order->prefix) write_head(window->proxy, http, order, &head);
    bool ok = !head.failed || err_fail(err, HEADERS_TOO_LARGE, "the headers are too large together");
    if (!ok) span_end(order->asking);
    if (ok && !proxy_take(window, http, order, &head))
        ok = err_fail(err, SERVICE_DRAINING, "the gateway is shutting down");
    buf_finish(&head);
    return ok;
}
