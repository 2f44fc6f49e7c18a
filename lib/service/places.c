#include "lib/service/places.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void places_add(struct places *places, const char *path, enum guard_right right)
{
    char *kept = places->count < PLACES_MOST ? strdup(path) : NULL;
    if (!kept) return (void)(places->failed = true);
    places->all[places->count++] = (struct guard_place){kept, right};
}

static void add_folder_of(struct places *places, const char *path, enum guard_right right)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    places_add(places, dirname(folder), right);
}

// Where it is said to be, and where links lead from there.
static void add_file(struct places *places, const char *path)
{
    char real[PATH_MAX];
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return places_add(places, path, GUARD_READ);
    add_folder_of(places, path, GUARD_READ);
    if (realpath(path, real) && strcmp(real, path) != 0) add_folder_of(places, real, GUARD_READ);
}

static void add_files(struct places *places, const char *by_commas)
{
    char path[PATH_MAX];
    for (const char *at = by_commas; at && *at; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");
        snprintf(path, sizeof path, "%.*s", (int)len, at);
        if (len) add_file(places, path);
        at += len;
    }
}

static void add_settings(struct places *places, const struct config_var *vars, const void *filled)
{
    for (; vars && vars->name; vars++)
        if (vars->type == CONFIG_PATH)
            add_files(places, *(const char *const *)((const char *)filled + vars->offset));
}

// A socket is made in its folder; sockets of others are called without any right to files.
static void add_listener(struct places *places, const char *address)
{
    static const char ipc[] = "ipc://";
    if (address && strncmp(address, ipc, sizeof ipc - 1) == 0)
        add_folder_of(places, address + sizeof ipc - 1, GUARD_WRITE);
}

static void add_own(struct places *places, const struct service *service)
{
    static const char file[] = "sqlite:";
    places_add(places, service->run_dir, GUARD_WRITE);
    if (!service->program->methods) return; // nothing is stored
    places_add(places, service->data_dir, GUARD_WRITE);
    if (strncmp(service->store_url, file, sizeof file - 1) == 0)
        add_folder_of(places, service->store_url + sizeof file - 1, GUARD_WRITE);
    add_listener(places, service->listen);
    add_listener(places, service->slow_listen);
    add_listener(places, service->bus);
}

bool places_find(struct places *places, const struct service_settings *settings,
                 const struct service *service, struct err *err)
{
    *places = (struct places){0};
    add_own(places, service);
    add_settings(places, settings->vars, settings);
    add_settings(places, service->program->vars, service->program->settings);
    add_files(places, getenv("CONSE_BUS_KEY_FILE"));
    add_file(places, "/proc/self/exe"); // auth says which programs of its folder are the released ones
    return !places->failed || err_fail(err, INTERNAL_ERROR, "too many files are named by settings");
}

void places_finish(struct places *places)
{
    for (size_t i = 0; i < places->count; i++) free((char *)places->all[i].path);
    places->count = 0;
}
