// How a connection becomes a WebSocket (RFC 6455, section 4.2): what its request must say, and what the 101
// answers. That Upgrade and Connection are there, http_upgrade checks. Pure.
#ifndef GATEWAY_SOCKET_HANDSHAKE_H
#define GATEWAY_SOCKET_HANDSHAKE_H

#include "services/gateway/access/cors.h"
#include "services/gateway/http/http.h"

enum { HANDSHAKE_ACCEPT = 29 };

struct handshake {
    char accept[HANDSHAKE_ACCEPT]; // Sec-WebSocket-Accept
    const char *protocol; // that was chosen, a constant; NULL: the client offers none that is spoken here
};

// Whether the request asks for a WebSocket at all.
bool handshake_is_asked(const struct http_headers *headers);
// UPGRADE_REQUIRED for another version, ORIGIN_REFUSED, or MALFORMED.
MUST_CHECK bool handshake_check(const struct http_exchange *http, const struct cors *cors,
                                struct handshake *handshake, struct err *err);
// Fields of the 101; those of the handshake are borrowed until it is given.
void handshake_answer(const struct handshake *handshake, struct http_answer *answer);
// Fields of the answer to a refused one.
void handshake_refuse(const struct err *err, struct http_answer *answer);

#endif
