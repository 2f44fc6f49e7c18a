#include "services/events/live/signer.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/log.h"
#include "lib/rpc/client.h"
#include "lib/thread/periodic.h"

#define IDENTITY_KEY "identity"

enum { ASK_MS = 2000, AGAIN_MS = 1000, LOOK_MS = 10000, ARENA = 1 << 16 };

struct signer {
    struct keyring *ring;
    bool own;
    const char *auth;
    struct bus_keys *bus_keys;
    struct periodic *thread;
    struct rpc_client *client; // the thread's
    bool told;                 // the log has that auth does not answer
    pthread_mutex_t mutex;     // guards the fields below
    bool made;
    uint64_t changes; // of the ring when `signing` was made
    bool certified;
    struct signing signing;
};

bool signer_open(struct signer **opened, struct keyring *ring, struct err *err)
{
    AUTO_KEYS struct key_set set;
    bool own = keyring_has_rows(ring);
    if (!keyring_load(ring, own ? CHECKPOINT_KEY : IDENTITY_KEY, &set, err)) return false;
    struct signer *signer = calloc(1, sizeof *signer);
    if (!signer) return err_fail(err, INTERNAL_ERROR, "out of memory");
    signer->ring = ring;
    signer->own = own;
    pthread_mutex_init(&signer->mutex, NULL);
    *opened = signer;
    return true;
}

void signer_close(struct signer *signer)
{
    if (!signer) return;
    pthread_mutex_destroy(&signer->mutex);
    sodium_memzero(signer, sizeof *signer);
    free(signer);
}

// ---- Signing

static const struct key *newest_certified(const struct key_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->keys[i].certified) return &set->keys[i];
    return NULL;
}

// The caller holds the mutex.
static void signer_make(struct signer *signer)
{
    AUTO_KEYS struct key_set set;
    signer->made = true;
    signer->changes = keyring_changes(signer->ring);
    keyring_get(signer->ring, signer->own ? CHECKPOINT_KEY : IDENTITY_KEY, &set);
    const struct key *key = signer->own ? newest_certified(&set) : &set.keys[0];
    signer->certified = key != NULL;
    if (!key) return;
    struct signing *signing = &signer->signing;
    signing->number = key->number;
    signing->own = signer->own;
    memcpy(signing->certificate, key->certificate, sizeof signing->certificate);
    crypto_sign_seed_keypair(signing->public_key, signing->secret, key->bytes);
}

bool signer_get(struct signer *signer, struct signing *signing)
{
    pthread_mutex_lock(&signer->mutex);
    if (!signer->made || signer->changes != keyring_changes(signer->ring)) signer_make(signer);
    bool certified = signer->certified;
    if (certified) *signing = signer->signing;
    pthread_mutex_unlock(&signer->mutex);
    return certified;
}

// ---- Certificates

bool signer_lacks(struct signer *signer, uint32_t *number, uint8_t public_key[PUBLIC_KEY])
{
    AUTO_KEYS struct key_set set;
    if (!signer->own) return false;
    keyring_get(signer->ring, CHECKPOINT_KEY, &set);
    if (set.keys[0].certified) return false;
    *number = set.keys[0].number;
    signing_public(set.keys[0].bytes, public_key);
    return true;
}

bool signer_learn(struct signer *signer, uint32_t number, const uint8_t identity[PUBLIC_KEY],
                  const uint8_t certificate[KEY_CERTIFICATE], struct err *err)
{
    AUTO_KEY struct key key = {0};
    uint8_t public_key[PUBLIC_KEY];
    if (!keyring_find(signer->ring, CHECKPOINT_KEY, number, &key, err)) return false;
    signing_public(key.bytes, public_key);
    if (!certificate_check(identity, CERTIFIES_CHECKPOINTS, public_key, certificate))
        return err_fail(err, STORE_CORRUPT, "auth's certificate is not of this key");
    return keyring_certify(signer->ring, CHECKPOINT_KEY, number, certificate, err);
}

static bool signer_connect(struct signer *signer, struct err *err)
{
    const struct rpc_client_options options = {.service = "auth",
                                               .self = CONSE__ASKER__VALUE__EVENTS,
                                               .address = signer->auth,
                                               .bus_keys = signer->bus_keys};
    return signer->client || rpc_client_create(&signer->client, &options, err);
}

static bool signer_ask(struct signer *signer, uint32_t number, uint8_t public_key[PUBLIC_KEY],
                       struct arena *arena, struct err *err)
{
    Auth__CertifyRequest request = AUTH__CERTIFY_REQUEST__INIT;
    ProtobufCMessage *message;
    request.public_key = (ProtobufCBinaryData){PUBLIC_KEY, public_key};
    if (!rpc_client_ask(signer->client, "auth.CertifyKey", NULL, &request.base, ASK_MS, arena, &message, err))
        return false;
    const Auth__Certificate *reply = (const Auth__Certificate *)message;
    if (reply->identity.len != PUBLIC_KEY || reply->certificate.len != KEY_CERTIFICATE)
        return err_fail(err, STORE_CORRUPT, "auth's certificate has another form");
    return signer_learn(signer, number, reply->identity.data, reply->certificate.data, err);
}

static bool signer_certify(struct signer *signer, uint32_t number, uint8_t public_key[PUBLIC_KEY],
                           struct err *err)
{
    struct arena arena;
    if (!signer_connect(signer, err)) return false;
    arena_init(&arena, ARENA);
    bool ok = signer_ask(signer, number, public_key, &arena, err);
    arena_finish(&arena);
    return ok;
}

static int64_t signer_work(void *arg)
{
    struct signer *signer = arg;
    struct err err;
    uint32_t number;
    uint8_t public_key[PUBLIC_KEY];
    if (!signer_lacks(signer, &number, public_key)) return LOOK_MS;
    if (signer_certify(signer, number, public_key, &err)) {
        log_info("auth has certified the key of checkpoints");
        signer->told = false;
        return LOOK_MS;
    }
    if (!signer->told) log_err(LOG_WARN, "the key of checkpoints is not certified yet", &err);
    signer->told = true;
    return AGAIN_MS;
}

bool signer_follow(struct signer *signer, const char *auth, struct bus_keys *bus_keys, struct err *err)
{
    signer->auth = auth;
    signer->bus_keys = bus_keys;
    return !signer->own || periodic_start(&signer->thread, "signer", 0, signer_work, signer, err);
}

void signer_unfollow(struct signer *signer)
{
    if (!signer) return;
    periodic_stop(signer->thread);
    rpc_client_destroy(signer->client);
    signer->thread = NULL;
    signer->client = NULL;
}

void signer_wake(struct signer *signer)
{
    if (signer->thread) periodic_wake(signer->thread);
}
