#include "lib/service/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/new_file.h"

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
    bool ok = write(fd, key, sizeof key) == sizeof key;
    sodium_memzero(key, sizeof key);
    return ok || err_errno(err, errno, path);
}

// The first of several processes wins, nobody sees half a key.
static bool keys_make(const char *folder, const char *name, struct err *err)
{
    char path[MAX_PATH];
    struct new_file file;
    if (!path_of(path, folder, name, err) || !new_file_begin(&file, path, err)) return false;
    if (write_key(file.fd, path, err))
        return new_file_keep(&file, err) || (err_is(err, CONFLICT) && sync_folder_of(path, err));
    new_file_drop(&file);
    return false;
}

bool keys_load(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    if (keys_read(folder, name, key, err)) return true;
    if (!err_is(err, NOT_FOUND)) return false;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return err_errno(err, errno, folder);
    return keys_make(folder, name, err) && keys_read(folder, name, key, err);
}

bool keys_expect(const char *folder, const char *name, const char *what, struct err *err)
{
    char path[MAX_PATH];
    if (!path_of(path, folder, name, err)) return false;
    if (access(path, F_OK) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) return err_errno(err, errno, path);
    return err_fail(err, STORE_CORRUPT, "%s is lost, and %s: put it back from a backup", path, what);
}
