#include "services/gateway/gateway.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/log.h"

enum { LIMITS_BYTES = 16 * 1024 * 1024, DRAIN_STEP_MS = 5 };

// ---- The loop's thread

static void begin_drain(struct gateway *gateway)
{
    if (gateway->draining) return;
    gateway->draining = true;
    log_info("draining", F_INT("connections", http_server_connections(gateway->http)));
    waits_release(gateway->waits);
    http_server_quiesce(gateway->http);
}

static void on_turn(void *arg)
{
    struct gateway *gateway = arg;
    http_server_run(gateway->http);
    backends_flush(&gateway->backends);
    metric_set(gateway->metrics.connections, (int64_t)http_server_connections(gateway->http));
    if (gateway->draining && http_server_connections(gateway->http) == 0)
        atomic_store(&gateway->drained, true);
}

static void on_awake(void *arg)
{
    struct gateway *gateway = arg;
    waits_awake(gateway->waits);
    if (atomic_load(&gateway->drain)) begin_drain(gateway);
}

static void *run(void *arg)
{
    loop_run(((struct gateway *)arg)->loop);
    return NULL;
}

// ---- Start

static bool read_settings(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *settings = &gateway->settings;
    if (!*settings->tls_cert != !*settings->tls_key)
        return err_fail(err, INVALID_FIELD, "CONSE_TLS_CERT and CONSE_TLS_KEY belong together");
    gateway->cors.origins = settings->cors_origins;
    if (!limits_parse(settings->limit_auth, &gateway->limits.classes[LIMIT_AUTH], err))
        return err_wrap(err, "CONSE_LIMIT_AUTH");
    if (!limits_parse(settings->limit_default, &gateway->limits.classes[LIMIT_OTHER], err))
        return err_wrap(err, "CONSE_LIMIT_DEFAULT");
    return true;
}

static void raise_file_limit(const struct gateway_settings *settings)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)settings->max_connections + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        log_warn("fewer connections than configured: open files are limited", F_INT("files", limit.rlim_cur));
}

static void make_metrics(struct gateway *gateway)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    struct metrics *metrics = gateway->service->metrics;
    for (size_t i = 0; i < 6; i++) {
        char labels[32];
        snprintf(labels, sizeof labels, "status=\"%s\"", classes[i]);
        gateway->metrics.by_class[i] =
            metrics_counter(metrics, "conse_http_requests_total", "Requests, by status class.", labels);
    }
    gateway->metrics.seconds = metrics_histogram(metrics, "conse_http_seconds",
                                                 "From a request's line to the end of its reply.", "");
    gateway->metrics.connections =
        metrics_gauge(metrics, "conse_http_connections", "Client connections.", "");
    gateway->metrics.parked = metrics_gauge(metrics, "conse_http_parked", "Reads that wait for news.", "");
}

// The tags of replies change with the API's description, which says how replies are written.
static void start_writer(struct gateway *gateway)
{
    unsigned char key[16];
    const struct page *page = &gateway->pages.openapi;
    crypto_generichash(key, sizeof key, (const unsigned char *)page->body, page->len, NULL, 0);
    reply_writer_init(&gateway->writer, key);
}

static bool start_http(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *s = &gateway->settings;
    struct http_options options = {
        .listen = s->listen,
        .application = call_application,
        .max_connections = (uint32_t)s->max_connections,
        .max_per_address = (uint32_t)s->max_per_address,
        .max_header_bytes = (size_t)s->max_header_bytes,
        .header_timeout_ms = s->header_timeout_ms,
        .idle_timeout_ms = s->idle_timeout_ms,
        .request_timeout_ms = s->request_timeout_ms,
        .max_bodies_bytes = (size_t)s->max_bodies_bytes,
        .tls_cert = *s->tls_cert ? s->tls_cert : NULL,
        .tls_key = *s->tls_key ? s->tls_key : NULL,
    };
    options.application.arg = gateway;
    raise_file_limit(s);
    return http_server_start(&gateway->http, gateway->loop, &options, err);
}

static bool start_thread(struct gateway *gateway, struct err *err)
{
    int fault = pthread_create(&gateway->thread, NULL, run, gateway);
    if (fault) return err_errno(err, fault, "thread");
    gateway->running = true;
    log_info("listening", F_STR("address", http_server_address(gateway->http)),
             F_STR("scheme", http_server_tls(gateway->http) ? "https" : "http"));
    return true;
}

static void gateway_close(struct service *service);

static bool gateway_open(struct service *service, struct err *err)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (!gateway) return err_errno(err, errno, "gateway");
    struct loop_options options = {on_turn, on_awake, gateway};
    service->context = gateway;
    gateway->service = service;
    gateway->settings = *(const struct gateway_settings *)service->program->settings;
    make_metrics(gateway);
    trace_source_init(&gateway->traces);
    gateway->routes = routes_create();
    bool ok = read_settings(gateway, err) && pages_make(&gateway->pages, gateway->routes, err) &&
              loop_create(&gateway->loop, &options, err) && access_create(&gateway->access, err) &&
              cache_open(&gateway->limits.cache, "memory:", LIMITS_BYTES, err) &&
              backends_open(&gateway->backends, service, gateway->loop, err) &&
              identity_feed_start(&gateway->identity_feed, gateway, err) &&
              waits_start(&gateway->waits, gateway, err);
    if (ok) start_writer(gateway);
    ok = ok && start_http(gateway, err) && start_thread(gateway, err);
    if (!ok) gateway_close(service);
    return ok;
}

static bool gateway_ready(struct service *service)
{
    return identity_feed_ready(((struct gateway *)service->context)->identity_feed);
}

static void gateway_reload(struct service *service)
{
    struct gateway *gateway = service->context;
    struct err err;
    if (http_server_reload(gateway->http, &err))
        log_info("certificate read again");
    else
        log_err(LOG_ERROR, "the certificate stays as it was", &err);
}

// ---- Stop

static void gateway_drain(struct service *service, int64_t timeout_ms)
{
    struct gateway *gateway = service->context;
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    atomic_store(&gateway->drain, true);
    loop_wake(gateway->loop);
    while (!atomic_load(&gateway->drained) && clock_mono_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = DRAIN_STEP_MS * 1000000}, NULL);
    if (!atomic_load(&gateway->drained)) log_warn("some connections did not end in time");
}

static void gateway_close(struct service *service)
{
    struct gateway *gateway = service->context;
    if (gateway->running) {
        loop_stop(gateway->loop);
        pthread_join(gateway->thread, NULL);
    }
    if (gateway->waits) waits_release(gateway->waits);
    backends_close(&gateway->backends); // answers what was in flight
    identity_feed_stop(gateway->identity_feed);
    http_server_stop(gateway->http);
    waits_stop(gateway->waits);
    call_pool_finish(&gateway->calls);
    if (gateway->writer.text.max) reply_writer_finish(&gateway->writer);
    cache_close(gateway->limits.cache);
    access_destroy(gateway->access);
    pages_finish(&gateway->pages);
    routes_destroy(gateway->routes);
    loop_destroy(gateway->loop);
    free(gateway);
    service->context = NULL;
}

struct service_program gateway_program(struct gateway_settings *settings)
{
    return (struct service_program){
        .name = "gateway",
        .summary = "HTTP in front of the services",
        .admin_port = 7441,
        .vars = gateway_vars,
        .settings = settings,
        .open = gateway_open,
        .ready = gateway_ready,
        .reload = gateway_reload,
        .drain = gateway_drain,
        .close = gateway_close,
    };
}
