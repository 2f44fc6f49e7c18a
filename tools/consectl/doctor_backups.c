// What consectl doctor looks at of copies and drills.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "tools/consectl/doctor.h"
#include "tools/consectl/manifest.h"

#define OLD "docs/runbooks.md#consebackupold"
#define SLOW "docs/runbooks.md#conserestoreslow"

static const char UNITS[] = "/var/lib/conse-drill"; // deploy/systemd/conse-drill.service
enum { RESTORE_MOST_S = 3600 };
static const int64_t AGE_MOST_MS = INT64_C(2) * 86400 * 1000;

struct backups {
    size_t copies, spoilt;
    int64_t newest_ms;            // the moment that the newest copy is of
    double verified_s, restore_s; // by the drill; 0: unknown
};

static void note_copy(struct backups *backups, const char *path)
{
    struct manifest manifest;
    struct err err;
    if (!manifest_read(&manifest, path, &err)) {
        backups->spoilt++;
        return;
    }
    backups->copies++;
    if (manifest.moment_ms > backups->newest_ms) backups->newest_ms = manifest.moment_ms;
    manifest_finish(&manifest);
}

static void note_line(struct backups *backups, const char *line)
{
    double value;
    if (sscanf(line, "conse_backup_last_verified_seconds %lf", &value) == 1 && value > backups->verified_s)
        backups->verified_s = value;
    if (sscanf(line, "conse_backup_restore_seconds %lf", &value) == 1) backups->restore_s = value;
}

static void note_metrics(struct backups *backups, const char *path)
{
    char line[256];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) note_line(backups, line);
    if (file) fclose(file);
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && strcmp(name + len - tail, end) == 0;
}

static void note_all(struct backups *backups, DIR *open, const char *folder)
{
    char path[PLACE], inside[PLACE + 32];
    for (struct dirent *entry; (entry = readdir(open));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        snprintf(inside, sizeof inside, "%s/" MANIFEST_FILE, path);
        if (access(inside, F_OK) == 0) note_copy(backups, path);
        if (ends_in(entry->d_name, ".prom")) note_metrics(backups, path);
    }
}

static void judge_copies(struct findings *findings, const struct backups *backups, int64_t now_ms)
{
    char moment[STAMP_TEXT];
    stamp_print(moment, backups->newest_ms);
    if (backups->spoilt)
        findings_add(findings, VERDICT_FAILED, OLD, "%zu copies have a manifest that is spoilt",
                     backups->spoilt);
    if (!backups->copies)
        findings_add(findings, VERDICT_FAILED, OLD, "there is no copy that is whole");
    else if (now_ms - backups->newest_ms > AGE_MOST_MS)
        findings_add(findings, VERDICT_FAILED, OLD, "the newest copy is of %s", moment);
}

static void judge_drill(struct findings *findings, const struct backups *backups, int64_t now_ms)
{
    char moment[STAMP_TEXT];
    int64_t verified_ms = (int64_t)(backups->verified_s * 1000);
    stamp_print(moment, verified_ms);
    if (verified_ms <= 0)
        findings_add(findings, VERDICT_FAILED, OLD, "no drill has told (*.prom) that a copy can be restored");
    else if (now_ms - verified_ms > AGE_MOST_MS)
        findings_add(findings, VERDICT_FAILED, OLD, "the newest copy that a drill has restored is of %s",
                     moment);
    if (backups->restore_s > RESTORE_MOST_S)
        findings_add(findings, VERDICT_WARNING, SLOW, "putting all back takes %.0f minutes",
                     backups->restore_s / 60);
}

void doctor_backups(struct doctor *doctor, const char *folder)
{
    struct findings *findings = &doctor->findings;
    struct backups backups = {0};
    char moment[STAMP_TEXT];
    int64_t now_ms = clock_unix_ms();
    const char *place = folder ? folder : UNITS;
    findings_begin(findings, "backups");
    DIR *open = opendir(place);
    if (!open) {
        if (folder)
            findings_add(findings, VERDICT_FAILED, OLD, "the folder %s can't be opened", place);
        else
            findings_add(findings, VERDICT_WARNING, OLD,
                         "not looked at: name the folder of the copies (consectl doctor BACKUPS)");
        return;
    }
    note_all(&backups, open, place);
    closedir(open);
    judge_copies(findings, &backups, now_ms);
    judge_drill(findings, &backups, now_ms);
    stamp_print(moment, (int64_t)(backups.verified_s * 1000));
    findings_end(findings, "%zu copies; a drill has restored that of %s", backups.copies, moment);
}
