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
        auth_feed_note_keys(fetch->feed, loop_now_ms(fetch->loop));
        auth__jwks__free_unpacked(jwks, NULL);
    } else if (reply->err) {
        failure = *reply->err;
    } else {
        err_fail(&failure, SERVICE_AWAY, "the published keys cannot be read");
    }
    fetch->arrived(fetch->arg, failure.reason ? &failure : NULL);
}

bool key_fetch_begin(struct key_fetch *fetch)
{
    if (fetch->on_its_way) return true;
    if (auth_feed_keys_age_ms(fetch->feed, loop_now_ms(fetch->loop)) < KEYS_LEAST_MS) return false;
    struct ask ask = {.method = schema_method("auth.GetJwks"),
                      .service = fetch->auth,
                      .deadline_ms = loop_now_ms(fetch->loop) + ASK_MS};
    fetch->on_its_way = true;
    gateway_ask(fetch->asks, &ask, on_keys, fetch);
    return true;
}
