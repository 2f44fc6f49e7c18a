#include "services/gateway/proxy/hops.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const ending[] = {
    "connection",          "keep-alive", "http2-settings",
    "proxy-authenticate",  "te",         "proxy-authentication-info",
    "proxy-authorization", "trailer",    "proxy-connection",
    "transfer-encoding",   "upgrade",
};

bool hops_ends(const char *name)
{
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (strcasecmp(name, ending[i]) == 0) return true;
    return false;
}

bool hops_names(const char *list, const char *token)
{
    size_t len = strlen(token);
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        const char *next = list + item;
        while (item > 0 && (list[item - 1] == ' ' || list[item - 1] == '\t')) item--;
        if (item == len && strncasecmp(list, token, len) == 0) return true;
        list = next;
    }
    return false;
}
