// consectl restore --verify, restore all: a backup of all services, looked at or put back.
#include "tools/consectl/put_back.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/new_file.h"
#include "lib/base/stamp.h"
#include "tools/consectl/content.h"
#include "tools/consectl/sealed.h"

enum { CHUNK = 1 << 16 };

bool put_back_check(const struct manifest *manifest, const char *folder, struct err *err)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (!manifest_check(&manifest->parts[i], folder, err)) return false;
    return true;
}

static bool copy_opened(FILE *in, int to, const char *path, struct err *err)
{
    char chunk[CHUNK];
    FILE *out = fdopen(dup(to), "w");
    bool ok = out;
    for (size_t n; ok && (n = fread(chunk, 1, sizeof chunk, in)) > 0;) ok = fwrite(chunk, 1, n, out) == n;
    if (out && fclose(out) != 0) ok = false;
    if (ferror(in))
        return err_fail(err, MALFORMED, "%s cannot be read; a sealed one was changed or cut off", path);
    return ok || err_errno(err, errno, path);
}

// The file as it was before it was sealed, to a descriptor.
static bool open_copy(const char *path, int to, struct err *err)
{
    FILE *file = fopen(path, "rbe"), *in = NULL;
    if (!file) return err_errno(err, errno, path);
    bool ok = sealed_open(&in, file, err) && copy_opened(in, to, path, err);
    if (in && in != file) fclose(in);
    fclose(file);
    return ok;
}

// The store gets a generation of its own, by which others see that its numbers may mean something else.
static bool put_copy(const struct manifest_part *part, const char *path, const char *place, struct err *err)
{
    struct new_file opened;
    char url[MANIFEST_PATH + 8], log[MANIFEST_PATH];
    snprintf(log, sizeof log, "%s-wal", place);
    if (access(place, F_OK) == 0 || access(log, F_OK) == 0)
        return err_fail(err, CONFLICT, "%s: there is a store already", place);
    if (!new_file_begin(&opened, place, err)) return false;
    snprintf(url, sizeof url, "sqlite:%s", opened.part);
    bool ok = open_copy(path, opened.fd, err) && store_backup(url, place, part->office->passing, err);
    new_file_drop(&opened);
    return ok;
}

bool put_back(struct ctl *ctl, const struct manifest_part *part, const char *folder, struct err *err)
{
    char path[MANIFEST_PATH], url[PLACE];
    size_t items;
    manifest_path(part, folder, path);
    if (manifest_is_dump(part)) return content_restore_file(ctl, part->office, path, &items, err);
    if (!place_store(ctl, url, part->office->name, err)) return false;
    if (strncmp(url, "sqlite:", 7) == 0) return put_copy(part, path, url + 7, err);
    return err_fail(err, CONFLICT,
                    "%s is a copy of an embedded store, and CONSE_%s_STORE names another kind: put it back "
                    "without that, and carry it over by consectl dump and restore",
                    path, part->office->name);
}

static void print_whole(const struct ctl *ctl, const struct manifest *manifest, const char *what)
{
    char moment[STAMP_TEXT];
    stamp_print(moment, manifest->moment_ms);
    if (ctl->json)
        printf("{\"parts\":%zu,\"moment\":\"%s\",\"together\":%s,\"version\":\"%s\"}\n", manifest->count,
               moment, manifest->together ? "true" : "false", manifest->version);
    else
        printf("%s: %zu services %s %s, by version %s\n", what, manifest->count,
               manifest->together ? "as of" : "each behind", moment, manifest->version);
}

int content_restore_verify(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct manifest manifest;
    struct err err;
    if (!manifest_read(&manifest, argv[0], &err)) return ctl_fail(ctl, &err);
    bool ok = put_back_check(&manifest, argv[0], &err);
    if (ok) print_whole(ctl, &manifest, "the backup is whole");
    manifest_finish(&manifest);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

int content_restore_all(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct manifest manifest;
    struct err err;
    if (!manifest_read(&manifest, argv[0], &err)) return ctl_fail(ctl, &err);
    bool ok = put_back_check(&manifest, argv[0], &err);
    for (size_t i = 0; ok && i < manifest.count; i++) {
        ok = put_back(ctl, &manifest.parts[i], argv[0], &err);
        if (ok && !ctl->json) printf("%s restored\n", manifest.parts[i].office->name);
    }
    if (ok) print_whole(ctl, &manifest, "all restored");
    manifest_finish(&manifest);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}
