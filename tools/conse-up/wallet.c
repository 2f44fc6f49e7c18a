#include "tools/conse-up/wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/new_file.h"
#include "lib/base/private_file.h"

enum { PAIR = crypto_sign_SECRETKEYBYTES, SEED = crypto_sign_SEEDBYTES, TEXT = 1024 };

static bool take_number(const char **at, uint8_t *number)
{
    char *end;
    const unsigned long value = strtoul(*at, &end, 10);
    bool ok = end != *at && value <= UINT8_MAX;
    *number = (uint8_t)value;
    *at = end + strspn(end, " \t\r\n");
    return ok;
}

static bool take_pair(const char *at, uint8_t pair[PAIR])
{
    bool ok = true;
    for (int i = 0; ok && i < PAIR; i++) ok = *at++ == (i ? ',' : '[') && take_number(&at, &pair[i]);
    return ok && *at == ']';
}

static bool take_address(const char *text, char address[BASE58_KEY_TEXT])
{
    uint8_t pair[PAIR];
    bool ok = take_pair(text, pair) && base58_encode(address, BASE58_KEY_TEXT, pair + SEED, PAIR - SEED);
    sodium_memzero(pair, sizeof pair);
    return ok;
}

static bool read_wallet(int fd, const char *path, char address[BASE58_KEY_TEXT], struct err *err)
{
    char text[TEXT] = "";
    if (!private_file_check(fd, path, err)) return false;
    if (read(fd, text, sizeof text - 1) < 0) return err_errno(err, errno, path);
    bool ok = take_address(text, address);
    sodium_memzero(text, sizeof text);
    return ok ||
           err_fail(err, STORE_CORRUPT, "%s: it is no list of the %d numbers of a key pair", path, PAIR);
}

bool wallet_read(const char *path, char address[BASE58_KEY_TEXT], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return err_fail(err, NOT_FOUND, "%s: no such key", path);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = read_wallet(fd, path, address, err);
    close(fd);
    return ok;
}

static bool write_pair(int fd, const char *path, struct err *err)
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], pair[PAIR];
    char text[TEXT];
    size_t len = 0;
    crypto_sign_keypair(public, pair);
    for (int i = 0; i < PAIR; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%c%d", i ? ',' : '[', pair[i]);
    len += (size_t)snprintf(text + len, sizeof text - len, "]\n");
    bool ok = write(fd, text, len) == (ssize_t)len;
    sodium_memzero(pair, sizeof pair);
    sodium_memzero(text, sizeof text);
    return ok || err_errno(err, errno, path);
}

static bool make_wallet(const char *path, struct err *err)
{
    struct new_file file;
    if (!new_file_begin(&file, path, err)) return false;
    if (write_pair(file.fd, path, err)) return new_file_keep(&file, err);
    new_file_drop(&file);
    return false;
}

bool wallet_load(const char *path, char address[BASE58_KEY_TEXT], struct err *err)
{
    if (wallet_read(path, address, err)) return true;
    return err_is(err, NOT_FOUND) && make_wallet(path, err) && wallet_read(path, address, err);
}
