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

static bool find_text(const struct config_var *var, const char **text, struct err *err)
{
    char file_name[128];
    snprintf(file_name, sizeof file_name, "%s_FILE", var->name);
    const char *path = var->type == CONFIG_SECRET ? getenv(file_name) : NULL;
    *text = path && *path ? read_secret(var, path, err) : getenv(var->name);
    if (path && *path) return *text != NULL;
    if (!*text || !**text) *text = var->fallback;
    return *text || err_field(err, INVALID_FIELD, var->name, "%s must be set: %s", var->name, var->help);
}

bool config_load(const struct config_var *vars, void *into, struct err *err)
{
    for (; vars->name; vars++) {
        const char *text;
        if (!find_text(vars, &text, err) || !set_value(vars, text, (char *)into + vars->offset, err))
            return false;
    }
    return true;
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
