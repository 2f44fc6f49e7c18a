// What consectl doctor looks at on this machine: settings, files of secrets, embedded stores.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/known.h"
#include "tools/consectl/doctor.h"

#define SETTINGS "docs/operations.md#before-a-start"
#define SECRETS "docs/operations.md#what-there-is-to-keep"
#define RUNBOOK "docs/runbooks.md#"

// ---- Settings

void doctor_settings(struct doctor *doctor)
{
    static const char BEFORE[] = "a service would not start";
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    findings_begin(&doctor->findings, "settings");
    if (!out) return;
    bool known = known_check(conse_programs, BEFORE, out);
    size_t refused = known_check_values(conse_programs, BEFORE, out);
    fclose(out);
    for (char *line = text, *end; (!known || refused) && (end = strchr(line, '\n')); line = end + 1)
        findings_add(&doctor->findings, VERDICT_FAILED, SETTINGS, "%.*s", (int)(end - line), line);
    findings_end(&doctor->findings, "those of this environment are known, and can be taken");
    free(text);
}

// ---- Secrets

struct secrets {
    struct doctor *doctor;
    size_t looked_at;
};

// A group may read, as containers and Kubernetes have it. What is not here is another machine's.
static void secret_look(struct secrets *secrets, const char *name, const char *path, const char *chmod)
{
    struct stat info;
    if (stat(path, &info) != 0) return;
    secrets->looked_at++;
    if (info.st_mode & (S_IRWXO | S_IWGRP))
        findings_add(&secrets->doctor->findings, VERDICT_FAILED, SECRETS,
                     "%s%s%s: others may read or write it (mode %04o); chmod %s", name, *name ? " " : "",
                     path, info.st_mode & 07777, chmod);
}

static void secret_named(void *arg, const char *name, const char *path)
{
    secret_look(arg, name, path, "600");
}

// Keys that are no settings of the kind that may be in files: by commas.
static void secret_paths(struct secrets *secrets, const char *name)
{
    const char *given = getenv(name);
    char path[PLACE];
    for (size_t len; given && *given; given += len + (given[len] == ',')) {
        len = strcspn(given, ",");
        snprintf(path, sizeof path, "%.*s", (int)len, given);
        if (len) secret_look(secrets, name, path, "600");
    }
}

static void secret_folder(struct secrets *secrets, const char *folder)
{
    char path[PLACE + 300];
    DIR *open = opendir(folder);
    if (!open) return;
    secret_look(secrets, "", folder, "700");
    for (struct dirent *entry; (entry = readdir(open));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') secret_look(secrets, "", path, "600");
    }
    closedir(open);
}

// The file of the service's store; false: it has none here.
static bool store_file(const struct doctor *doctor, size_t i, char url[PLACE], const char **path)
{
    static const char scheme[] = "sqlite:";
    struct err err;
    if (!place_store(doctor->ctl, url, offices[i].name, &err) || strncmp(url, scheme, sizeof scheme - 1) != 0)
        return false;
    *path = url + sizeof scheme - 1;
    return access(*path, F_OK) == 0;
}

void doctor_secrets(struct doctor *doctor)
{
    static const char *const names[] = {"CONSE_MASTER_KEY_FILE", "CONSE_SOLANA_KEY_FILE", "CONSE_TLS_KEY",
                                        "CONSE_BACKUP_KEY_FILE"};
    struct secrets secrets = {.doctor = doctor};
    char folder[PLACE + 8], url[PLACE];
    const char *path;
    findings_begin(&doctor->findings, "secrets");
    known_each_secret_file(conse_programs, secret_named, &secrets);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) secret_paths(&secrets, names[i]);
    snprintf(folder, sizeof folder, "%s/keys", doctor->ctl->data_dir);
    secret_folder(&secrets, folder);
    for (size_t i = 0; i < DOCTOR_SERVICES; i++)
        if (store_file(doctor, i, url, &path)) secret_look(&secrets, "", path, "600");
    if (secrets.looked_at)
        findings_end(&doctor->findings, "%zu files and folders are their owner's alone", secrets.looked_at);
    else
        findings_end(&doctor->findings, "none is here");
}

// ---- Stores

static const int64_t FREE_LEAST = INT64_C(64) << 20, FREE_GOOD = INT64_C(1) << 30;

static void store_judge(struct findings *findings, const char *name, const struct store_condition *found)
{
    long long free_mib = found->free_bytes >> 20;
    if (*found->fault)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consestorecorrupt", "%s's file is damaged: %s", name,
                     found->fault);
    if (found->free_bytes < FREE_LEAST)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consestorefull",
                     "%s's disk has %lld MiB left: without 16 MiB writes get 507", name, free_mib);
    else if (found->free_bytes < FREE_GOOD)
        findings_add(findings, VERDICT_WARNING, RUNBOOK "consestorefull", "%s's disk has %lld MiB left", name,
                     free_mib);
    if (found->ballast_bytes < found->ballast_whole_bytes)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consestorefull",
                     "%s has %lld of the %lld MiB in reserve for a full disk", name,
                     (long long)found->ballast_bytes >> 20, (long long)found->ballast_whole_bytes >> 20);
}

void doctor_stores(struct doctor *doctor)
{
    char url[PLACE], sizes[256] = "";
    const char *path;
    struct store_condition found;
    struct err err;
    findings_begin(&doctor->findings, "stores");
    for (size_t i = 0; i < DOCTOR_SERVICES; i++) {
        const char *name = offices[i].name;
        size_t len = strlen(sizes);
        if (!store_file(doctor, i, url, &path)) continue;
        if (!store_examine(url, &found, &err)) {
            findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consestorecorrupt",
                         "%s's file can't be read: %s", name, err.message);
            continue;
        }
        store_judge(&doctor->findings, name, &found);
        snprintf(sizes + len, sizeof sizes - len, "%s%s %.1f MiB", len ? ", " : "", name,
                 (double)found.bytes / (1 << 20));
    }
    if (*sizes)
        findings_end(&doctor->findings, "sound: %s; %.1f GiB are free", sizes,
                     (double)found.free_bytes / (1 << 30));
    else
        findings_end(&doctor->findings, "none is a file that is here");
}
