#include "services/gateway/access/key_fetch.h"

#include "auth.pb-c.h"
#include "services/gateway/gateway.h"

enum { ASK_MS = 2000, KEYS_LEAST_MS = 1000 };

static void on_keys(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct key_fetch *fetch = arg;
    struct gateway *gateway = fetch->home->gateway;
    struct err failure = {0};
    Auth__Jwks *jwks = ok ? auth__jwks__unpack(NULL, len, payload) : NULL;
    fetch->on_its_way = false;
    if (jwks) {
        access_set_keys(gateway->access, jwks);
        auth_feed_note_keys(gateway->auth_feed, loop_now_ms(fetch->home->loop));
        auth__jwks__free_unpacked(jwks, NULL);
    } else if (ok) {
        err_fail(&failure, SERVICE_AWAY, "the published keys cannot be read");
    } else {
        failure = *err;
    }
    call_keys_arrived(fetch->home, failure.reason ? &failure : NULL);
}

bool key_fetch_begin(struct key_fetch *fetch)
{
    struct gateway_loop *home = fetch->home;
    struct rpc_request request = {.method = schema_method("auth.GetJwks"), .timeout_ms = ASK_MS};
    if (fetch->on_its_way) return true;
    if (auth_feed_keys_age_ms(home->gateway->auth_feed, loop_now_ms(home->loop)) < KEYS_LEAST_MS)
        return false;
    fetch->on_its_way = true;
    rpc_client_call(backend_find(&home->backends, "auth")->client, &request, on_keys, fetch);
    return true;
}
