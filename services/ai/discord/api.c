#include "services/ai/discord/api.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/http.h"
#include "lib/thread/wait.h"
#include "services/ai/discord/rate.h"

enum {
    URL_BYTES = 2048,
    TRY_MS = 10000, // one try
    LEAST_MS = 100,
    PAUSE_MS = 500,
    PAUSE_MOST_MS = 8000,
    REPLY_BYTES = 16 << 20, // 100 messages with all they carry
    UNAUTHORIZED = 401,
};

struct api {
    const struct discord_settings *settings;
    char bearer[256];
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    bool stopping;
    bool shut_out; // the bot's token is refused: who goes on asking has the address shut out
    struct rate *rate;
    struct metric *refused;
};

bool api_create(struct api **out, const struct discord_settings *settings, struct metric *refused,
                struct err *err)
{
    struct api *api = *out = calloc(1, sizeof *api);
    if (!api || !(api->rate = rate_create())) {
        free(api);
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    }
    api->settings = settings;
    api->refused = refused;
    metric_set(refused, 0);
    snprintf(api->bearer, sizeof api->bearer, "Authorization: Bot %s", settings->token);
    pthread_mutex_init(&api->mutex, NULL);
    wait_init(&api->stopped);
    return true;
}

void api_destroy(struct api *api)
{
    if (!api) return;
    sodium_memzero(api->bearer, sizeof api->bearer);
    pthread_mutex_destroy(&api->mutex);
    pthread_cond_destroy(&api->stopped);
    rate_destroy(api->rate);
    free(api);
}

bool api_is_refused(struct api *api)
{
    pthread_mutex_lock(&api->mutex);
    const bool refused = api->shut_out;
    pthread_mutex_unlock(&api->mutex);
    return refused;
}

void api_stop(struct api *api)
{
    pthread_mutex_lock(&api->mutex);
    api->stopping = true;
    pthread_cond_broadcast(&api->stopped);
    pthread_mutex_unlock(&api->mutex);
}

// ---- Pauses

static bool fail_late(struct err *err) { return err_fail(err, DEADLINE_PASSED, "Discord is too slow"); }

// With the mutex. False when there is no time for another try, or it is stopped.
static bool wait_locked(struct api *api, int64_t wait_ms, int64_t until_ms, struct err *err)
{
    int64_t end_ms = clock_mono_ms() + wait_ms;
    if (end_ms + LEAST_MS >= until_ms) return fail_late(err);
    while (!api->stopping && wait_until(&api->stopped, &api->mutex, end_ms)) continue;
    return !api->stopping || err_fail(err, SERVICE_AWAY, "the service ends");
}

bool api_pause(struct api *api, int64_t wait_ms, int64_t until_ms, struct err *err)
{
    pthread_mutex_lock(&api->mutex);
    bool ok = wait_locked(api, wait_ms, until_ms, err);
    pthread_mutex_unlock(&api->mutex);
    return ok;
}

// *refused: the bot would be, and does not ask.
static bool await_turn(struct api *api, const struct rate_place *place, int64_t until_ms, bool *refused,
                       struct err *err)
{
    bool ok = true;
    pthread_mutex_lock(&api->mutex);
    for (int64_t wait_ms; ok && (wait_ms = rate_take(api->rate, place, clock_mono_ms())) > 0;)
        ok = wait_locked(api, wait_ms, until_ms, err);
    ok = ok && (!api->stopping || err_fail(err, SERVICE_AWAY, "the service ends"));
    *refused = place->by_bot && api->shut_out;
    pthread_mutex_unlock(&api->mutex);
    return ok;
}

// ---- One try

static void write_url(char url[URL_BYTES], const struct api *api, const struct api_request *request)
{
    const char *base = api->settings->api;
    if (request->route == API_MESSAGES)
        snprintf(url, URL_BYTES, "%s/channels/%s/messages?limit=100&before=%s", base, request->channel_id,
                 request->before);
    else if (request->route == API_FOLLOW_UP)
        snprintf(url, URL_BYTES, "%s/webhooks/%s/%s", base, request->application_id, request->token);
    else
        snprintf(url, URL_BYTES, "%s/webhooks/%s/%s/messages/@original", base, request->application_id,
                 request->token);
}

static struct rate_place place_of(const struct api_request *request)
{
    bool by_bot = request->route == API_MESSAGES;
    return (struct rate_place){request->route, by_bot ? request->channel_id : request->token, by_bot};
}

enum { BUCKET, LIMIT, REMAINING, RESET_AFTER, SCOPE, RETRY_AFTER, WANTED };

static struct rate_told told_by(long status, const struct http_wanted wanted[WANTED])
{
    struct rate_told told = {.status = status, .limit = -1, .remaining = -1};
    snprintf(told.bucket, sizeof told.bucket, "%.*s", RATE_BUCKET - 1, wanted[BUCKET].value);
    if (*wanted[LIMIT].value) told.limit = strtoll(wanted[LIMIT].value, NULL, 10);
    if (*wanted[REMAINING].value) told.remaining = strtoll(wanted[REMAINING].value, NULL, 10);
    told.reset_after_ms = rate_ms(wanted[RESET_AFTER].value);
    told.retry_after_ms = rate_ms(wanted[RETRY_AFTER].value);
    if (status == 429 && told.retry_after_ms == 0) told.retry_after_ms = PAUSE_MS;
    if (strcmp(wanted[SCOPE].value, "global") == 0) told.scope = RATE_OF_ALL;
    if (strcmp(wanted[SCOPE].value, "shared") == 0) told.scope = RATE_OF_SHARED;
    return told;
}

static bool try_once(struct api *api, const struct api_request *request, struct http_reply *reply,
                     struct err *err)
{
    static const char *const methods[] = {
        [API_MESSAGES] = "GET", [API_ORIGINAL] = "GET", [API_EDIT] = "PATCH", [API_FOLLOW_UP] = "POST"};
    struct http_wanted wanted[WANTED] = {
        [BUCKET] = {.name = "X-RateLimit-Bucket"},       [LIMIT] = {.name = "X-RateLimit-Limit"},
        [REMAINING] = {.name = "X-RateLimit-Remaining"}, [RESET_AFTER] = {.name = "X-RateLimit-Reset-After"},
        [SCOPE] = {.name = "X-RateLimit-Scope"},         [RETRY_AFTER] = {.name = "Retry-After"}};
    const char *const by_bot[] = {api->bearer, NULL};
    char url[URL_BYTES];
    struct rate_place place = place_of(request);
    int64_t left_ms = request->until_ms - clock_mono_ms();
    write_url(url, api, request);
    const struct http_request http = {.method = methods[request->route],
                                      .url = url,
                                      .body = request->body,
                                      .content_type = request->body ? "application/json" : NULL,
                                      .headers = place.by_bot ? by_bot : NULL,
                                      .wanted = wanted,
                                      .wanted_count = WANTED,
                                      .timeout_ms = left_ms < TRY_MS ? left_ms : TRY_MS,
                                      .max_reply_bytes = REPLY_BYTES};
    if (left_ms <= 0) return fail_late(err);
    if (!http_do(&http, reply, err)) return false;
    const struct rate_told told = told_by(reply->status, wanted);
    pthread_mutex_lock(&api->mutex);
    rate_learn(api->rate, &place, &told, clock_mono_ms());
    if (place.by_bot && reply->status == UNAUTHORIZED && !api->shut_out) {
        api->shut_out = true;
        metric_set(api->refused, 1);
        log_error("Discord refuses CONSE_DISCORD_TOKEN: no messages are read until the next start");
    }
    pthread_mutex_unlock(&api->mutex);
    return true;
}

// ---- Tries

static bool api_reads(const struct api_request *request)
{
    return request->route == API_MESSAGES || request->route == API_ORIGINAL;
}

// The URL has the interaction's token, so nothing of it is logged.
static void tell_failure(const struct api_request *request, long status)
{
    static const char *const names[] = {[API_MESSAGES] = "messages",
                                        [API_ORIGINAL] = "original",
                                        [API_EDIT] = "edit",
                                        [API_FOLLOW_UP] = "follow-up"};
    log_warn("Discord does not do it", F_STR("what", names[request->route]), F_INT("status", status));
}

static void api_refuse(struct api_reply *reply)
{
    *reply = (struct api_reply){.status = UNAUTHORIZED};
    buf_init(&reply->body, 0);
}

bool api_do(struct api *api, const struct api_request *request, struct api_reply *reply, bool *unknown,
            struct err *err)
{
    const struct rate_place place = place_of(request);
    *unknown = false;
    for (int64_t pause_ms = PAUSE_MS;;
         pause_ms = pause_ms * 2 < PAUSE_MOST_MS ? pause_ms * 2 : PAUSE_MOST_MS) {
        struct http_reply http;
        bool refused;
        if (!await_turn(api, &place, request->until_ms, &refused, err)) return false;
        if (refused) return api_refuse(reply), true;
        bool came = try_once(api, request, &http, err);
        long status = came ? http.status : 0;
        if (came && status != 429 && status < 500) {
            *reply = (struct api_reply){status, http.body};
            return true;
        }
        if (came) http_reply_finish(&http);
        tell_failure(request, status);
        if (status == 429) continue; // and waits as it was told
        *unknown = !api_reads(request);
        if (*unknown) return err_fail(err, SERVICE_AWAY, "Discord did not say whether it was done");
        if (!came && err_is(err, REPLY_TOO_LARGE)) // which it would be again
            return err_fail(err, REPLY_TOO_LARGE, "Discord's answer is too large");
        if (!api_pause(api, pause_ms, request->until_ms, err)) return false;
    }
}

void api_reply_finish(struct api_reply *reply) { buf_finish(&reply->body); }
