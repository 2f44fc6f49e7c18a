#include "services/chain/node/place.h"

#include <stdio.h>
#include <string.h>

enum { HOST = 256 };

struct addrinfo *place_read(const char *text, bool listens, struct err *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | (listens ? AI_PASSIVE : 0)};
    struct addrinfo *found = NULL;
    char host[HOST];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host)
        return err_fail(err, INVALID_FIELD, "%s is not HOST:PORT", text), NULL;
    bool bracketed = text[0] == '[' && colon > text + 1 && colon[-1] == ']';
    int length = (int)(colon - text) - (bracketed ? 2 : 0);
    snprintf(host, sizeof host, "%.*s", length, text + bracketed);
    int rv = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found);
    if (rv) return err_fail(err, INVALID_FIELD, "%s: %s", text, gai_strerror(rv)), NULL;
    return found;
}
