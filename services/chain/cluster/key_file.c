#include "services/chain/cluster/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/private_file.h"

enum { TEXT_MAX = 1024, NUMBERS = 64, SEED_BYTES = 32 };

static const char *skip_space(const char *at) { return at + strspn(at, " \t\r\n"); }

// Digits of a byte; NULL: there is none.
static const char *take_number(const char *at, uint8_t *out)
{
    unsigned value = 0;
    const char *from = at = skip_space(at);
    for (; *at >= '0' && *at <= '9' && at - from < 3; at++) value = value * 10 + (unsigned)(*at - '0');
    *out = (uint8_t)value;
    return at > from && value <= UINT8_MAX ? skip_space(at) : NULL;
}

static bool take_list(const char *at, uint8_t numbers[NUMBERS])
{
    at = skip_space(at);
    for (int i = 0; at && i < NUMBERS; i++)
        at = *at == (i ? ',' : '[') ? take_number(at + 1, &numbers[i]) : NULL;
    return at && *at == ']' && !*skip_space(at + 1);
}

static bool take_signer(struct solana_signer *signer, const char *text)
{
    uint8_t numbers[NUMBERS];
    bool ok = take_list(text, numbers);
    if (ok) solana_signer_init(signer, numbers);
    ok = ok && sodium_memcmp(signer->secret + SEED_BYTES, numbers + SEED_BYTES, SEED_BYTES) == 0;
    sodium_memzero(numbers, sizeof numbers);
    return ok;
}

static bool read_signer(struct solana_signer *signer, int fd, const char *path, struct err *err)
{
    char text[TEXT_MAX + 1] = "";
    if (!private_file_check(fd, path, err)) return false;
    ssize_t len = read(fd, text, TEXT_MAX);
    if (len < 0) return err_errno(err, errno, path);
    bool ok = take_signer(signer, text);
    sodium_memzero(text, sizeof text);
    return ok || err_fail(err, STORE_CORRUPT, "%s: it is no list of the 64 numbers of a key pair", path);
}

bool signer_read(struct solana_signer *signer, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = read_signer(signer, fd, path, err);
    if (!ok) solana_signer_wipe(signer);
    close(fd);
    return ok;
}
