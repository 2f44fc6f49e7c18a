#include "services/chain/certifier.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/log.h"
#include "lib/rpc/client.h"
#include "lib/thread/periodic.h"
#include "services/chain/chain.h"

enum { ASK_MS = 2000, AGAIN_MS = 1000, LOOK_MS = 10000, ARENA = 1 << 16 };

struct certified {
    uint8_t public_key[PUBLIC_KEY];
    uint8_t certificate[KEY_CERTIFICATE];
};

struct certifier {
    struct certifier_source source;
    struct periodic *thread;
    struct rpc_client *client; // the thread's
    bool told;                 // the log has that auth does not answer
    pthread_mutex_t mutex;     // guards the fields below
    struct certified certified[KEYS_MOST];
    size_t count; // since the start: the oldest goes first
};

bool certifier_get(struct certifier *certifier, const uint8_t public_key[PUBLIC_KEY],
                   uint8_t certificate[KEY_CERTIFICATE])
{
    bool found = false;
    if (!certifier) return false;
    pthread_mutex_lock(&certifier->mutex);
    for (size_t i = 0; !found && i < certifier->count && i < KEYS_MOST; i++) {
        found = memcmp(certifier->certified[i].public_key, public_key, PUBLIC_KEY) == 0;
        if (found) memcpy(certificate, certifier->certified[i].certificate, KEY_CERTIFICATE);
    }
    pthread_mutex_unlock(&certifier->mutex);
    return found;
}

// ---- Asking

static bool certifier_lacks(struct certifier *certifier, uint8_t public_key[PUBLIC_KEY])
{
    AUTO_KEYS struct key_set set;
    uint8_t certificate[KEY_CERTIFICATE];
    bool lacks = false;
    keyring_get(certifier->source.keys, CHAIN_KEY_LEDGER, &set);
    for (size_t i = 0; !lacks && i < set.count; i++) {
        signing_public(set.keys[i].bytes, public_key);
        lacks = !certifier_get(certifier, public_key, certificate);
    }
    return lacks;
}

static void certifier_keep(struct certifier *certifier, const uint8_t public_key[PUBLIC_KEY],
                           const uint8_t certificate[KEY_CERTIFICATE])
{
    pthread_mutex_lock(&certifier->mutex);
    struct certified *kept = &certifier->certified[certifier->count++ % KEYS_MOST];
    memcpy(kept->public_key, public_key, PUBLIC_KEY);
    memcpy(kept->certificate, certificate, KEY_CERTIFICATE);
    pthread_mutex_unlock(&certifier->mutex);
}

static bool certifier_ask(struct certifier *certifier, uint8_t public_key[PUBLIC_KEY], struct arena *arena,
                          struct err *err)
{
    const struct rpc_client_options options = {.service = "auth",
                                               .self = CONSE__ASKER__VALUE__CHAIN,
                                               .address = certifier->source.auth,
                                               .bus_keys = certifier->source.bus_keys};
    Auth__CertifyRequest request = AUTH__CERTIFY_REQUEST__INIT;
    ProtobufCMessage *message;
    if (!certifier->client && !rpc_client_create(&certifier->client, &options, err)) return false;
    request.public_key = (ProtobufCBinaryData){PUBLIC_KEY, public_key};
    if (!rpc_client_ask(certifier->client, "auth.CertifyKey", NULL, &request.base, ASK_MS, arena, &message,
                        err))
        return false;
    const Auth__Certificate *reply = (const Auth__Certificate *)message;
    bool whole = reply->identity.len == PUBLIC_KEY && reply->certificate.len == KEY_CERTIFICATE;
    if (!whole ||
        !certificate_check(reply->identity.data, CERTIFIES_LEDGER, public_key, reply->certificate.data))
        return err_fail(err, STORE_CORRUPT, "auth's certificate is not of this key");
    certifier_keep(certifier, public_key, reply->certificate.data);
    return true;
}

static int64_t certifier_work(void *arg)
{
    struct certifier *certifier = arg;
    struct arena arena;
    struct err err = {0};
    uint8_t public_key[PUBLIC_KEY];
    if (!certifier_lacks(certifier, public_key)) return LOOK_MS;
    arena_init(&arena, ARENA);
    bool ok = certifier_ask(certifier, public_key, &arena, &err);
    arena_finish(&arena);
    if (!ok && !certifier->told) log_err(LOG_WARN, "the key of the ledger is not certified yet", &err);
    certifier->told = !ok;
    return ok ? 0 : AGAIN_MS;
}

// ---- The thread

bool certifier_start(struct certifier **started, const struct certifier_source *source, struct err *err)
{
    struct certifier *certifier = calloc(1, sizeof *certifier);
    if (!certifier) return err_fail(err, INTERNAL_ERROR, "out of memory");
    certifier->source = *source;
    pthread_mutex_init(&certifier->mutex, NULL);
    *started = certifier;
    return periodic_start(&certifier->thread, "certifier", 0, certifier_work, certifier, err);
}

void certifier_stop(struct certifier *certifier)
{
    if (!certifier) return;
    periodic_stop(certifier->thread);
    rpc_client_destroy(certifier->client);
    pthread_mutex_destroy(&certifier->mutex);
    free(certifier);
}
