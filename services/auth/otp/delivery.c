#include "services/auth/otp/delivery.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/http.h"
#include "services/auth/otp/kavenegar.h"
#include "services/auth/otp/otp.h"

enum { MAX_REPLY = 16384, FIRST_PAUSE_MS = 100, LEAST_MS = 100 };

// The one place where a secret reaches a log: this driver is for development, and the service warns at start
// that it is in use.
static bool print_code(const char *phone, const char *code)
{
    log_info("one-time code", F_STR("phone", phone), F_STR("code", code));
    return true;
}

struct post {
    const char *driver; // for the log
    const char *url, *body, *content_type, *bearer;
    long (*status_of)(long http_status, const char *body, size_t len); // NULL: HTTP's own
    int64_t deadline_ms;                                               // of the monotonic clock
};

// 0 when no complete reply came.
static long post_once(const struct post *post)
{
    const struct http_request request = {
        .method = "POST",
        .url = post->url,
        .body = post->body,
        .content_type = post->content_type,
        .bearer = post->bearer,
        .timeout_ms = post->deadline_ms - clock_mono_ms(),
        .max_reply_bytes = MAX_REPLY,
    };
    struct http_reply reply;
    struct err err;
    if (!http_do(&request, &reply, &err)) return 0;
    long status = reply.status;
    if (post->status_of) status = post->status_of(status, reply.body.bytes, reply.body.len);
    http_reply_finish(&reply);
    return status;
}

static bool is_passing(long status) { return status == 0 || status == 429 || status >= 500; }

static void wait_ms(int64_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&time, &time) != 0) continue;
}

// Retries temporary failures with a growing pause, as long as there is time. The URL may hold a secret, so it
// is not logged.
static bool post_until(const struct post *post, struct err *err)
{
    for (int64_t pause_ms = FIRST_PAUSE_MS;; pause_ms *= 2) {
        long status = post_once(post);
        if (status >= 200 && status < 300) return true;
        bool again = is_passing(status) && clock_mono_ms() + pause_ms + LEAST_MS < post->deadline_ms;
        log_warn("one-time code not taken", F_STR("by", post->driver), F_INT("status", status),
                 F_STR("then", again ? "again" : "given up"));
        if (!again) return err_fail(err, DELIVERY_FAILED, "the code could not be delivered");
        wait_ms(pause_ms);
    }
}

static char *make_body(const char *phone, const char *code)
{
    json_t *body = json_pack("{s:s, s:s, s:s}", "phone", phone, "code", code, "purpose", "login");
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    return text;
}

static bool post_to_webhook(const struct auth_settings *settings, const char *phone, const char *code,
                            struct err *err)
{
    char *body = make_body(phone, code);
    if (!body) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct post post = {
        .driver = "webhook",
        .url = settings->otp_webhook_url,
        .body = body,
        .content_type = "application/json",
        .bearer = settings->otp_webhook_token,
        .deadline_ms = clock_mono_ms() + settings->otp_webhook_ms,
    };
    bool sent = post_until(&post, err);
    sodium_memzero(body, strlen(body));
    free(body);
    return sent;
}

static bool post_to_kavenegar(const struct auth_settings *settings, const char *phone, const char *code,
                              struct err *err)
{
    char url[KAVENEGAR_URL_MAX], form[KAVENEGAR_FORM_MAX];
    kavenegar_url(settings, url);
    kavenegar_form(settings, phone, code, form);
    const struct post post = {
        .driver = "kavenegar",
        .url = url,
        .body = form,
        .content_type = "application/x-www-form-urlencoded",
        .status_of = kavenegar_status,
        .deadline_ms = clock_mono_ms() + settings->otp_webhook_ms,
    };
    bool sent = post_until(&post, err);
    sodium_memzero(url, sizeof url);
    sodium_memzero(form, sizeof form);
    return sent;
}

// A server that hangs occupies some threads, never all of those that passwords need.
static bool post_in_turn(struct auth *auth, const char *phone, const char *code, struct err *err)
{
    bool free_line = atomic_fetch_add(&auth->deliveries, 1) < auth->settings.otp_webhook_calls;
    bool kavenegar = auth->settings.otp_driver == OTP_KAVENEGAR;
    bool sent =
        free_line && (kavenegar ? post_to_kavenegar : post_to_webhook)(&auth->settings, phone, code, err);
    atomic_fetch_sub(&auth->deliveries, 1);
    if (free_line) return sent;
    err_fail(err, SERVICE_BUSY, "too many codes are being delivered");
    err->retry_after_s = 1;
    return false;
}

bool delivery_send(struct auth *auth, const char *phone, const char *code, struct err *err)
{
    if (auth->settings.otp_driver == OTP_LOG) return print_code(phone, code);
    return post_in_turn(auth, phone, code, err);
}
