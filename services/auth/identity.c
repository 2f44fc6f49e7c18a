#include "services/auth/identity.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/base/version.h"

enum { MAX_BINARIES = 8, MAX_PATH = 1024, HASH_TEXT = 65, MAX_NAME = 64 };

struct identity {
    pthread_mutex_t mutex;
    size_t count; // 0: not measured yet
    struct {
        char name[MAX_NAME];
        char sha256[HASH_TEXT];
    } binaries[MAX_BINARIES];
};

static bool hash_file(const char *path, char out[HASH_TEXT], struct err *err)
{
    FILE *file = fopen(path, "rbe");
    if (!file) return err_errno(err, errno, path);
    crypto_hash_sha256_state state;
    uint8_t chunk[16384], hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        crypto_hash_sha256_update(&state, chunk, n);
    bool failed = ferror(file);
    fclose(file);
    if (failed) return err_fail(err, INTERNAL_ERROR, "%s: cannot be read", path);
    crypto_hash_sha256_final(&state, hash);
    hex_encode(out, hash, sizeof hash);
    return true;
}

static bool identity_add(struct identity *identity, const char *name, const char *path, struct err *err)
{
    if (identity->count == MAX_BINARIES) return true;
    if (!hash_file(path, identity->binaries[identity->count].sha256, err)) return false;
    snprintf(identity->binaries[identity->count++].name, MAX_NAME, "%s", name);
    return true;
}

static int is_program(const struct dirent *entry) { return strncmp(entry->d_name, "conse-", 6) == 0; }

static bool add_siblings(struct identity *identity, const char *folder, const char *self, struct err *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_program, alphasort);
    if (count < 0) return err_errno(err, errno, folder);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        char path[MAX_PATH];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        ok = ok &&
             (strcmp(entries[i]->d_name, self) == 0 || identity_add(identity, entries[i]->d_name, path, err));
        free(entries[i]);
    }
    free(entries);
    return ok;
}

// The running file itself, even if it was replaced on disk since, and its siblings.
static bool identity_measure(struct identity *identity, struct err *err)
{
    char self[MAX_PATH];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0) return err_errno(err, errno, "/proc/self/exe");
    self[len] = 0;
    char *slash = strrchr(self, '/');
    if (!slash) return err_fail(err, INTERNAL_ERROR, "%s: not a path", self);
    *slash = 0;
    if (identity_add(identity, slash + 1, "/proc/self/exe", err) &&
        add_siblings(identity, self, slash + 1, err))
        return true;
    identity->count = 0;
    return false;
}

static bool measure_once(struct identity *identity, struct err *err)
{
    pthread_mutex_lock(&identity->mutex);
    bool ok = identity->count || identity_measure(identity, err);
    pthread_mutex_unlock(&identity->mutex);
    return ok;
}

bool identity_open(struct identity **identity, struct err *err)
{
    *identity = calloc(1, sizeof **identity);
    if (!*identity) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&(*identity)->mutex, NULL);
    return true;
}

void identity_close(struct identity *identity)
{
    if (!identity) return;
    pthread_mutex_destroy(&identity->mutex);
    free(identity);
}

static bool fill_statement(const struct identity *identity, struct arena *arena, int64_t now_ms,
                           Auth__Identity__Statement *statement)
{
    auth__identity__statement__init(statement);
    statement->version = CONSE_VERSION;
    statement->commit = CONSE_COMMIT;
    statement->signed_at = stamp_new(arena, now_ms);
    statement->binaries = arena_array(arena, identity->count, sizeof *statement->binaries);
    Auth__Identity__Binary *binaries = arena_array(arena, identity->count, sizeof *binaries);
    if (arena->failed) return false;
    for (size_t i = 0; i < identity->count; i++) {
        auth__identity__binary__init(&binaries[i]);
        binaries[i].name = identity->binaries[i].name;
        binaries[i].sha256 = identity->binaries[i].sha256;
        statement->binaries[i] = &binaries[i];
    }
    statement->n_binaries = identity->count;
    return true;
}

bool identity_sign(struct identity *identity, const uint8_t seed[KEY_BYTES], struct arena *arena,
                   int64_t now_ms, Auth__Identity *reply, struct err *err)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    if (!measure_once(identity, err)) return false;
    reply->statement = arena_new(arena, Auth__Identity__Statement);
    reply->public_key.data = arena_alloc(arena, reply->public_key.len = crypto_sign_PUBLICKEYBYTES);
    reply->signature.data = arena_alloc(arena, reply->signature.len = crypto_sign_BYTES);
    if (arena->failed || !fill_statement(identity, arena, now_ms, reply->statement))
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    reply->statement_bytes.len = protobuf_c_message_get_packed_size(&reply->statement->base);
    reply->statement_bytes.data = arena_alloc(arena, reply->statement_bytes.len);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    protobuf_c_message_pack(&reply->statement->base, reply->statement_bytes.data);
    crypto_sign_seed_keypair(reply->public_key.data, secret, seed);
    crypto_sign_detached(reply->signature.data, NULL, reply->statement_bytes.data, reply->statement_bytes.len,
                         secret);
    sodium_memzero(secret, sizeof secret);
    return true;
}
