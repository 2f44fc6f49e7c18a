#include "lib/service/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 1024 };

static bool read_open(int fd, const char *path, uint8_t key[KEY_BYTES], struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return err_errno(err, errno, path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return err_fail(err, INTERNAL_ERROR, "%s: others may read it; chmod 600", path);
    uint8_t bytes[KEY_BYTES + 1];
    ssize_t len = read(fd, bytes, sizeof bytes);
    if (len < 0) return err_errno(err, errno, path);
    if (len != KEY_BYTES)
        return err_fail(err, STORE_CORRUPT, "%s: a key has %d bytes, this file %zd", path, KEY_BYTES, len);
    for (int i = 0; i < KEY_BYTES; i++) key[i] = bytes[i];
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

static bool path_of(char path[MAX_PATH], const char *folder, const char *name, struct err *err)
{
    int n = snprintf(path, MAX_PATH, "%s/%s.key", folder, name);
    return (n > 0 && n < MAX_PATH) || err_fail(err, INTERNAL_ERROR, "%s: path too long", folder);
}

bool keys_read(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    char path[MAX_PATH];
    if (!path_of(path, folder, name, err)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return err_fail(err, NOT_FOUND, "%s: no such key", path);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = read_open(fd, path, key, err);
    close(fd);
    return ok;
}

static bool write_key(int fd, const char *path, struct err *err)
{
    uint8_t key[KEY_BYTES];
    randombytes_buf(key, sizeof key);
    bool ok = write(fd, key, sizeof key) == sizeof key && fsync(fd) == 0;
    sodium_memzero(key, sizeof key);
    return ok || err_errno(err, errno, path);
}

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

// Written whole under a name of its own, then linked: the first of several processes wins, nobody sees half a
// key.
static bool make(const char *folder, const char *name, struct err *err)
{
    char path[MAX_PATH], temporary[MAX_PATH];
    if (!path_of(path, folder, name, err)) return false;
    int n = snprintf(temporary, sizeof temporary, "%s/.%s.%ld", folder, name, (long)getpid());
    if (n < 0 || n >= MAX_PATH) return err_fail(err, INTERNAL_ERROR, "%s: path too long", folder);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno(err, errno, temporary);
    bool ok = write_key(fd, temporary, err);
    close(fd);
    if (ok && link(temporary, path) != 0 && errno != EEXIST) ok = err_errno(err, errno, path);
    unlink(temporary);
    sync_folder(folder);
    return ok;
}

bool keys_load(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    if (keys_read(folder, name, key, err)) return true;
    if (!err_is(err, NOT_FOUND)) return false;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return err_errno(err, errno, folder);
    return make(folder, name, err) && keys_read(folder, name, key, err);
}
