#include "services/auth/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/text_form.h"

_Static_assert(PASSWORD_HASH_LEN == crypto_pwhash_STRBYTES, "the size of libsodium's hash text");

struct password_gate {
    struct password_cost cost;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    uint32_t running, waiting;
};

struct password_gate *password_gate_create(const struct password_cost *cost)
{
    struct password_gate *gate = calloc(1, sizeof *gate);
    if (!gate) return NULL;
    gate->cost = *cost;
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->freed, NULL);
    return gate;
}

void password_gate_destroy(struct password_gate *gate)
{
    if (!gate) return;
    pthread_cond_destroy(&gate->freed);
    pthread_mutex_destroy(&gate->mutex);
    free(gate);
}

static bool password_busy(const char *why, struct err *err)
{
    err_fail(err, SERVICE_BUSY, "%s", why);
    err->retry_after_s = 1;
    return false;
}

static bool password_enter(struct password_gate *gate, struct err *err)
{
    pthread_mutex_lock(&gate->mutex);
    bool full = gate->running >= gate->cost.at_once && gate->waiting >= gate->cost.queue;
    if (!full) {
        gate->waiting++;
        while (gate->running >= gate->cost.at_once) pthread_cond_wait(&gate->freed, &gate->mutex);
        gate->waiting--;
        gate->running++;
    }
    pthread_mutex_unlock(&gate->mutex);
    return !full || password_busy("too many passwords are being checked", err);
}

static void password_leave(struct password_gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->running--;
    pthread_cond_signal(&gate->freed);
    pthread_mutex_unlock(&gate->mutex);
}

enum { NFC_BYTES = 3 * 4 * 256 + 1 }; // 256 characters of at most 4 bytes, which NFC may triple

// A text that has no form is its own.
static void password_form(char form[NFC_BYTES], const char *password)
{
    if (!text_nfc(form, NFC_BYTES, password)) snprintf(form, NFC_BYTES, "%s", password);
}

static bool hash_text(struct password_gate *gate, const char *text, char hash[PASSWORD_HASH_LEN],
                      struct err *err)
{
    if (!password_enter(gate, err)) return false;
    int failed = crypto_pwhash_str_alg(hash, text, strlen(text), gate->cost.ops, gate->cost.memory_bytes,
                                       crypto_pwhash_ALG_ARGON2ID13);
    password_leave(gate);
    return !failed || password_busy("there is no memory to hash a password", err);
}

bool password_hash(struct password_gate *gate, const char *password, char hash[PASSWORD_HASH_LEN],
                   struct err *err)
{
    char form[NFC_BYTES];
    password_form(form, password);
    bool ok = hash_text(gate, form, hash, err);
    sodium_memzero(form, sizeof form);
    return ok;
}

static bool verify_text(struct password_gate *gate, const char *hash, const char *text, bool *fits,
                        struct err *err)
{
    if (!password_enter(gate, err)) return false;
    *fits = crypto_pwhash_str_verify(hash, text, strlen(text)) == 0;
    password_leave(gate);
    return true;
}

bool password_verify(struct password_gate *gate, const char *hash, const char *password,
                     enum password_match *match, struct err *err)
{
    char form[NFC_BYTES];
    password_form(form, password);
    const bool differs = strcmp(form, password) != 0;
    bool typed = false, composed = false;
    bool ok = verify_text(gate, hash, password, &typed, err) &&
              (typed || !differs || verify_text(gate, hash, form, &composed, err));
    sodium_memzero(form, sizeof form);
    if (!ok) return false;
    bool outdated = (typed && differs) ||
                    crypto_pwhash_str_needs_rehash(hash, gate->cost.ops, gate->cost.memory_bytes) != 0;
    *match = !typed && !composed ? PASSWORD_WRONG : outdated ? PASSWORD_OUTDATED : PASSWORD_FITS;
    return true;
}

void password_unmatched(const struct password_cost *cost, char hash[PASSWORD_HASH_LEN])
{
    enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    uint8_t random[crypto_pwhash_SALTBYTES + 32];
    char salt[sodium_base64_ENCODED_LEN(crypto_pwhash_SALTBYTES, BASE64)],
        sum[sodium_base64_ENCODED_LEN(32, BASE64)];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(salt, sizeof salt, random, crypto_pwhash_SALTBYTES, BASE64);
    sodium_bin2base64(sum, sizeof sum, random + crypto_pwhash_SALTBYTES, 32, BASE64);
    snprintf(hash, PASSWORD_HASH_LEN, "$argon2id$v=19$m=%zu,t=%llu,p=1$%s$%s", cost->memory_bytes / 1024,
             (unsigned long long)cost->ops, salt, sum);
}
