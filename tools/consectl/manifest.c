#include "tools/consectl/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/new_file.h"
#include "lib/base/version.h"
#include "lib/replica/replica.h"

enum { FORMAT = 1, MOST_BYTES = 1 << 20 };

#define SUM_FIELD ",\"sha256\":\""
enum { SUM_LENGTH = sizeof SUM_FIELD - 1 + 64 + 3 }; // with "\"}\n"

void manifest_path(const struct manifest_part *part, const char *folder, char out[MANIFEST_PATH])
{
    snprintf(out, MANIFEST_PATH, "%s/%s", folder, part->file);
}

bool manifest_is_dump(const struct manifest_part *part)
{
    const char *dot = strrchr(part->file, '.');
    return dot && strcmp(dot, ".dump") == 0;
}

void manifest_finish(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) json_decref(manifest->parts[i].counts);
    manifest->count = 0;
}

// ---- How much is in a store

json_t *manifest_counts(const struct dump_sum *sum)
{
    json_t *counts = dump_sum_end(sum);
    json_object_del(counts, "end");
    json_object_del(counts, "sha256");
    return counts;
}

static bool count_item(void *arg, const struct store_item *item, struct err *err)
{
    struct dump_sum *sum = arg;
    (void)err;
    if (!item->table && !item->ended) dump_sum_entry(sum, item->id);
    if (item->table && !replica_is_of_processes(item->table) && item->table != sum->office->passing)
        dump_sum_row(sum, item->table);
    return true;
}

json_t *manifest_count(const struct office *office, const char *url, struct err *err)
{
    const struct store_options options = {.url = url, .tables = office->tables};
    struct dump_sum sum;
    struct store *store;
    if (!store_open(&store, &options, err)) return NULL;
    dump_sum_begin(&sum, office);
    json_t *counts = store_each(store, count_item, &sum, err) ? manifest_counts(&sum) : NULL;
    store_close(store);
    return counts;
}

static bool same_number(const struct manifest_part *part, const char *what, const json_t *wanted,
                        const json_t *found, struct err *err)
{
    json_int_t had = json_integer_value(wanted), has = json_integer_value(found);
    return had == has || err_fail(err, STORE_CORRUPT, "%s has %lld %s, the manifest says %lld",
                                  part->office->name, (long long)has, what, (long long)had);
}

// A table that is missing on one side has no rows there.
static bool same_rows(const struct manifest_part *part, json_t *names, const json_t *counts, struct err *err)
{
    const json_t *wanted = json_object_get(part->counts, "rows"), *found = json_object_get(counts, "rows");
    const char *name;
    json_t *value;
    char what[80];
    json_object_foreach(names, name, value)
    {
        snprintf(what, sizeof what, "rows of %.60s", name);
        if (!same_number(part, what, json_object_get(wanted, name), json_object_get(found, name), err))
            return false;
    }
    return true;
}

bool manifest_same(const struct manifest_part *part, const json_t *counts, struct err *err)
{
    static const char *const numbers[] = {"streams", "entries"};
    for (size_t i = 0; i < 2; i++)
        if (!same_number(part, numbers[i], json_object_get(part->counts, numbers[i]),
                         json_object_get(counts, numbers[i]), err))
            return false;
    return same_rows(part, json_object_get(part->counts, "rows"), counts, err) &&
           same_rows(part, json_object_get(counts, "rows"), counts, err);
}

// ---- Writing

static bool measure_part(struct manifest_part *part, const char *folder, struct err *err)
{
    char path[MANIFEST_PATH];
    struct stat stat_of;
    manifest_path(part, folder, path);
    if (stat(path, &stat_of) != 0) return err_errno(err, errno, path);
    part->bytes = stat_of.st_size;
    return program_hash(path, part->sha256, err);
}

static json_t *part_json(const struct manifest_part *part)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:O}", "service", part->office->name, "file", part->file, "bytes",
                     (json_int_t)part->bytes, "sha256", part->sha256, "counts", part->counts);
}

// The text without the field of its own hash, and without the end; NULL without memory. The caller frees it.
static char *manifest_text(const struct manifest *manifest)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < manifest->count; i++) json_array_append_new(parts, part_json(&manifest->parts[i]));
    json_t *json =
        json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:b, s:o}", "conse", "backup", "format", FORMAT, "version",
                  manifest->version, "commit", manifest->commit, "moment_ms", (json_int_t)manifest->moment_ms,
                  "made_ms", (json_int_t)manifest->made_ms, "together", manifest->together, "parts", parts);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text) text[strlen(text) - 1] = 0; // its brace
    return text;
}

static void hash_text(char hex[PROGRAM_HASH], const char *text, size_t len)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const uint8_t *)text, len);
    hex_encode(hex, digest, sizeof digest);
}

static bool write_text(const char *folder, const char *text, struct err *err)
{
    char path[MANIFEST_PATH], sum[PROGRAM_HASH];
    struct new_file file;
    snprintf(path, sizeof path, "%s/" MANIFEST_FILE, folder);
    hash_text(sum, text, strlen(text));
    if (!new_file_begin(&file, path, err)) return false;
    if (dprintf(file.fd, "%s" SUM_FIELD "%s\"}\n", text, sum) > 0) return new_file_keep(&file, err);
    err_errno(err, errno, path);
    new_file_drop(&file);
    return false;
}

bool manifest_write(struct manifest *manifest, const char *folder, struct err *err)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (!measure_part(&manifest->parts[i], folder, err)) return false;
    snprintf(manifest->version, sizeof manifest->version, "%s", CONSE_VERSION);
    snprintf(manifest->commit, sizeof manifest->commit, "%s", CONSE_COMMIT);
    manifest->made_ms = clock_unix_ms();
    char *text = manifest_text(manifest);
    if (!text) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bool ok = write_text(folder, text, err);
    free(text);
    return ok;
}

// ---- Reading

static bool manifest_malformed(const char *folder, const char *why, struct err *err)
{
    return err_fail(err, MALFORMED, "%s/" MANIFEST_FILE " %s", folder, why);
}

static bool read_all(const char *folder, char **text, size_t *len, struct err *err)
{
    char path[MANIFEST_PATH];
    snprintf(path, sizeof path, "%s/" MANIFEST_FILE, folder);
    FILE *file = fopen(path, "rbe");
    if (!file && errno == ENOENT)
        return err_fail(err, NOT_FOUND, "%s is not a backup of consectl backup all: it has no " MANIFEST_FILE,
                        folder);
    if (!file) return err_errno(err, errno, path);
    *text = calloc(1, MOST_BYTES + 1);
    *len = *text ? fread(*text, 1, MOST_BYTES, file) : 0;
    bool ok = !ferror(file);
    fclose(file);
    if (ok && *text) return true;
    free(*text);
    return manifest_malformed(folder, "cannot be read", err);
}

static bool check_sum(const char *folder, const char *text, size_t len, struct err *err)
{
    char sum[PROGRAM_HASH], end[SUM_LENGTH + 1];
    if (len <= SUM_LENGTH || text[len - 1] != '\n') return manifest_malformed(folder, "is cut off", err);
    hash_text(sum, text, len - SUM_LENGTH);
    snprintf(end, sizeof end, SUM_FIELD "%s\"}\n", sum);
    return memcmp(text + len - SUM_LENGTH, end, SUM_LENGTH) == 0 ||
           manifest_malformed(folder, "was changed", err);
}

// The file is in the folder itself, and is named after its service.
static bool name_fits(const struct manifest_part *part, const char *file)
{
    size_t len = strlen(part->office->name);
    return strncmp(file, part->office->name, len) == 0 &&
           (strcmp(file + len, ".db") == 0 || strcmp(file + len, ".dump") == 0);
}

static bool take_part(struct manifest *manifest, json_t *json, const char *folder, struct err *err)
{
    struct manifest_part *part = &manifest->parts[manifest->count];
    const char *service, *file, *sha256;
    json_int_t bytes;
    json_t *counts;
    if (json_unpack(json, "{s:s, s:s, s:I, s:s, s:o}", "service", &service, "file", &file, "bytes", &bytes,
                    "sha256", &sha256, "counts", &counts) != 0 ||
        !json_is_object(json_object_get(counts, "rows")) || strlen(sha256) != PROGRAM_HASH - 1)
        return manifest_malformed(folder, "has a part that is none", err);
    part->office = office_find(service);
    if (!part->office || !name_fits(part, file))
        return manifest_malformed(folder, "names a service that this program does not know", err);
    for (size_t i = 0; i < manifest->count; i++)
        if (manifest->parts[i].office == part->office)
            return manifest_malformed(folder, "names a service twice", err);
    snprintf(part->file, sizeof part->file, "%s", file);
    snprintf(part->sha256, sizeof part->sha256, "%s", sha256);
    part->bytes = bytes;
    part->counts = json_incref(counts);
    manifest->count++;
    return true;
}

static bool take_parts(struct manifest *manifest, const json_t *parts, const char *folder, struct err *err)
{
    if (json_array_size(parts) != MANIFEST_PARTS)
        return manifest_malformed(folder, "does not name four services", err);
    for (size_t i = 0; i < json_array_size(parts); i++)
        if (!take_part(manifest, json_array_get(parts, i), folder, err)) return false;
    return true;
}

static bool take_json(struct manifest *manifest, json_t *json, const char *folder, struct err *err)
{
    const char *conse = "", *version = "", *commit = "";
    int format = 0, together = 0;
    json_int_t moment_ms = 0, made_ms = 0;
    json_t *parts = NULL;
    if (json_unpack(json, "{s:s, s:i}", "conse", &conse, "format", &format) != 0 ||
        strcmp(conse, "backup") != 0)
        return manifest_malformed(folder, "is not a backup's", err);
    if (format != FORMAT)
        return err_fail(err, MALFORMED, "the backup has format %d, this program knows %d", format, FORMAT);
    if (json_unpack(json, "{s:s, s:s, s:I, s:I, s:b, s:o}", "version", &version, "commit", &commit,
                    "moment_ms", &moment_ms, "made_ms", &made_ms, "together", &together, "parts",
                    &parts) != 0)
        return manifest_malformed(folder, "lacks a field", err);
    snprintf(manifest->version, sizeof manifest->version, "%s", version);
    snprintf(manifest->commit, sizeof manifest->commit, "%s", commit);
    manifest->moment_ms = moment_ms;
    manifest->made_ms = made_ms;
    manifest->together = together;
    return take_parts(manifest, parts, folder, err);
}

bool manifest_read(struct manifest *manifest, const char *folder, struct err *err)
{
    char *text;
    size_t len;
    *manifest = (struct manifest){0};
    if (!read_all(folder, &text, &len, err)) return false;
    bool ok = check_sum(folder, text, len, err);
    json_t *json = ok ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (ok && !json) ok = manifest_malformed(folder, "is no JSON", err);
    ok = ok && take_json(manifest, json, folder, err);
    json_decref(json);
    free(text);
    if (!ok) manifest_finish(manifest);
    return ok;
}

bool manifest_check(const struct manifest_part *part, const char *folder, struct err *err)
{
    struct manifest_part now = *part;
    char path[MANIFEST_PATH];
    manifest_path(part, folder, path);
    if (access(path, F_OK) != 0) return err_fail(err, STORE_CORRUPT, "%s is missing", path);
    if (!measure_part(&now, folder, err)) return false;
    if (now.bytes != part->bytes)
        return err_fail(err, STORE_CORRUPT, "%s has %lld bytes, the manifest says %lld", path,
                        (long long)now.bytes, (long long)part->bytes);
    return strcmp(now.sha256, part->sha256) == 0 ||
           err_fail(err, STORE_CORRUPT, "%s was changed: its SHA-256 is not the manifest's", path);
}
