// The URL of a database: what it may say, and what we add to it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/store/mongo/mongo.h"

enum { SELECTION_MS = 3000, HEARTBEAT_MS = 1000, CONNECT_MS = 2000, SOCKET_MS = 10000 };

static const char FILLER[] = "#filling=";

// Options with which an acknowledged write could be lost, or a read could be old; and the one value that is
// fine.
static const struct {
    const char *name, *fine;
} WEAKENING[] = {
    {MONGOC_URI_W, "majority"},
    {MONGOC_URI_JOURNAL, "true"},
    {MONGOC_URI_READPREFERENCE, "primary"},
    {MONGOC_URI_READCONCERNLEVEL, "majority"},
    {MONGOC_URI_RETRYWRITES, "false"},
    {MONGOC_URI_SAFE, "true"},
    {MONGOC_URI_SLAVEOK, "false"},
    {MONGOC_URI_READPREFERENCETAGS, ""},
    {MONGOC_URI_MAXSTALENESSSECONDS, ""},
    {MONGOC_URI_TLSINSECURE, "false"},
    {MONGOC_URI_TLSALLOWINVALIDCERTIFICATES, "false"},
    {MONGOC_URI_TLSALLOWINVALIDHOSTNAMES, "false"},
};

static bool check_option(const char *option, size_t len, struct err *err)
{
    size_t name_len = strcspn(option, "=");
    if (name_len >= len) return true;
    const char *value = option + name_len + 1;
    size_t value_len = len - name_len - 1;
    for (size_t i = 0; i < sizeof WEAKENING / sizeof *WEAKENING; i++) {
        const char *name = WEAKENING[i].name, *fine = WEAKENING[i].fine;
        if (strlen(name) != name_len || strncasecmp(option, name, name_len) != 0) continue;
        if (strlen(fine) == value_len && strncasecmp(value, fine, value_len) == 0) return true;
        return err_fail(err, INTERNAL_ERROR,
                        "the store's URL has %.*s, which weakens reads or writes: leave it out", (int)len,
                        option);
    }
    return true;
}

// In the text, because libmongoc keeps only the options that it knows.
static bool check_options(const char *place, struct err *err)
{
    const char *option = strchrnul(place, '?');
    while (*option && *option != '#') {
        size_t len = strcspn(++option, "&#;");
        if (!check_option(option, len, err)) return false;
        option += len;
    }
    return true;
}

static void set_default(mongoc_uri_t *uri, const char *name, int32_t value)
{
    if (!mongoc_uri_has_option(uri, name)) mongoc_uri_set_option_as_int32(uri, name, value);
}

// A resend is ours to decide: the driver's own would hide that the first one had no answer.
static void set_options(mongoc_uri_t *uri)
{
    set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_MS);
    set_default(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS);
    set_default(uri, MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS);
    set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false);
    if (!mongoc_uri_get_appname(uri)) mongoc_uri_set_appname(uri, "conse");
}

static bool check_database(const mongoc_uri_t *uri, struct err *err)
{
    const char *database = mongoc_uri_get_database(uri);
    if (!database || !*database)
        return err_fail(err, INTERNAL_ERROR, "the store's URL names no database: mongodb://HOST/DATABASE");
    if (strlen(database) >= MONGO_MAX_NAME)
        return err_fail(err, INTERNAL_ERROR, "the database's name %s is too long", database);
    return true;
}

static char *uri_text(const char *place, char filler[40])
{
    const char *mark = strstr(place, FILLER);
    size_t len = mark ? (size_t)(mark - place) : strlen(place);
    char *text;
    snprintf(filler, 40, "%s", mark ? mark + sizeof FILLER - 1 : "");
    return asprintf(&text, "mongodb%.*s", (int)len, place) < 0 ? NULL : text;
}

bool mongo_uri_parse(const char *place, mongoc_uri_t **uri, char filler[40], struct err *err)
{
    bson_error_t error;
    if (!check_options(place, err)) return false;
    char *text = uri_text(place, filler);
    if (!text) return err_fail(err, INTERNAL_ERROR, "out of memory");
    *uri = mongoc_uri_new_with_error(text, &error);
    free(text);
    if (!*uri) return err_fail(err, INTERNAL_ERROR, "the store's URL: %s", error.message);
    set_options(*uri);
    if (check_database(*uri, err)) return true;
    mongoc_uri_destroy(*uri);
    return false;
}
