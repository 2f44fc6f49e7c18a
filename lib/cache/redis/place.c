#include "lib/cache/redis/place.h"

#include <curl/curl.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIX "redis+unix://"
enum { REDIS_PORT = 6379, SENTINEL_PORT = 26379, MOST_DATABASE = 1 << 20 };

// The part's text, decoded; "" when the URL has none. False when it does not fit, or has a NUL.
static bool copy_part(char out[REDIS_TEXT], CURLU *url, CURLUPart part)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, CURLU_URLDECODE | CURLU_NON_SUPPORT_SCHEME);
    bool fits = code != CURLUE_URLDECODE && strlen(text ? text : "") < REDIS_TEXT;
    snprintf(out, REDIS_TEXT, "%s", text && fits ? text : "");
    curl_free(text);
    return fits;
}

static bool read_number(const char *text, unsigned most, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = (unsigned)value;
    return isdigit((unsigned char)*text) && !*end && value <= most;
}

static bool read_database(struct redis_place *place, const char *text)
{
    return !*text || read_number(text, MOST_DATABASE, &place->database);
}

// "/master/3" or "/3".
static bool read_path(struct redis_place *place, const char *path)
{
    if (*path == '/') path++;
    if (place->kind == REDIS_HOST) return read_database(place, path);
    size_t len = strcspn(path, "/");
    snprintf(place->master, sizeof place->master, "%.*s", (int)len, path);
    return len && read_database(place, path + len + (path[len] == '/'));
}

static bool read_kind(struct redis_place *place, CURLU *url)
{
    static const char *const schemes[] = {"redis", "redis+unix", "redis+sentinel"};
    char scheme[REDIS_TEXT];
    if (!copy_part(scheme, url, CURLUPART_SCHEME)) return false;
    for (unsigned i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        place->kind = i;
        if (strcmp(scheme, schemes[i]) == 0) return true;
    }
    return false;
}

static bool read_host(struct redis_place *place, CURLU *url)
{
    char port[REDIS_TEXT], path[REDIS_TEXT];
    place->port = place->kind == REDIS_SENTINEL ? SENTINEL_PORT : REDIS_PORT;
    return copy_part(place->host, url, CURLUPART_HOST) && *place->host &&
           copy_part(port, url, CURLUPART_PORT) &&
           (!*port || (read_number(port, 65535, &place->port) && place->port)) &&
           copy_part(path, url, CURLUPART_PATH) && read_path(place, path);
}

static bool read_socket(struct redis_place *place, CURLU *url)
{
    char database[REDIS_TEXT];
    return copy_part(place->host, url, CURLUPART_PATH) && place->host[0] == '/' && place->host[1] &&
           copy_part(database, url, CURLUPART_QUERY) && read_database(place, database);
}

static bool read_parts(struct redis_place *place, CURLU *url)
{
    return read_kind(place, url) && copy_part(place->user, url, CURLUPART_USER) &&
           copy_part(place->password, url, CURLUPART_PASSWORD) && (!*place->user || *place->password) &&
           (place->kind == REDIS_SOCKET ? read_socket(place, url) : read_host(place, url));
}

// curl takes a path for a host when there is none.
static CURLUcode set_url(CURLU *url, const char *text)
{
    const unsigned how = CURLU_NON_SUPPORT_SCHEME | CURLU_NO_AUTHORITY;
    const char *socket = strncmp(text, UNIX, strlen(UNIX)) == 0 ? strchr(text + strlen(UNIX), '/') : NULL;
    char whole[3 * REDIS_TEXT];
    if (!socket) return curl_url_set(url, CURLUPART_URL, text, how);
    int len = snprintf(whole, sizeof whole, "%.*ssocket%s", (int)(socket - text), text, socket);
    if (len < 0 || (size_t)len >= sizeof whole) return CURLUE_MALFORMED_INPUT;
    return curl_url_set(url, CURLUPART_URL, whole, how);
}

bool redis_place_parse(struct redis_place *place, const char *text, struct err *err)
{
    *place = (struct redis_place){.kind = REDIS_HOST};
    if (strncmp(text, "rediss:", strlen("rediss:")) == 0)
        return err_fail(
            err, INVALID_FIELD,
            "this build speaks no TLS with Redis: use redis:// on a network of its own, or through a "
            "local proxy such as stunnel");
    CURLU *url = curl_url();
    bool ok = url && set_url(url, text) == CURLUE_OK && read_parts(place, url);
    curl_url_cleanup(url);
    return ok ||
           err_fail(
               err, INVALID_FIELD,
               "a cache is at redis://[user:password@]host[:port][/database], "
               "redis+unix://[user:password@]/path or redis+sentinel://[user:password@]host[:port]/master");
}
