#include "lib/keys/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "lib/base/new_file.h"
#include "lib/base/private_file.h"

enum { HEX_LEN = 2 * KEY_BYTES };

static bool take_hex(uint8_t key[KEY_BYTES], const char *bytes, size_t len)
{
    char text[HEX_LEN + 1] = "";
    bool whole = len == HEX_LEN || (len == HEX_LEN + 1 && bytes[HEX_LEN] == '\n');
    if (whole) memcpy(text, bytes, HEX_LEN);
    bool ok = whole && hex_decode(key, KEY_BYTES, text);
    sodium_memzero(text, sizeof text);
    return ok;
}

static bool take_bytes(uint8_t key[KEY_BYTES], const char *bytes, size_t len)
{
    if (len == KEY_BYTES) memcpy(key, bytes, KEY_BYTES);
    return len == KEY_BYTES;
}

static bool read_open(int fd, const char *path, bool hex, uint8_t key[KEY_BYTES], struct err *err)
{
    char bytes[HEX_LEN + 2];
    if (!private_file_check(fd, path, err)) return false;
    ssize_t len = read(fd, bytes, sizeof bytes);
    if (len < 0) return err_errno(err, errno, path);
    bool ok = take_bytes(key, bytes, (size_t)len) || (hex && take_hex(key, bytes, (size_t)len));
    sodium_memzero(bytes, sizeof bytes);
    return ok || err_fail(err, STORE_CORRUPT, "%s: a key has %d bytes%s, this file %zd", path, KEY_BYTES,
                          hex ? " or 64 hex digits" : "", len);
}

static bool read_path(const char *path, bool hex, uint8_t key[KEY_BYTES], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return err_fail(err, NOT_FOUND, "%s: no such key", path);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = read_open(fd, path, hex, key, err);
    close(fd);
    return ok;
}

bool key_file_read_at(const char *path, uint8_t key[KEY_BYTES], struct err *err)
{
    return read_path(path, true, key, err);
}

bool key_file_path(char path[KEY_FILE_PATH], const char *folder, const char *name, struct err *err)
{
    int n = snprintf(path, KEY_FILE_PATH, "%s/%s.key", folder, name);
    if (n < 1 || n >= KEY_FILE_PATH) return err_fail(err, INTERNAL_ERROR, "%s: path too long", folder);
    for (char *c = path + strlen(folder) + 1; *c; c++)
        if (*c == '/') *c = '-';
    return true;
}

bool key_file_read(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    char path[KEY_FILE_PATH];
    return key_file_path(path, folder, name, err) && read_path(path, false, key, err);
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
static bool key_file_make(const char *folder, const char *name, struct err *err)
{
    char path[KEY_FILE_PATH];
    struct new_file file;
    if (!key_file_path(path, folder, name, err) || !new_file_begin(&file, path, err)) return false;
    if (write_key(file.fd, path, err))
        return new_file_keep(&file, err) || (err_is(err, CONFLICT) && sync_folder_of(path, err));
    new_file_drop(&file);
    return false;
}

bool key_file_load(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err)
{
    if (key_file_read(folder, name, key, err)) return true;
    if (!err_is(err, NOT_FOUND)) return false;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return err_errno(err, errno, folder);
    return key_file_make(folder, name, err) && key_file_read(folder, name, key, err);
}

bool key_file_remove(const char *folder, const char *name, struct err *err)
{
    char path[KEY_FILE_PATH];
    if (!key_file_path(path, folder, name, err)) return false;
    if (unlink(path) != 0) return errno == ENOENT || errno == ENOTDIR || err_errno(err, errno, path);
    return sync_folder_of(path, err);
}
