#include "lib/service/known.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/service/settings.h"

static const char PREFIX[] = "CONSE_";

// What is done with each table of all programs.
struct known_visit {
    void (*table)(void *arg, const struct config_var *vars);
    void *arg;
};

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

static void add_table(void *arg, const struct config_var *vars)
{
    struct known *known = arg;
    for (; vars && vars->name; vars++) {
        known_add(known, vars->name, "");
        if (vars->type == CONFIG_SECRET) known_add(known, vars->name, "_FILE");
    }
}

static bool visit_service(const struct known_program *program, const struct known_visit *visit)
{
    static const struct rpc_method *const some[] = {NULL};
    const struct service_program asked = {.name = program->service,
                                          .methods = program->answers ? some : NULL};
    struct service_settings *settings = calloc(1, sizeof *settings);
    if (!settings) return false;
    service_settings_declare(settings, &asked);
    visit->table(visit->arg, settings->vars);
    for (size_t i = 0; i < settings->texts_count; i++) free(settings->texts[i]);
    free(settings);
    return true;
}

static bool visit_tables(const struct known_program *programs, const struct known_visit *visit)
{
    bool ok = true;
    for (; ok && (programs->service || programs->vars); programs++) {
        if (programs->service) ok = visit_service(programs, visit);
        visit->table(visit->arg, programs->vars);
    }
    return ok;
}

struct known *known_create(const struct known_program *programs)
{
    struct known *known = calloc(1, sizeof *known);
    const struct known_visit visit = {add_table, known};
    if (known && visit_tables(programs, &visit) && !known->failed) return known;
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

// ---- Values

struct refused {
    const char *before;
    FILE *out;
    char lines[32][sizeof((struct err *)0)->message]; // those that were told: services share settings
    size_t count;
};

static bool refused_before(const struct refused *refused, const char *line)
{
    size_t told = refused->count < sizeof refused->lines / sizeof *refused->lines
                      ? refused->count
                      : sizeof refused->lines / sizeof *refused->lines;
    for (size_t i = 0; i < told; i++)
        if (strcmp(refused->lines[i], line) == 0) return true;
    return false;
}

static void refused_tell(struct refused *refused, const char *line)
{
    if (refused_before(refused, line)) return;
    if (refused->count < sizeof refused->lines / sizeof *refused->lines)
        snprintf(refused->lines[refused->count], sizeof *refused->lines, "%s", line);
    refused->count++;
    fprintf(refused->out, "%s: %s\n", refused->before, line);
}

static const char *file_of(const struct config_var *var, char name[KNOWN_NAME])
{
    snprintf(name, KNOWN_NAME, "%s_FILE", var->name);
    const char *path = var->type == CONFIG_SECRET ? getenv(name) : NULL;
    return path && *path ? path : NULL;
}

static void check_value(struct refused *refused, const struct config_var *var)
{
    const struct config_var alone[] = {*var, {0}};
    char name[KNOWN_NAME];
    const char *given = getenv(var->name);
    struct err err;
    if (!file_of(var, name) && (!given || !*given)) return;
    void *into = calloc(1, var->offset + sizeof(int64_t));
    if (!into)
        refused_tell(refused, "out of memory");
    else if (!config_load(alone, into, &err))
        refused_tell(refused, err.message);
    free(into);
}

static void check_values(void *arg, const struct config_var *vars)
{
    for (; vars && vars->name; vars++) check_value(arg, vars);
}

size_t known_check_values(const struct known_program *programs, const char *before, FILE *out)
{
    struct refused refused = {.before = before, .out = out};
    const struct known_visit visit = {check_values, &refused};
    if (!visit_tables(programs, &visit)) refused_tell(&refused, "out of memory");
    return refused.count;
}

// ---- Files of secrets

struct secret_visit {
    void (*visit)(void *arg, const char *name, const char *path);
    void *arg;
};

static void visit_secrets(void *arg, const struct config_var *vars)
{
    const struct secret_visit *visit = arg;
    char name[KNOWN_NAME];
    for (; vars && vars->name; vars++) {
        const char *path = file_of(vars, name);
        if (path) visit->visit(visit->arg, name, path);
    }
}

void known_each_secret_file(const struct known_program *programs,
                            void (*visit)(void *arg, const char *name, const char *path), void *arg)
{
    struct secret_visit secrets = {visit, arg};
    const struct known_visit tables = {visit_secrets, &secrets};
    (void)visit_tables(programs, &tables);
}
