#include "services/auth/reserved_names.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

enum { NAME_MAX_LEN = 32 };

static const char *const reserved[] = {
    "admin",  "administrator", "root",     "system",    "conse",     "support",   "moderator", "mod",
    "god",    "dev",           "operator", "staff",     "help",      "official",  "server",    "none",
    "null",   "nil",           "void",     "me",        "self",      "nobody",    "everybody", "everyone",
    "anyone", "all",           "deleted",  "unknown",   "undefined", "anonymous", "api",       "auth",
    "bot",    "security",      "sysadmin", "superuser",
};

// Letters as which digits are read; l is read as i.
static char letter_of(char c)
{
    static const char from[] = "01l345", to[] = "oiieas";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

static bool is_separator(char c) { return c == '.' || c == '_' || c == '-'; }

// What looks like it looks the same then. Separators are left out, or all become '-'.
static void name_fold(char folded[NAME_MAX_LEN + 1], const char *name, size_t len, bool keep)
{
    char lower[NAME_MAX_LEN + 1];
    size_t at = 0;
    snprintf(lower, sizeof lower, "%.*s", (int)len, name);
    text_lower(lower, sizeof lower, lower);
    for (const char *c = lower; *c; c++)
        if (!is_separator(*c))
            folded[at++] = letter_of(*c);
        else if (keep)
            folded[at++] = '-';
    folded[at] = 0;
}

static bool is_like(const char *folded, const char *name, size_t len)
{
    char other[NAME_MAX_LEN + 1];
    name_fold(other, name, len, false);
    return strcmp(folded, other) == 0;
}

static bool is_listed(const char *folded, const char *list)
{
    for (size_t len; *list; list += len + (list[len] == ',')) {
        len = strcspn(list, ",");
        if (is_like(folded, list, len)) return true;
    }
    return false;
}

static bool has_deleted_prefix(const char *username)
{
    char name[NAME_MAX_LEN + 1], prefix[NAME_MAX_LEN + 1];
    while (is_separator(*username)) username++;
    name_fold(name, username, strlen(username), true);
    name_fold(prefix, DELETED_PREFIX, strlen(DELETED_PREFIX), true);
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

bool reserved_names_check(const char *more, const char *username, struct err *err)
{
    char folded[NAME_MAX_LEN + 1];
    bool taken = has_deleted_prefix(username);
    name_fold(folded, username, strlen(username), false);
    for (size_t i = 0; !taken && i < sizeof reserved / sizeof *reserved; i++)
        taken = is_like(folded, reserved[i], strlen(reserved[i]));
    return !(taken || is_listed(folded, more)) ||
           err_field(err, USERNAME_RESERVED, "username", "this username is reserved");
}

bool reserved_names_check_list(const char *more, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    for (size_t len; *more; more += len + (more[len] == ',')) {
        len = strspn(more, letters);
        bool is_name = len > 0 && len <= NAME_MAX_LEN && (more[len] == ',' || more[len] == 0);
        if (!is_name || strcmp(more + len, ",") == 0)
            return err_field(err, INVALID_FIELD, "CONSE_USERNAMES_RESERVED",
                             "CONSE_USERNAMES_RESERVED must be usernames, parted by commas");
    }
    return true;
}
