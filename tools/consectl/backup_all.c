// consectl backup all: every service's store into one folder. Embedded stores are copied as all were at one
// moment; shared ones are dumped one after the other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "tools/consectl/content.h"
#include "tools/consectl/folder.h"
#include "tools/consectl/manifest.h"
#include "tools/consectl/sealed.h"

struct backup {
    struct ctl *ctl;
    char folder[MANIFEST_PATH]; // where it is made
    struct manifest manifest;
    char urls[MANIFEST_PARTS][PLACE];
};

// ---- Embedded stores

// What the copy has; opening it leaves a lock, which is no part of a backup.
static bool count_copy(const struct backup *backup, struct manifest_part *part, struct err *err)
{
    char path[MANIFEST_PATH], url[MANIFEST_PATH + 8], lock[MANIFEST_PATH + 8];
    manifest_path(part, backup->folder, path);
    snprintf(url, sizeof url, "sqlite:%s", path);
    snprintf(lock, sizeof lock, "%s/%s.lock", backup->folder, part->office->name);
    part->counts = manifest_count(part->office, url, err);
    unlink(lock);
    return part->counts;
}

static bool copy_embedded(struct backup *backup, struct err *err)
{
    struct manifest *manifest = &backup->manifest;
    struct store_copy copies[MANIFEST_PARTS];
    char paths[MANIFEST_PARTS][MANIFEST_PATH];
    size_t count = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        struct manifest_part *part = &manifest->parts[i];
        if (manifest_is_dump(part)) continue;
        manifest_path(part, backup->folder, paths[i]);
        copies[count++] = (struct store_copy){backup->urls[i], paths[i], part->office->passing};
    }
    if (count && !store_backup_together(copies, count, &manifest->moment_ms, err)) return false;
    manifest->together = count == manifest->count;
    for (size_t i = 0; i < manifest->count; i++)
        if (!manifest_is_dump(&manifest->parts[i]) &&
            (!count_copy(backup, &manifest->parts[i], err) || !sealed_file(paths[i], err)))
            return false;
    return true;
}

// ---- Shared stores

// Those that follow others come before those, so that no place that was reached is beyond what is there.
static bool dump_shared(struct backup *backup, struct err *err)
{
    struct manifest *manifest = &backup->manifest;
    for (size_t i = manifest->count; i-- > 0;) {
        struct manifest_part *part = &manifest->parts[i];
        struct dump_sum sum;
        char path[MANIFEST_PATH];
        if (!manifest_is_dump(part)) continue;
        manifest_path(part, backup->folder, path);
        if (!content_dump_file(backup->ctl, part->office, path, &sum, err)) return false;
        part->counts = manifest_counts(&sum);
    }
    return true;
}

// ---- All

static bool find_part(struct backup *backup, const struct office *office, struct err *err)
{
    char *url = backup->urls[backup->manifest.count];
    struct manifest_part *part = &backup->manifest.parts[backup->manifest.count];
    if (!place_store(backup->ctl, url, office->name, err) || !place_has_store(backup->ctl, office->name, err))
        return false;
    *part = (struct manifest_part){.office = office};
    snprintf(part->file, sizeof part->file, "%s.%s", office->name, store_copies(url) ? "db" : "dump");
    backup->manifest.count++;
    return true;
}

static bool backup_fill(struct backup *backup, struct err *err)
{
    for (const struct office *office = offices; office->name; office++)
        if (!find_part(backup, office, err)) return false;
    backup->manifest.moment_ms = clock_unix_ms();
    return dump_shared(backup, err) && copy_embedded(backup, err) &&
           manifest_write(&backup->manifest, backup->folder, err);
}

static void backup_print(const struct backup *backup, const char *path)
{
    char moment[STAMP_TEXT];
    const struct manifest *manifest = &backup->manifest;
    stamp_print(moment, manifest->moment_ms);
    if (backup->ctl->json) {
        printf("{\"folder\":\"%s\",\"moment\":\"%s\",\"together\":%s}\n", path, moment,
               manifest->together ? "true" : "false");
        return;
    }
    for (size_t i = 0; i < manifest->count; i++)
        printf("%-8s %lld bytes, %lld entries of %lld streams\n", manifest->parts[i].office->name,
               (long long)manifest->parts[i].bytes,
               json_integer_value(json_object_get(manifest->parts[i].counts, "entries")),
               json_integer_value(json_object_get(manifest->parts[i].counts, "streams")));
    printf("all backed up to %s, %s %s\n", path, manifest->together ? "as of" : "each behind", moment);
}

int content_backup_all(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct backup *backup = calloc(1, sizeof *backup);
    struct err err;
    bool ok = backup || err_fail(&err, INTERNAL_ERROR, "out of memory");
    if (ok && access(argv[0], F_OK) == 0) ok = err_fail(&err, CONFLICT, "%s exists", argv[0]);
    if (ok) snprintf(backup->folder, sizeof backup->folder, "%s.XXXXXX", argv[0]);
    if (ok) backup->ctl = ctl;
    if (ok && (ok = folder_make(backup->folder, &err))) {
        ok = backup_fill(backup, &err) && folder_keep(backup->folder, argv[0], &err);
        if (!ok) folder_remove(backup->folder);
    }
    if (ok) backup_print(backup, argv[0]);
    if (backup) manifest_finish(&backup->manifest);
    free(backup);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}
