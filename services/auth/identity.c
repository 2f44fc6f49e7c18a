#include "services/auth/identity.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/program.h"
#include "lib/base/stamp.h"
#include "lib/base/version.h"
#include "lib/keys/keyring.h"
#include "lib/replica/replica.h"

#define PROCESS "conse/process/1" // before a process's statement, so that it is taken for nothing else

enum { MAX_BINARIES = 8, MAX_PATH = 1024, MAX_NAME = 64, KEPT_MS = 1000, KEPT_BYTES = 128 << 10 };

struct identity {
    pthread_mutex_t mutex;
    size_t count; // 0: not measured yet
    struct {
        char name[MAX_NAME];
        char sha256[PROGRAM_HASH];
    } binaries[MAX_BINARIES];
    struct buf kept; // the packed reply
    int64_t kept_ms; // monotonic: when it was made
};

static bool identity_add(struct identity *identity, const char *name, const char *path, struct err *err)
{
    if (identity->count == MAX_BINARIES) return true;
    if (!program_hash(path, identity->binaries[identity->count].sha256, err)) return false;
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

bool identity_open(struct identity **identity, struct err *err)
{
    *identity = calloc(1, sizeof **identity);
    if (!*identity) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&(*identity)->mutex, NULL);
    buf_init(&(*identity)->kept, KEPT_BYTES);
    return true;
}

void identity_close(struct identity *identity)
{
    if (!identity) return;
    pthread_mutex_destroy(&identity->mutex);
    buf_finish(&identity->kept);
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

// ---- Signing

// Packs a statement; the bytes are `prefix`, which is not shown, and what is shown.
static bool sign_message(const ProtobufCMessage *message, const char *prefix, const uint8_t *secret,
                         struct arena *arena, ProtobufCBinaryData *shown, ProtobufCBinaryData *signature)
{
    size_t before = strlen(prefix), len = protobuf_c_message_get_packed_size(message);
    uint8_t *text = arena_alloc(arena, before + len);
    *signature = (ProtobufCBinaryData){crypto_sign_BYTES, arena_alloc(arena, crypto_sign_BYTES)};
    if (arena->failed) return false;
    memcpy(text, prefix, before);
    protobuf_c_message_pack(message, text + before);
    *shown = (ProtobufCBinaryData){len, text + before};
    return crypto_sign_detached(signature->data, NULL, text, before + len, secret) == 0;
}

static bool sign_processes(const struct replica_statements *statements, const uint8_t *secret,
                           struct arena *arena, int64_t now_ms, Auth__Identity *reply)
{
    reply->replicas = arena_array(arena, REPLICA_STATEMENTS_MOST, sizeof *reply->replicas);
    for (size_t i = 0; !arena->failed && i < statements->count; i++) {
        Auth__Identity__Replica *replica = arena_new(arena, Auth__Identity__Replica);
        if (!replica) return false;
        auth__identity__replica__init(replica);
        replica->statement = statements->all[i];
        replica->statement->signed_at = stamp_new(arena, now_ms);
        if (!sign_message(&replica->statement->base, PROCESS, secret, arena, &replica->statement_bytes,
                          &replica->signature))
            return false;
        reply->replicas[reply->n_replicas++] = replica;
    }
    return !arena->failed;
}

static bool sign_all(const struct auth *auth, const struct replica_statements *statements,
                     struct arena *arena, int64_t now_ms, Auth__Identity *reply)
{
    AUTO_KEY struct key key;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    reply->public_key.data = arena_alloc(arena, reply->public_key.len = crypto_sign_PUBLICKEYBYTES);
    reply->statement = arena_new(arena, Auth__Identity__Statement);
    if (arena->failed || !fill_statement(auth->identity, arena, now_ms, reply->statement)) return false;
    keyring_in_use(auth->keys, AUTH_KEY_IDENTITY, &key);
    crypto_sign_seed_keypair(reply->public_key.data, secret, key.bytes);
    bool ok = sign_message(&reply->statement->base, "", secret, arena, &reply->statement_bytes,
                           &reply->signature) &&
              sign_processes(statements, secret, arena, now_ms, reply);
    sodium_memzero(secret, sizeof secret);
    return ok;
}

static bool keep_packed(struct identity *identity, const Auth__Identity *reply)
{
    buf_reset(&identity->kept);
    uint8_t *packed = buf_room(&identity->kept, protobuf_c_message_get_packed_size(&reply->base));
    if (!packed) return false;
    protobuf_c_message_pack(&reply->base, packed);
    identity->kept_ms = clock_mono_ms();
    return true;
}

// The caller holds the mutex.
static bool identity_make(struct auth *auth, struct arena *arena, int64_t now_ms, struct err *err)
{
    struct identity *identity = auth->identity;
    struct replica_statements statements;
    Auth__Identity reply = AUTH__IDENTITY__INIT;
    if ((!identity->count && !identity_measure(identity, err)) ||
        !replica_statements(auth->replica, arena, &statements, err))
        return false;
    if (sign_all(auth, &statements, arena, now_ms, &reply) && keep_packed(identity, &reply)) return true;
    return err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool is_kept(const struct identity *identity)
{
    return identity->kept.len && clock_mono_ms() - identity->kept_ms < KEPT_MS;
}

bool identity_get(struct auth *auth, struct arena *arena, int64_t now_ms, Auth__Identity *reply,
                  struct err *err)
{
    struct identity *identity = auth->identity;
    Auth__Identity *kept = NULL;
    pthread_mutex_lock(&identity->mutex);
    bool ok = is_kept(identity) || identity_make(auth, arena, now_ms, err);
    if (ok)
        kept = auth__identity__unpack(&arena->allocator, identity->kept.len,
                                      (const uint8_t *)identity->kept.bytes);
    pthread_mutex_unlock(&identity->mutex);
    if (ok && !kept) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (ok) *reply = *kept;
    return ok;
}
