#include "services/gateway/presence/presence.h"
#include "services/gateway/gateway.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/tell.h"
#include "lib/rpc/bus_keys.h"
#include "services/gateway/graphql/make/make.h"
#include "services/gateway/graphql/trust/trust.h"
#include "services/gateway/graphql/types/sdl.h"
#include "services/gateway/site/site.h"

enum { DRAIN_STEP_MS = 5, FILES_OF_A_LOOP = 64, GRAPHQL_BYTES = 16 << 20, GRAPHQL_TEXT_BYTES = 4 << 20 };

// ---- Start

static bool read_settings(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *settings = &gateway->settings;
    if (!*settings->tls_cert != !*settings->tls_key)
        return err_fail(err, INVALID_FIELD, "CONSE_TLS_CERT and CONSE_TLS_KEY belong together");
    if (settings->reply_cache_bytes > settings->max_replies_bytes / 2)
        return err_fail(err, INVALID_FIELD, "CONSE_REPLY_CACHE may be at most half of CONSE_MAX_REPLIES");
    gateway->cors.origins = settings->cors_origins;
    if (!limits_parse(settings->limit_auth, &gateway->limits.classes[LIMIT_AUTH], err))
        return err_wrap(err, "CONSE_LIMIT_AUTH");
    if (!limits_parse(settings->limit_default, &gateway->limits.classes[LIMIT_OTHER], err))
        return err_wrap(err, "CONSE_LIMIT_DEFAULT");
    if (!limits_parse(settings->limit_join, &gateway->limits.classes[LIMIT_JOIN], err))
        return err_wrap(err, "CONSE_LIMIT_JOIN");
    if (!limits_parse(settings->limit_crowd, &gateway->limits.classes[LIMIT_CROWD], err))
        return err_wrap(err, "CONSE_LIMIT_CROWD");
    return true;
}

static void raise_file_limit(const struct gateway_settings *settings)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)settings->max_connections + 256 + (rlim_t)settings->loops * FILES_OF_A_LOOP;
    if (*settings->proxy || *settings->proxy_connect) wanted += (rlim_t)settings->proxy_most;
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
    gateway->parked = metrics_gauge(metrics, "conse_http_parked", "Reads that wait for news.", "");
}

// A key of one use of the cache; NULL without bus keys. The list is the caller's to forget.
static const uint8_t *cache_key(const struct gateway *gateway, const char *use, struct bus_key_list *derived)
{
    *derived = (struct bus_key_list){0};
    if (gateway->service->bus_keys) bus_keys_derive(gateway->service->bus_keys, use, derived);
    return derived->count ? derived->keys[0] : NULL;
}

static bool open_limits(struct gateway *gateway, struct err *err)
{
    struct bus_key_list derived;
    const uint8_t *key = cache_key(gateway, "conse/limits/1", &derived);
    bool ok = limits_open(&gateway->limits, gateway->settings.cache, key, gateway->service->metrics, err);
    bus_key_list_forget(&derived);
    return ok || err_wrap(err, "CONSE_CACHE");
}

static bool open_proofs(struct gateway *gateway)
{
    struct bus_key_list derived;
    const uint8_t *key = cache_key(gateway, "conse/proofs/1", &derived);
    proofs_init(&gateway->proofs, &gateway->limits, (unsigned)gateway->settings.proof_bits, key);
    bus_key_list_forget(&derived);
    return true;
}

static bool open_desk(struct gateway *gateway, struct err *err)
{
    struct bus_key_list derived;
    const uint8_t *key = cache_key(gateway, "conse/tickets/1", &derived);
    bool ok = desk_open(&gateway->desk, gateway->settings.cache, key, gateway->limits.cache, err);
    bus_key_list_forget(&derived);
    return ok || err_wrap(err, "CONSE_CACHE");
}

static bool open_replies(struct gateway *gateway, struct err *err)
{
    struct reply_budget_options options = {
        .most_bytes = (size_t)gateway->settings.max_replies_bytes,
        .most_per_address = (size_t)gateway->settings.max_replies_per_address,
        .metrics = gateway->service->metrics,
    };
    return reply_budget_create(&gateway->replies, &options, err);
}

static bool open_proxy(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *s = &gateway->settings;
    const struct proxy_options options = {.prefixes = s->proxy,
                                          .targets = s->proxy_connect,
                                          .most = s->proxy_most,
                                          .max_body_bytes = s->proxy_body_bytes,
                                          .timeout_ms = s->proxy_timeout_ms,
                                          .idle_ms = s->proxy_idle_ms,
                                          .tls = *s->tls_cert,
                                          .metrics = gateway->service->metrics};
    return proxy_open(&gateway->proxy, &options, gateway->routes, err);
}

static bool open_front(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *s = &gateway->settings;
    struct http_options options = {
        .listen = s->listen,
        .servers = gateway->loops_count,
        .max_connections = (uint32_t)s->max_connections,
        .max_per_address = (uint32_t)s->max_per_address,
        .max_header_bytes = (size_t)s->max_header_bytes,
        .header_timeout_ms = s->header_timeout_ms,
        .idle_timeout_ms = s->idle_timeout_ms,
        .request_timeout_ms = s->request_timeout_ms,
        .max_bodies_bytes = (size_t)s->max_bodies_bytes,
        .stall_timeout_ms = s->stall_timeout_ms,
        .replies = gateway->replies,
        .metrics = gateway->service->metrics,
        .tls_cert = *s->tls_cert ? s->tls_cert : NULL,
        .tls_key = *s->tls_key ? s->tls_key : NULL,
    };
    if (!proxies_parse(s->trusted_proxies, &options.proxies, err))
        return err_wrap(err, "CONSE_TRUSTED_PROXIES");
    raise_file_limit(s);
    return http_front_open(&gateway->front, &options, err);
}

// A header that a method takes, and the gateway does not know, would never come.
static bool check_headers(const struct gateway *gateway, struct err *err)
{
    const struct http_headers none = {0};
    size_t count;
    const struct route *all = routes_all(gateway->routes, &count);
    for (size_t i = 0; i < count; i++) {
        const struct schema_header *header = all[i].method ? all[i].method->raw_body.headers : NULL;
        for (; header && header->name; header++)
            if (!http_headers_find(&none, header->name))
                return err_fail(err, INTERNAL_ERROR, "%s: no header %s is kept", all[i].path, header->name);
    }
    return true;
}

static bool open_routes(struct gateway *gateway, struct err *err)
{
    size_t count;
    const struct route_row *rows = routes_table(&count);
    const char *name;
    if (!routes_create(&gateway->routes, rows, count, err) || !check_headers(gateway, err)) return false;
    while ((name = routes_service(gateway->routes, gateway->services_count)) != NULL) {
        const char *address = service_peers_of(gateway->service, name, err);
        if (!address) return false;
        if (strcmp(name, "auth") == 0) gateway->auth = gateway->services_count;
        if (strcmp(name, "events") == 0) gateway->events = gateway->services_count;
        if (strcmp(name, "chain") == 0) gateway->chain = gateway->services_count;
        gateway->services[gateway->services_count++] = (struct asks_service){name, address};
    }
    return true;
}

// What GraphQL shows, and the pages. After the routes, of which all is made.
static bool make_pages(struct gateway *gateway, struct err *err)
{
    uint8_t key[GQL_NAMES_KEY];
    struct buf text;
    size_t len;
    randombytes_buf(key, sizeof key);
    if (!pages_make(&gateway->pages, gateway->routes, err) ||
        !gql_make(&gateway->graphql, gateway->routes, key, &gateway->graphql_arena, err))
        return false;
    buf_init(&text, GRAPHQL_TEXT_BYTES);
    gql_sdl_print(gateway->graphql, &text);
    if (text.failed)
        return buf_finish(&text), err_fail(err, INTERNAL_ERROR, "GraphQL: the schema is too long");
    char *taken = buf_take(&text, &len);
    return pages_take_schema(&gateway->pages, taken, len, err);
}

static bool open_site(struct gateway *gateway, struct err *err)
{
    return site_load(&gateway->site, gateway->settings.console, err) || err_wrap(err, "CONSE_CONSOLE");
}

static bool open_graphql(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *settings = &gateway->settings;
    gateway->graphs.most = (size_t)settings->max_replies_bytes;
    gateway->trusted_only = strcmp(settings->graphql, "trusted") == 0;
    if (!gateway->trusted_only && strcmp(settings->graphql, "open") != 0)
        return err_fail(err, INVALID_FIELD, "CONSE_GRAPHQL is open or trusted");
    if (gateway->trusted_only && !*settings->graphql_documents)
        return err_fail(err, INVALID_FIELD, "CONSE_GRAPHQL=trusted needs CONSE_GRAPHQL_DOCUMENTS");
    return gql_trust_load(&gateway->trust, settings->graphql_documents, gateway->graphql, err) ||
           err_wrap(err, "CONSE_GRAPHQL_DOCUMENTS");
}

static bool open_quota(struct gateway *gateway, struct err *err)
{
    const struct gateway_settings *s = &gateway->settings;
    const struct feed_limits limits = {s->max_streams, s->streams_per_user, s->streams_per_address,
                                       s->streams_per_live_address};
    struct bus_key_list derived;
    const uint8_t *key = cache_key(gateway, "conse/streams/1", &derived);
    const struct feed_quota_place place = {s->cache, key, gateway->service->metrics};
    bool shared = strcmp(s->cache, "memory:") != 0;
    bool ok = feed_quota_create(&gateway->quota, &limits, shared ? &place : NULL, err);
    bus_key_list_forget(&derived);
    return ok || err_wrap(err, "CONSE_CACHE");
}

static bool open_presence(struct gateway *gateway, struct err *err)
{
    struct bus_key_list derived;
    const uint8_t *key = cache_key(gateway, "conse/presence/1", &derived);
    const struct presence_options options = {gateway->settings.cache, key, gateway->topics};
    bool ok = presence_open(&gateway->presence, &options, err);
    bus_key_list_forget(&derived);
    return ok || err_wrap(err, "CONSE_CACHE");
}

static void wake_loops(void *arg)
{
    const struct gateway *gateway = arg;
    for (size_t i = 0; i < gateway->loops_count; i++) loop_wake(gateway->loops[i].loop);
}

static bool open_loops(struct gateway *gateway, struct err *err)
{
    size_t count = (size_t)gateway->settings.loops;
    gateway->loops = calloc(count, sizeof *gateway->loops);
    if (!gateway->loops) return err_errno(err, errno, "loops");
    gateway->loops_count = count;
    for (size_t i = 0; i < count; i++)
        if (!gateway_loop_open(&gateway->loops[i], gateway, err)) return false;
    access_on_revocation(gateway->access, wake_loops, gateway); // none comes before the feed starts
    return true;
}

static bool each_loop_must(struct gateway *gateway, bool (*step)(struct gateway_loop *home, struct err *err),
                           struct err *err)
{
    for (size_t i = 0; i < gateway->loops_count; i++)
        if (!step(&gateway->loops[i], err)) return false;
    return true;
}

static bool follow_auth(struct gateway *gateway, struct err *err)
{
    struct service *service = gateway->service;
    struct gateway_loop *first = &gateway->loops[0];
    struct auth_feed_options options = {.loop = first->loop,
                                        .asks = first->asks,
                                        .auth = gateway->auth,
                                        .keys = &first->keys,
                                        .bus = service_topics_of(service, "auth", err),
                                        .listen = service_peers_of(service, "auth", err),
                                        .bus_keys = service->bus_keys};
    return options.bus && options.listen && auth_feed_start(gateway->auth_feed, &options, err);
}

static bool follow_topics(struct gateway *gateway, struct err *err)
{
    struct service *service = gateway->service;
    const struct topics_options options = {
        .events = {service_topics_of(service, "events", err), service_peers_of(service, "events", err)},
        .chain = {service_topics_of(service, "chain", err), service_peers_of(service, "chain", err)},
        .bus_keys = service->bus_keys};
    return options.events.bus && options.events.feed && options.chain.bus && options.chain.feed &&
           topics_start(gateway->topics, &options, err);
}

static bool tell_auth(struct gateway *gateway, struct err *err)
{
    struct service *service = gateway->service;
    const struct replica_tell_options options = {
        .service = service->program->name,
        .self = CONSE__ASKER__VALUE__GATEWAY,
        .auth = service_peers_of(service, "auth", err),
        .bus_keys = service->bus_keys,
        .health = {service->metrics, service_is_ready, service, service->config}};
    return options.auth && replica_tell_start(&gateway->tell, &options, err);
}

// All loops have the address before the first one serves, so that the kernel spreads connections from the
// start; and before they connect, so that a gateway without the address does not come and go at the services.
static bool start_loops(struct gateway *gateway, struct err *err)
{
    bool ok = each_loop_must(gateway, gateway_loop_listen, err) &&
              each_loop_must(gateway, gateway_loop_connect, err) && follow_auth(gateway, err) &&
              follow_topics(gateway, err) && each_loop_must(gateway, gateway_loop_start, err) &&
              tell_auth(gateway, err);
    if (!ok) return false;
    log_info("listening", F_STR("address", http_front_address(gateway->front)),
             F_STR("scheme", http_front_tls(gateway->front) ? "https" : "http"),
             F_INT("loops", gateway->loops_count));
    return true;
}

static double revocations_age_s(void *arg)
{
    const struct gateway *gateway = arg;
    return (double)auth_feed_age_ms(gateway->auth_feed) / 1000;
}

static void gateway_close(struct service *service);

static bool gateway_open(struct service *service, struct err *err)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (!gateway) return err_errno(err, errno, "gateway");
    service->context = gateway;
    gateway->service = service;
    gateway->settings = *(const struct gateway_settings *)service->program->settings;
    make_metrics(gateway);
    arena_init(&gateway->graphql_arena, GRAPHQL_BYTES);
    bool ok = open_routes(gateway, err) && read_settings(gateway, err) && make_pages(gateway, err) &&
              open_site(gateway, err) && open_graphql(gateway, err) && access_create(&gateway->access, err) &&
              auth_feed_create(&gateway->auth_feed, gateway->access, err) && open_limits(gateway, err) &&
              open_proofs(gateway) && open_desk(gateway, err) && open_replies(gateway, err) &&
              topics_create(&gateway->topics, err) && open_quota(gateway, err) &&
              open_presence(gateway, err) && open_proxy(gateway, err) && open_loops(gateway, err) &&
              open_front(gateway, err) && start_loops(gateway, err);
    if (!ok) return gateway_close(service), false;
    metrics_watch(service->metrics, "conse_revocations_age_seconds",
                  "Since the revocations that are here were those of auth.", revocations_age_s, gateway);
    return true;
}

static bool gateway_ready(struct service *service)
{
    const struct gateway *gateway = service->context;
    for (size_t i = 0; i < gateway->loops_count; i++)
        if (!atomic_load(&gateway->loops[i].met)) return false;
    return auth_feed_ready(gateway->auth_feed);
}

static void gateway_reload(struct service *service)
{
    struct gateway *gateway = service->context;
    struct err err;
    if (!http_front_tls(gateway->front)) return;
    if (http_front_reload(gateway->front, &err))
        log_info("certificate read again");
    else
        log_err(LOG_ERROR, "the certificate stays as it was", &err);
}

// ---- Stop

static bool is_drained(const struct gateway *gateway)
{
    for (size_t i = 0; i < gateway->loops_count; i++)
        if (!atomic_load(&gateway->loops[i].drained)) return false;
    return true;
}

static void gateway_drain(struct service *service, int64_t timeout_ms)
{
    struct gateway *gateway = service->context;
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    gateway->drain_ms = timeout_ms;
    atomic_store(&gateway->drain, true);
    wake_loops(gateway);
    while (!is_drained(gateway) && clock_mono_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = DRAIN_STEP_MS * 1000000}, NULL);
    if (!is_drained(gateway)) log_warn("some connections did not end in time");
}

static void each_loop(struct gateway *gateway, void (*step)(struct gateway_loop *home))
{
    for (size_t i = 0; i < gateway->loops_count; i++) step(&gateway->loops[i]);
}

static void gateway_close(struct service *service)
{
    struct gateway *gateway = service->context;
    replica_tell_stop(gateway->tell);
    each_loop(gateway, gateway_loop_stop);
    each_loop(gateway, gateway_loop_join);
    auth_feed_stop(gateway->auth_feed);
    desk_close(gateway->desk);
    presence_stop(gateway->presence);
    topics_stop(gateway->topics);
    each_loop(gateway, gateway_loop_close);
    presence_destroy(gateway->presence);
    topics_destroy(gateway->topics);
    auth_feed_destroy(gateway->auth_feed);
    http_front_close(gateway->front);
    proxy_finish(&gateway->proxy);
    reply_budget_destroy(gateway->replies);
    feed_quota_destroy(gateway->quota);
    desk_free(gateway->desk);
    limits_close(&gateway->limits);
    access_destroy(gateway->access);
    pages_finish(&gateway->pages);
    site_free(gateway->site);
    gql_trust_free(gateway->trust);
    arena_finish(&gateway->graphql_arena);
    routes_destroy(gateway->routes);
    free(gateway->loops);
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
