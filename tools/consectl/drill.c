// consectl drill: whether a backup can be restored, by doing it.
#include "tools/consectl/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "tools/consectl/put_back.h"

enum { ARENA_BYTES = 256 << 20 };

__attribute__((format(printf, 3, 4))) static void drill_say(const struct ctl *ctl, const char *what,
                                                            const char *format, ...)
{
    va_list arguments;
    if (ctl->json) return;
    printf("%-10s ", what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

// ---- Restoring

static bool note_event(void *arg, const struct store_item *item, struct err *err)
{
    struct drill *drill = arg;
    if (!item->table || strcmp(item->table->name, "events") != 0) return true;
    if (drill->events_count == drill->events_room) {
        size_t room = 2 * drill->events_room + 64;
        char **grown = realloc(drill->events, room * sizeof *grown);
        if (!grown) return err_fail(err, INTERNAL_ERROR, "out of memory");
        drill->events = grown;
        drill->events_room = room;
    }
    char *id = strdup(item->id);
    if (id) drill->events[drill->events_count++] = id;
    return id || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool note_events(struct drill *drill, struct err *err)
{
    struct store *store;
    if (!ctl_open_store(&drill->world, office_find("events"), &store, err)) return false;
    bool ok = store_each(store, note_event, drill, err);
    store_close(store);
    return ok;
}

static bool restore_part(struct drill *drill, const struct ctl *ctl, const struct manifest_part *part,
                         const char *folder, struct err *err)
{
    char url[PLACE];
    if (drill_is_stopped()) return err_fail(err, SERVICE_AWAY, "the drill was stopped");
    if (!put_back(&drill->world, part, folder, err) ||
        !place_store(&drill->world, url, part->office->name, err))
        return false;
    json_t *counts = manifest_count(part->office, url, err);
    bool ok = counts && manifest_same(part, counts, err);
    if (ok)
        drill_say(ctl, "restored", "%s: %lld entries of %lld streams, as the manifest has them",
                  part->office->name, json_integer_value(json_object_get(counts, "entries")),
                  json_integer_value(json_object_get(counts, "streams")));
    json_decref(counts);
    return ok;
}

static bool start_all(struct drill *drill, const struct ctl *ctl, const struct manifest *manifest,
                      struct err *err)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const char *service = manifest->parts[i].office->name;
        if (!drill_start(drill, service, err)) return false;
        drill_say(ctl, "started", "%s answers", service);
    }
    return true;
}

static bool restore_all(struct drill *drill, const struct ctl *ctl, const struct manifest *manifest,
                        const char *folder, struct err *err)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (!restore_part(drill, ctl, &manifest->parts[i], folder, err)) return false;
    return note_events(drill, err) && start_all(drill, ctl, manifest, err);
}

// ---- What came of it

struct outcome {
    struct drill_found found;
    double restore_s, verify_s;
};

static bool metrics_print_one(int fd, const char *name, const char *help, double value)
{
    return dprintf(fd, "# HELP %s %s\n# TYPE %s gauge\n%s %.3f\n", name, help, name, name, value) > 0;
}

static bool metrics_print(int fd, const struct manifest *manifest, const struct outcome *outcome)
{
    return metrics_print_one(fd, "conse_backup_last_verified_seconds",
                             "Unix time that the newest backup is of that a drill has restored.",
                             (double)manifest->moment_ms / 1000) &&
           metrics_print_one(fd, "conse_backup_restore_seconds",
                             "What that took, until all services answered.", outcome->restore_s) &&
           fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

// The file takes the place of the one before at once: whoever reads it sees one of them whole.
static bool metrics_write(const char *path, const struct manifest *manifest, const struct outcome *outcome,
                          struct err *err)
{
    char part[PLACE];
    snprintf(part, sizeof part, "%s.XXXXXX", path);
    int fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = metrics_print(fd, manifest, outcome) && rename(part, path) == 0;
    if (!ok) err_errno(err, errno, path), unlink(part);
    close(fd);
    return ok;
}

static void outcome_print(const struct ctl *ctl, const struct manifest *manifest,
                          const struct outcome *outcome)
{
    const struct drill_found *found = &outcome->found;
    char moment[STAMP_TEXT];
    stamp_print(moment, manifest->moment_ms);
    drill_say(ctl, "events", "%zu, %llu entries: the hash chains hold", found->events,
              (unsigned long long)found->entries);
    drill_say(ctl, "deals", "%zu are open: all as promised", found->deals);
    drill_say(ctl, "ledger", "%llu blocks: it is right", (unsigned long long)found->blocks);
    drill_say(ctl, "good", "the backup of %s was restored in %.1f s and verified in %.1f s", moment,
              outcome->restore_s, outcome->verify_s);
    if (ctl->json)
        printf("{\"moment\":\"%s\",\"events\":%zu,\"entries\":%llu,\"deals\":%zu,\"blocks\":%llu,"
               "\"restore_seconds\":%.3f,\"verify_seconds\":%.3f}\n",
               moment, found->events, (unsigned long long)found->entries, found->deals,
               (unsigned long long)found->blocks, outcome->restore_s, outcome->verify_s);
}

static double seconds_since(int64_t begun_ms) { return (double)(clock_mono_ms() - begun_ms) / 1000; }

static bool drill_whole(struct drill *drill, struct ctl *ctl, const struct manifest *manifest,
                        const char *folder, struct outcome *outcome, struct err *err)
{
    int64_t begun_ms = clock_mono_ms();
    if (!put_back_check(manifest, folder, err)) return false;
    drill_say(ctl, "files", "%zu, as the manifest has them", manifest->count);
    if (!drill_settle(drill, ctl, err) || !restore_all(drill, ctl, manifest, folder, err)) return false;
    outcome->restore_s = seconds_since(begun_ms);
    begun_ms = clock_mono_ms();
    if (!drill_ask(drill, &outcome->found, err)) return false;
    outcome->verify_s = seconds_since(begun_ms);
    return true;
}

static int drill_run(struct ctl *ctl, int argc, char **argv)
{
    struct drill *drill = calloc(1, sizeof *drill);
    struct manifest manifest;
    struct outcome outcome = {0};
    struct err err;
    if (!drill) return STATUS_FAILED;
    arena_init(&drill->world.arena, ARENA_BYTES);
    bool ok = manifest_read(&manifest, argv[0], &err) && drill_isolate(&err) &&
              drill_whole(drill, ctl, &manifest, argv[0], &outcome, &err);
    drill_clear(drill);
    if (ok && argc > 1) ok = metrics_write(argv[1], &manifest, &outcome, &err);
    if (ok) outcome_print(ctl, &manifest, &outcome);
    manifest_finish(&manifest);
    arena_finish(&drill->world.arena);
    free(drill);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

const struct ctl_command drill_commands[] = {
    {.name = "drill",
     .usage = "DIR [METRICS]",
     .help = "tries whether a backup of all services can be restored",
     .more =
         "DIR is of consectl backup all. It is restored into a folder that is removed in the end, and the "
         "services start there, in\n"
         "a network of their own, where they reach nobody. Then each store has to have as much as the "
         "manifest says, each\n"
         "event's hash chain and each open deal has to hold, and the ledger has to be right. The first "
         "fault is told, and exit\n"
         "status 1. The keys are those of this installation. METRICS is a file for a collector of "
         "Prometheus: it is replaced when\n"
         "the backup is good.",
     .least = 1,
     .most = 2,
     .run = drill_run},
    {0},
};
