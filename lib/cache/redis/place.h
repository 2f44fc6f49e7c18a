// Where a Redis is, by a URL:
//     redis://[[user]:password@]host[:port][/database]
//     redis+unix://[[user]:password@]/path/of/the.sock[?database]
//     redis+sentinel://[[user]:password@]host[:port]/master[/database]   host: that of the sentinels
// rediss:// (TLS) is refused where hiredis has none. A name stands for all its addresses.
#ifndef LIB_CACHE_REDIS_PLACE_H
#define LIB_CACHE_REDIS_PLACE_H

#include "lib/base/err.h"

enum { REDIS_TEXT = 256 };

struct redis_place {
    enum { REDIS_HOST, REDIS_SOCKET, REDIS_SENTINEL } kind;
    char user[REDIS_TEXT], password[REDIS_TEXT]; // "": none
    char host[REDIS_TEXT];                       // or the socket's path
    unsigned port;
    char master[REDIS_TEXT]; // of a sentinel
    unsigned database;
};

// INVALID_FIELD; the sentence has nothing of the password.
MUST_CHECK bool redis_place_parse(struct redis_place *place, const char *url, struct err *err);

#endif
