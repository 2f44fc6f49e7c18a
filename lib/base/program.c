#include "lib/base/program.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"

bool program_hash(const char *path, char hex[PROGRAM_HASH], struct err *err)
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
    hex_encode(hex, hash, sizeof hash);
    return true;
}

bool program_hash_own(char hex[PROGRAM_HASH], struct err *err)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static char own[PROGRAM_HASH];
    pthread_mutex_lock(&mutex);
    bool ok = *own || program_hash("/proc/self/exe", own, err);
    if (ok) memcpy(hex, own, PROGRAM_HASH);
    pthread_mutex_unlock(&mutex);
    return ok;
}
