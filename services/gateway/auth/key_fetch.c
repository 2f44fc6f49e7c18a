#include "services/gateway/auth/key_fetch.h"

#include "auth.pb-c.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/access/access.h"
#include "services/gateway/auth/auth_feed.h"

enum { ASK_MS = 2000, KEYS_LEAST_MS = 1000 };

static void on_keys(void *arg, const struct ask_reply *reply)
{
    struct key_fetch *fetch = arg;
    struct err failure = {0};
    Auth__Jwks *jwks = reply->err ? NULL : auth__jwks__unpack(NULL, reply->len, reply->payload);
    fetch->on_its_way = false;
    if (jwks) {
        access_set_keys(fetch->access, jwks);
        auth_feed_note_keys(fetch->feed, fetch->asked_ms);
        auth__jwks__free_unpacked(jwks, NULL);
    } else if (reply->err) {
        failure = *reply->err;
    } else {
        err_fail(&failure, SERVICE_AWAY, "the published keys cannot be read");
    }
    fetch->arrived(fetch->arg, failure.reason ? &failure : NULL);
}

static void ask_keys(struct key_fetch *fetch)
{
    struct ask ask = {.method = schema_method("auth.GetJwks"),
                      .service = fetch->auth,
                      .deadline_ms = loop_now_ms(fetch->loop) + ASK_MS};
    fetch->on_its_way = true;
    fetch->asked_ms = loop_now_ms(fetch->loop);
    gateway_ask(fetch->asks, &ask, on_keys, fetch);
}

// Another loop's keys, if they came meanwhile, are as good.
static void on_due(void *arg)
{
    struct key_fetch *fetch = arg;
    fetch->is_due = false;
    if (auth_feed_keys_age_ms(fetch->feed, loop_now_ms(fetch->loop)) < KEYS_LEAST_MS)
        return fetch->arrived(fetch->arg, NULL);
    ask_keys(fetch);
}

void key_fetch_begin(struct key_fetch *fetch)
{
    if (fetch->on_its_way || fetch->is_due) return;
    int64_t now_ms = loop_now_ms(fetch->loop), age_ms = auth_feed_keys_age_ms(fetch->feed, now_ms);
    if (age_ms >= KEYS_LEAST_MS) return ask_keys(fetch);
    fetch->due = (struct loop_timer){.fire = on_due, .arg = fetch};
    fetch->is_due = true;
    loop_timer_set(fetch->loop, &fetch->due, now_ms + KEYS_LEAST_MS - age_ms);
}

bool key_fetch_answers(const struct key_fetch *fetch, int64_t wanted_ms)
{
    return auth_feed_keys_ms(fetch->feed) > wanted_ms;
}
