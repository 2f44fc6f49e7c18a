#include "services/gateway/proxy/upstreams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/thread/periodic.h"
#include "services/gateway/proxy/circuit.h"

enum { RESOLVE_EVERY_MS = 10000, RESOLVE_SOON_MS = 1000, RESOLVE_IN_MS = 3000, CLASSES = 6 };

struct upstream {
    pthread_mutex_t mutex; // of the next two
    struct circuit circuit;
    struct outside_addresses addresses;
    bool literal; // its host is an address
    struct metric *by_class[CLASSES], *state;
};

struct upstreams {
    const struct proxy_rules *rules;
    struct upstream *all;
    struct periodic *resolving;
};

// ---- Addresses

static void add_port(struct outside_addresses *addresses, uint16_t port)
{
    for (size_t i = 0; i < addresses->count; i++) {
        struct sockaddr_storage *address = &addresses->all[i];
        if (address->ss_family == AF_INET6)
            ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
        else
            ((struct sockaddr_in *)address)->sin_port = htons(port);
    }
}

static bool take_literal(struct upstream *upstream, const struct proxy_upstream *rule)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    bool is_four = inet_pton(AF_INET, rule->host, &four.sin_addr) == 1;
    if (!is_four && inet_pton(AF_INET6, rule->host, &six.sin6_addr) != 1) return false;
    memcpy(&upstream->addresses.all[0], is_four ? (void *)&four : (void *)&six,
           is_four ? sizeof four : sizeof six);
    upstream->addresses.count = 1;
    add_port(&upstream->addresses, rule->port);
    return true;
}

// One that is not found stays where it was.
static bool resolve_one(struct upstream *upstream, const struct proxy_upstream *rule)
{
    struct outside_addresses found;
    struct err err;
    if (!resolver_ask(NULL, rule->host, clock_mono_ms() + RESOLVE_IN_MS, &found, &err)) return false;
    add_port(&found, rule->port);
    pthread_mutex_lock(&upstream->mutex);
    upstream->addresses = found;
    pthread_mutex_unlock(&upstream->mutex);
    return true;
}

static int64_t resolve_all(void *arg)
{
    struct upstreams *upstreams = arg;
    bool all = true;
    for (size_t i = 0; i < upstreams->rules->upstreams_count; i++)
        if (!upstreams->all[i].literal)
            all &= resolve_one(&upstreams->all[i], &upstreams->rules->upstreams[i]);
    return all ? RESOLVE_EVERY_MS : RESOLVE_SOON_MS;
}

// ---- Life

static void make_metrics(struct upstream *upstream, const struct proxy_upstream *rule,
                         struct metrics *metrics)
{
    static const char *const classes[CLASSES] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    char labels[PROXY_AUTHORITY + 64];
    for (size_t i = 0; i < CLASSES; i++) {
        snprintf(labels, sizeof labels, "upstream=\"%s\",status=\"%s\"", rule->authority, classes[i]);
        upstream->by_class[i] = metrics_counter(
            metrics, "conse_proxy_requests_total",
            "Requests for upstreams, by upstream and by the class of the status that the client got.",
            labels);
    }
    snprintf(labels, sizeof labels, "upstream=\"%s\"", rule->authority);
    upstream->state =
        metrics_gauge(metrics, "conse_proxy_upstream_state",
                      "0: the upstream is asked; 1: one request tries it; 2: it is left alone.", labels);
}

bool upstreams_open(struct upstreams **out, const struct proxy_rules *rules, struct metrics *metrics,
                    struct err *err)
{
    struct upstreams *upstreams = calloc(1, sizeof *upstreams);
    bool names = false;
    *out = upstreams;
    if (upstreams) upstreams->all = calloc(rules->upstreams_count + 1, sizeof *upstreams->all);
    if (!upstreams || !upstreams->all) return err_errno(err, errno, "upstreams");
    upstreams->rules = rules;
    for (size_t i = 0; i < rules->upstreams_count; i++) {
        struct upstream *upstream = &upstreams->all[i];
        pthread_mutex_init(&upstream->mutex, NULL);
        upstream->literal = take_literal(upstream, &rules->upstreams[i]);
        names |= !upstream->literal;
        make_metrics(upstream, &rules->upstreams[i], metrics);
    }
    return !names || periodic_start(&upstreams->resolving, "upstreams", 0, resolve_all, upstreams, err);
}

void upstreams_close(struct upstreams *upstreams)
{
    if (!upstreams) return;
    periodic_stop(upstreams->resolving);
    for (size_t i = 0; upstreams->all && upstreams->rules && i < upstreams->rules->upstreams_count; i++)
        pthread_mutex_destroy(&upstreams->all[i].mutex);
    free(upstreams->all);
    free(upstreams);
}

// ---- Use

bool upstreams_enter(struct upstreams *upstreams, size_t i, struct outside_addresses *addresses,
                     struct err *err)
{
    struct upstream *upstream = &upstreams->all[i];
    const char *name = upstreams->rules->upstreams[i].authority;
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&upstream->mutex);
    *addresses = upstream->addresses;
    bool entered = addresses->count && circuit_enter(&upstream->circuit, now_ms);
    int64_t left_ms = circuit_left_ms(&upstream->circuit, now_ms);
    metric_set(upstream->state, upstream->circuit.state);
    pthread_mutex_unlock(&upstream->mutex);
    if (entered) return true;
    err_fail(err, UPSTREAM_AWAY,
             addresses->count ? "%s has failed, and is left alone for a while" : "%s has no address", name);
    err_retry_after(err, left_ms);
    return false;
}

void upstreams_tell(struct upstreams *upstreams, size_t i, enum upstream_news news)
{
    struct upstream *upstream = &upstreams->all[i];
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&upstream->mutex);
    if (news == UPSTREAM_GOOD) circuit_good(&upstream->circuit);
    if (news == UPSTREAM_BAD) circuit_bad(&upstream->circuit, now_ms);
    if (news == UPSTREAM_NOTHING) circuit_leave(&upstream->circuit, now_ms);
    metric_set(upstream->state, upstream->circuit.state);
    pthread_mutex_unlock(&upstream->mutex);
}

void upstreams_count(struct upstreams *upstreams, size_t i, int status)
{
    metric_add(upstreams->all[i].by_class[status / 100 < CLASSES ? status / 100 : 0], 1);
}
