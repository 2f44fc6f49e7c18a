#include "tools/consectl/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "lib/base/new_file.h"
#include "lib/base/private_file.h"

static const char MAGIC[] = "conse-sealed/1\n";

enum {
    MAGIC_BYTES = sizeof MAGIC - 1,
    CHUNK = 64 * 1024,
    KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    EXTRA = crypto_secretstream_xchacha20poly1305_ABYTES,
    LENGTH = 4,
};

struct sealed {
    FILE *file; // the caller's
    crypto_secretstream_xchacha20poly1305_state state;
    uint8_t plain[CHUNK], coded[CHUNK + EXTRA];
    size_t at, len; // of plain
    bool failed, ended;
};

static void sealed_free(struct sealed *sealed)
{
    sodium_memzero(sealed, sizeof *sealed);
    free(sealed);
}

// ---- Keys

static bool hex_key(uint8_t key[crypto_box_PUBLICKEYBYTES], const char *text)
{
    size_t len = strcspn(text, "\r\n");
    char hex[SEALED_KEY_TEXT];
    if (len != SEALED_KEY_TEXT - 1) return false;
    snprintf(hex, sizeof hex, "%.*s", (int)len, text);
    bool ok = hex_decode(key, crypto_box_PUBLICKEYBYTES, hex);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

bool sealed_make(const char *path, char public_key[SEALED_KEY_TEXT], struct err *err)
{
    uint8_t public[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
    char text[SEALED_KEY_TEXT + 1];
    struct new_file file;
    if (!new_file_begin(&file, path, err)) return false;
    crypto_box_keypair(public, secret);
    hex_encode(public_key, public, sizeof public);
    hex_encode(text, secret, sizeof secret);
    strcat(text, "\n");
    bool ok = write(file.fd, text, strlen(text)) == (ssize_t)strlen(text);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    if (ok) return new_file_keep(&file, err);
    new_file_drop(&file);
    return err_fail(err, INTERNAL_ERROR, "%s: cannot be written", path);
}

static bool read_secret(uint8_t secret[crypto_box_SECRETKEYBYTES], struct err *err)
{
    const char *path = getenv("CONSE_BACKUP_KEY_FILE");
    char text[SEALED_KEY_TEXT + 2] = "";
    if (!path || !*path)
        return err_fail(err, INVALID_FIELD,
                        "the dump is sealed: CONSE_BACKUP_KEY_FILE names the key that opens it");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = private_file_check(fd, path, err);
    if (ok && (read(fd, text, sizeof text - 1) <= 0 || !hex_key(secret, text)))
        ok = err_fail(err, INVALID_FIELD, "%s: this is no key of consectl backup-key", path);
    close(fd);
    sodium_memzero(text, sizeof text);
    return ok;
}

// ---- Writing

static bool write_chunk(struct sealed *sealed, uint8_t tag)
{
    unsigned long long len;
    crypto_secretstream_xchacha20poly1305_push(&sealed->state, sealed->coded, &len, sealed->plain,
                                               sealed->len, NULL, 0, tag);
    const uint8_t length[LENGTH] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
                                    (uint8_t)(len >> 24)};
    bool ok =
        fwrite(length, LENGTH, 1, sealed->file) == 1 && fwrite(sealed->coded, len, 1, sealed->file) == 1;
    sealed->len = 0;
    sealed->failed |= !ok;
    return ok;
}

static ssize_t sealed_write(void *cookie, const char *bytes, size_t size)
{
    struct sealed *sealed = cookie;
    for (size_t left = size; left && !sealed->failed;) {
        size_t part = left < CHUNK - sealed->len ? left : CHUNK - sealed->len;
        memcpy(sealed->plain + sealed->len, bytes + size - left, part);
        sealed->len += part;
        left -= part;
        if (sealed->len == CHUNK) write_chunk(sealed, 0);
    }
    return sealed->failed ? 0 : (ssize_t)size;
}

static int end_writing(void *cookie)
{
    struct sealed *sealed = cookie;
    bool ok = !sealed->failed && write_chunk(sealed, crypto_secretstream_xchacha20poly1305_TAG_FINAL) &&
              fflush(sealed->file) == 0;
    sealed_free(sealed);
    return ok ? 0 : EOF;
}

static bool write_head(struct sealed *sealed, const uint8_t public[crypto_box_PUBLICKEYBYTES])
{
    uint8_t key[KEY], box[KEY + crypto_box_SEALBYTES], header[HEADER];
    crypto_secretstream_xchacha20poly1305_keygen(key);
    crypto_secretstream_xchacha20poly1305_init_push(&sealed->state, header, key);
    bool ok = crypto_box_seal(box, key, sizeof key, public) == 0 &&
              fwrite(MAGIC, MAGIC_BYTES, 1, sealed->file) == 1 &&
              fwrite(box, sizeof box, 1, sealed->file) == 1 &&
              fwrite(header, sizeof header, 1, sealed->file) == 1;
    sodium_memzero(key, sizeof key);
    return ok;
}

// A stream over the state, which it owns; NULL without memory.
static FILE *sealed_stream(struct sealed *sealed, const char *mode, cookie_io_functions_t functions)
{
    FILE *stream = fopencookie(sealed, mode, functions);
    if (!stream) sealed_free(sealed);
    return stream;
}

bool sealed_begin(FILE **out, FILE *file, struct err *err)
{
    const char *to = getenv("CONSE_BACKUP_TO");
    uint8_t public[crypto_box_PUBLICKEYBYTES];
    *out = file;
    if (!to || !*to) return true;
    if (!hex_key(public, to))
        return err_field(err, INVALID_FIELD, "CONSE_BACKUP_TO", "CONSE_BACKUP_TO must be 64 hex digits");
    struct sealed *sealed = calloc(1, sizeof *sealed);
    if (!sealed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sealed->file = file;
    if (!write_head(sealed, public))
        return sealed_free(sealed), err_fail(err, INTERNAL_ERROR, "cannot write the dump");
    *out = sealed_stream(sealed, "w", (cookie_io_functions_t){.write = sealed_write, .close = end_writing});
    return *out || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// ---- Reading

// False when the bytes are not those that were sealed, or end too early.
static bool read_chunk(struct sealed *sealed)
{
    uint8_t length[LENGTH], tag = 0;
    unsigned long long plain = 0;
    if (fread(length, LENGTH, 1, sealed->file) != 1) return false;
    size_t len = length[0] | length[1] << 8 | length[2] << 16 | (size_t)length[3] << 24;
    if (len < EXTRA || len > sizeof sealed->coded || fread(sealed->coded, len, 1, sealed->file) != 1 ||
        crypto_secretstream_xchacha20poly1305_pull(&sealed->state, sealed->plain, &plain, &tag, sealed->coded,
                                                   len, NULL, 0) != 0)
        return false;
    sealed->at = 0;
    sealed->len = (size_t)plain;
    sealed->ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return !sealed->ended || fgetc(sealed->file) == EOF;
}

static ssize_t sealed_read(void *cookie, char *bytes, size_t size)
{
    struct sealed *sealed = cookie;
    while (sealed->at == sealed->len && !sealed->ended && !sealed->failed)
        sealed->failed = !read_chunk(sealed);
    if (sealed->failed) return -1;
    size_t part = size < sealed->len - sealed->at ? size : sealed->len - sealed->at;
    memcpy(bytes, sealed->plain + sealed->at, part);
    sealed->at += part;
    return (ssize_t)part;
}

static int end_reading(void *cookie)
{
    sealed_free(cookie);
    return 0;
}

static bool read_head(struct sealed *sealed, const uint8_t secret[crypto_box_SECRETKEYBYTES], struct err *err)
{
    uint8_t magic[MAGIC_BYTES], box[KEY + crypto_box_SEALBYTES], header[HEADER], key[KEY],
        public[crypto_box_PUBLICKEYBYTES];
    crypto_scalarmult_base(public, secret);
    bool whole = fread(magic, sizeof magic, 1, sealed->file) == 1 &&
                 memcmp(magic, MAGIC, sizeof magic) == 0 && fread(box, sizeof box, 1, sealed->file) == 1 &&
                 fread(header, sizeof header, 1, sealed->file) == 1;
    if (!whole) return err_fail(err, MALFORMED, "this is no dump");
    bool ok = crypto_box_seal_open(key, box, sizeof box, public, secret) == 0 &&
              crypto_secretstream_xchacha20poly1305_init_pull(&sealed->state, header, key) == 0;
    sodium_memzero(key, sizeof key);
    return ok || err_fail(err, MALFORMED, "the dump is sealed to another key, or was changed");
}

bool sealed_open(FILE **out, FILE *file, struct err *err)
{
    uint8_t secret[crypto_box_SECRETKEYBYTES];
    int first = fgetc(file);
    *out = file;
    if (first != EOF) ungetc(first, file);
    if (first != MAGIC[0]) return true; // a line of JSON begins otherwise
    *out = NULL;
    if (!read_secret(secret, err)) return false;
    struct sealed *sealed = calloc(1, sizeof *sealed);
    if (!sealed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sealed->file = file;
    bool ok = read_head(sealed, secret, err);
    sodium_memzero(secret, sizeof secret);
    if (!ok) return sealed_free(sealed), false;
    *out = sealed_stream(sealed, "r", (cookie_io_functions_t){.read = sealed_read, .close = end_reading});
    return *out || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// ---- A file in its place

static bool seal_stream(FILE *in, FILE *out, struct err *err)
{
    uint8_t chunk[CHUNK];
    FILE *sealed;
    if (!sealed_begin(&sealed, out, err)) return false;
    bool ok = true;
    for (size_t n; ok && (n = fread(chunk, 1, sizeof chunk, in)) > 0;) ok = fwrite(chunk, 1, n, sealed) == n;
    ok = fclose(sealed) == 0 && ok && !ferror(in);
    return ok || err_fail(err, INTERNAL_ERROR, "cannot write what is to be sealed");
}

static bool seal_into(const char *path, const struct new_file *file, struct err *err)
{
    int fd = dup(file->fd);
    FILE *in = fopen(path, "rbe"), *out = fd < 0 ? NULL : fdopen(fd, "wb");
    bool ok = (in && out && seal_stream(in, out, err)) || (!(in && out) && err_errno(err, errno, path));
    if (in) fclose(in);
    if (out && fclose(out) != 0 && ok) ok = err_errno(err, errno, path);
    return ok;
}

bool sealed_file(const char *path, struct err *err)
{
    const char *to = getenv("CONSE_BACKUP_TO");
    struct new_file file;
    if (!to || !*to) return true;
    if (!new_file_begin(&file, path, err)) return false;
    bool ok = seal_into(path, &file, err);
    if (ok && unlink(path) != 0) ok = err_errno(err, errno, path);
    if (ok) return new_file_keep(&file, err);
    new_file_drop(&file);
    return false;
}
