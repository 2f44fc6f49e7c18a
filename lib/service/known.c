#include "lib/service/known.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/service/settings.h"

static const char PREFIX[] = "CONSE_";

struct known {
    char (*names)[KNOWN_NAME];
    size_t count, room;
    bool failed; // memory
};

static void known_add(struct known *known, const char *name, const char *ending)
{
    if (known->count == known->room) {
        size_t room = known->room ? known->room * 2 : 256;
        void *names = realloc(known->names, room * sizeof *known->names);
        if (!names) return (void)(known->failed = true);
        known->names = names;
        known->room = room;
    }
    snprintf(known->names[known->count++], KNOWN_NAME, "%s%s", name, ending);
}

static void add_table(struct known *known, const struct config_var *vars)
{
    for (; vars && vars->name; vars++) {
        known_add(known, vars->name, "");
        if (vars->type == CONFIG_SECRET) known_add(known, vars->name, "_FILE");
    }
}

static void add_service(struct known *known, const struct known_program *program)
{
    static const struct rpc_method *const some[] = {NULL};
    const struct service_program asked = {.name = program->service,
                                          .methods = program->answers ? some : NULL};
    struct service_settings *settings = calloc(1, sizeof *settings);
    if (!settings) return (void)(known->failed = true);
    service_settings_declare(settings, &asked);
    add_table(known, settings->vars);
    for (size_t i = 0; i < settings->texts_count; i++) free(settings->texts[i]);
    free(settings);
}

struct known *known_create(const struct known_program *programs)
{
    struct known *known = calloc(1, sizeof *known);
    for (; known && (programs->service || programs->vars); programs++) {
        if (programs->service) add_service(known, programs);
        add_table(known, programs->vars);
    }
    if (!known || !known->failed) return known;
    known_destroy(known);
    return NULL;
}

void known_destroy(struct known *known)
{
    if (!known) return;
    free(known->names);
    free(known);
}

bool known_has(const struct known *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->names[i], name) == 0) return true;
    return false;
}

// Letters put in, taken out, or put in the place of others (Levenshtein).
static size_t count_changes(const char *from, const char *to)
{
    size_t row[KNOWN_NAME], len = strlen(to);
    for (size_t j = 0; j <= len; j++) row[j] = j;
    for (size_t i = 1; *from; from++, i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t least = corner + (*from != to[j - 1]);
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            corner = row[j];
            row[j] = least;
        }
    }
    return row[len];
}

const char *known_nearest(const struct known *known, const char *name)
{
    const char *nearest = "";
    size_t least = (size_t)-1;
    for (size_t i = 0; i < known->count; i++) {
        size_t changes = count_changes(name, known->names[i]);
        if (changes >= least) continue;
        least = changes;
        nearest = known->names[i];
    }
    return nearest;
}

bool known_find_stranger(const struct known *known, char *const **at, char name[KNOWN_NAME])
{
    while (*at && **at) {
        const char *entry = *(*at)++;
        if (strncmp(entry, PREFIX, sizeof PREFIX - 1) != 0) continue;
        snprintf(name, KNOWN_NAME, "%.*s", (int)strcspn(entry, "="), entry);
        if (!known_has(known, name)) return true;
    }
    return false;
}

bool known_check(const struct known_program *programs, const char *before, FILE *out)
{
    char name[KNOWN_NAME];
    struct known *known = known_create(programs);
    bool ok = known != NULL;
    if (!known) fprintf(out, "%s: out of memory\n", before);
    for (char *const *at = environ; known && known_find_stranger(known, &at, name); ok = false)
        fprintf(out, "%s: %s is no setting of Conse; the nearest is %s\n", before, name,
                known_nearest(known, name));
    known_destroy(known);
    return ok;
}
