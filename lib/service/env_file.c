#include "lib/service/env_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char BLANKS[] = " \t";

static char *skip_blanks(char *at) { return at + strspn(at, BLANKS); }

static bool ends_here(const char *at)
{
    const char *rest = at + strspn(at, BLANKS);
    return *rest == 0 || (*rest == '#' && rest > at);
}

static size_t name_length(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_') len++;
    return isdigit((unsigned char)*at) ? 0 : len;
}

// 'as it stands', or "as it stands" when there is nothing in it that a shell would expand.
static bool take_quoted(char *at, const char **value, struct err *err)
{
    char *end = strchr(at + 1, *at);
    if (!end) return err_fail(err, MALFORMED, "the quotation is not closed");
    if (!ends_here(end + 1)) return err_fail(err, MALFORMED, "something stands behind the quotation");
    *end = 0;
    *value = at + 1;
    if (*at == '"' && strpbrk(at + 1, "$`\\"))
        return err_fail(err, MALFORMED, "$, ` and \\ are not expanded; quote the value with '");
    return true;
}

static bool take_plain(char *at, const char **value, struct err *err)
{
    size_t len = strcspn(at, BLANKS);
    if (!ends_here(at + len)) return err_fail(err, MALFORMED, "a value with blanks needs quotes");
    at[len] = 0;
    *value = at;
    if (*at == '~' || strpbrk(at, "$`\\'\"&|;<>()\r"))
        return err_fail(err, MALFORMED,
                        "the value has a character that a shell would not keep; quote it with '");
    return true;
}

bool env_file_line(char *line, const char **name, const char **value, struct err *err)
{
    char *at = skip_blanks(line);
    *name = NULL;
    if (*at == 0 || *at == '#') return true;
    if (strncmp(at, "export", 6) == 0 && at[6] && strchr(BLANKS, at[6])) at = skip_blanks(at + 6);
    size_t len = name_length(at);
    if (!len || at[len] != '=') return err_fail(err, MALFORMED, "it is not NAME=value");
    at[len] = 0;
    *name = at;
    at += len + 1;
    return *at == '\'' || *at == '"' ? take_quoted(at, value, err) : take_plain(at, value, err);
}

static bool load_line(char *line, const char *path, unsigned number, struct err *err)
{
    const char *name, *value;
    char place[128];
    snprintf(place, sizeof place, "%.100s, line %u", path, number);
    line[strcspn(line, "\n")] = 0;
    if (!env_file_line(line, &name, &value, err)) return err_wrap(err, place);
    return !name || setenv(name, value, 0) == 0 || err_errno(err, errno, place);
}

static bool env_file_parse(FILE *file, const char *path, struct err *err)
{
    char line[ENV_FILE_LINE];
    size_t total = 0;
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        size_t len = strlen(line);
        total += len;
        if (total > ENV_FILE_MAX || (len == sizeof line - 1 && line[len - 1] != '\n'))
            return err_fail(err, MALFORMED, "%s, line %u: the line or the file is too long", path, number);
        if (!load_line(line, path, number, err)) return false;
    }
    return !ferror(file) || err_errno(err, errno, path);
}

bool env_file_load(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file) return errno == ENOENT || err_errno(err, errno, path);
    bool ok = env_file_parse(file, path, err);
    fclose(file);
    return ok;
}
