#include "lib/service/config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SECRET_FILE = 64 * 1024 };

struct unit {
    const char *suffix;
    int64_t factor;
};

static const struct unit durations[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1}, {"K", 1024}, {"M", 1048576}, {"G", 1073741824}, {NULL, 0}};
static const struct unit plain[] = {{"", 1}, {NULL, 0}};

static bool parse_number(const char *text, const struct unit *units, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno) return false;
    for (; units->suffix; units++)
        if (strcmp(end, units->suffix) == 0) return !__builtin_mul_overflow(number, units->factor, value);
    return false;
}

bool config_duration(const char *text, int64_t *ms) { return parse_number(text, durations, ms); }

static bool parse_bool(const char *text, bool *value)
{
    static const char *const yes[] = {"true", "1", "yes"}, *const no[] = {"false", "0", "no"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(text, yes[i]) == 0) return *value = true, true;
        if (strcmp(text, no[i]) == 0) return *value = false, true;
    }
    return false;
}

static bool parse_choice(const char *text, const char *choices, int *value)
{
    size_t len = strlen(text);
    for (int i = 0; *choices; i++) {
        size_t word = strcspn(choices, "|");
        if (word == len && strncmp(choices, text, len) == 0) return *value = i, true;
        choices += word + (choices[word] == '|');
    }
    return false;
}

static bool parse_float(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == 0 && isfinite(*value);
}

static bool in_bounds(const struct config_var *var, double value)
{
    return var->min == var->max || (value >= (double)var->min && value <= (double)var->max);
}

static bool config_refuse(const struct config_var *var, const char *expected, struct err *err)
{
    if (var->min != var->max)
        return err_field(err, INVALID_FIELD, var->name, "%s must be %s from %lld to %lld", var->name,
                         expected, (long long)var->min, (long long)var->max);
    return err_field(err, INVALID_FIELD, var->name, "%s must be %s", var->name, expected);
}

static bool set_integer(const struct config_var *var, const char *text, const struct unit *units,
                        const char *expected, void *into, struct err *err)
{
    int64_t value;
    if (!parse_number(text, units, &value) || !in_bounds(var, (double)value))
        return config_refuse(var, expected, err);
    *(int64_t *)into = value;
    return true;
}

static bool set_float(const struct config_var *var, const char *text, double *into, struct err *err)
{
    return (parse_float(text, into) && in_bounds(var, *into)) || config_refuse(var, "a number", err);
}

static bool set_value(const struct config_var *var, const char *text, void *into, struct err *err)
{
    switch (var->type) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_SECRET:
        *(const char **)into = text;
        return true;
    case CONFIG_INT:
        return set_integer(var, text, plain, "a whole number", into, err);
    case CONFIG_DURATION:
        return set_integer(var, text, durations, "a duration like 15s (in ms)", into, err);
    case CONFIG_SIZE:
        return set_integer(var, text, sizes, "a size like 64K (in bytes)", into, err);
    case CONFIG_FLOAT:
        return set_float(var, text, into, err);
    case CONFIG_BOOL:
        return parse_bool(text, into) || config_refuse(var, "true or false", err);
    case CONFIG_CHOICE:
        return parse_choice(text, var->choices, into) || config_refuse(var, var->choices, err);
    }
    return false;
}

// What was read from files; settings point to it as long as the process lives.
static struct secret {
    struct secret *next;
    char text[MAX_SECRET_FILE + 1];
} * secrets;

static char *read_secret(const struct config_var *var, const char *path, struct err *err)
{
    struct secret *secret = calloc(1, sizeof *secret);
    FILE *file = fopen(path, "r");
    size_t len = file && secret ? fread(secret->text, 1, MAX_SECRET_FILE, file) : 0;
    bool ok = file && secret && !ferror(file);
    if (file) fclose(file);
    if (!ok) {
        free(secret);
        return err_field(err, INVALID_FIELD, var->name, "%s_FILE: cannot read %s", var->name, path), NULL;
    }
    while (len && (secret->text[len - 1] == '\n' || secret->text[len - 1] == '\r')) secret->text[--len] = 0;
    secret->next = secrets;
    return (secrets = secret)->text;
}

// The file that has the secret; NULL: none is named.
static const char *find_file(const struct config_var *var)
{
    char name[128];
    snprintf(name, sizeof name, "%s_FILE", var->name);
    const char *path = var->type == CONFIG_SECRET ? getenv(name) : NULL;
    return path && *path ? path : NULL;
}

static const char *find_given(const struct config_var *var)
{
    const char *text = getenv(var->name);
    return text && *text ? text : NULL;
}

static bool find_text(const struct config_var *var, const char **text, struct err *err)
{
    const char *path = find_file(var);
    if (path) return (*text = read_secret(var, path, err)) != NULL;
    *text = find_given(var);
    if (!*text) *text = var->fallback;
    return *text || err_field(err, INVALID_FIELD, var->name, "%s must be set: %s", var->name, var->help);
}

static bool config_load_one(const struct config_var *var, void *into, struct err *err)
{
    const char *text;
    return find_text(var, &text, err) && set_value(var, text, (char *)into + var->offset, err);
}

bool config_load(const struct config_var *vars, void *into, struct err *err)
{
    for (; vars->name; vars++)
        if (!config_load_one(vars, into, err)) return false;
    return true;
}

size_t config_load_all(const struct config_var *vars, void *into, const char *before, FILE *out)
{
    size_t wrong = 0;
    for (; vars->name; vars++) {
        struct err err;
        if (config_load_one(vars, into, &err)) continue;
        fprintf(out, "%s: %s\n", before, err.message);
        wrong++;
    }
    return wrong;
}

// A URL may have a name and a password, and a key in what it asks for.
static void show_text(const char *text, FILE *out)
{
    const char *host = strstr(text, "://");
    if (!host) return (void)fputs(text, out);
    host += strlen("://");
    const char *asked = host + strcspn(host, "?#"), *path = host + strcspn(host, "/?#"), *at = NULL;
    for (const char *p = host; p < path; p++)
        if (*p == '@') at = p;
    fprintf(out, "%.*s", (int)(host - text), text);
    if (at) fputs("***", out);
    fprintf(out, "%.*s", (int)(asked - (at ? at : host)), at ? at : host);
    if (*asked) fprintf(out, "%c***", *asked);
}

void config_show(const struct config_var *vars, FILE *out)
{
    for (; vars->name; vars++) {
        const char *path = find_file(vars), *given = find_given(vars);
        fprintf(out, "%s=", vars->name);
        if (path || (given && vars->type == CONFIG_SECRET))
            fputs("***", out);
        else
            show_text(given ? given : vars->fallback ? vars->fallback : "", out);
        fprintf(out, " (%s%s)\n", path ? "file " : given ? "environment" : "default", path ? path : "");
    }
}

void config_help(const struct config_var *vars, FILE *out)
{
    for (; vars->name; vars++) {
        fprintf(out, "  %-28s %s", vars->name, vars->help);
        if (vars->choices) fprintf(out, " (%s)", vars->choices);
        if (!vars->fallback)
            fprintf(out, " [required]\n");
        else if (*vars->fallback)
            fprintf(out, " [%s]\n", vars->fallback);
        else
            fprintf(out, "\n");
    }
}
