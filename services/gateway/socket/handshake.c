#include "services/gateway/socket/handshake.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEY_BYTES = 16, KEY_TEXT = 24, SHA1_BYTES = 20 };

#define VERSION "13"
#define PROTOCOL "graphql-transport-ws"
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

typedef int compare(const char *a, const char *b, size_t len);

static bool list_has(const char *list, const char *name, compare *differs)
{
    size_t len = strlen(name);
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        const char *next = list + item;
        while (item > 0 && (list[item - 1] == ' ' || list[item - 1] == '\t')) item--;
        if (item == len && differs(list, name, len) == 0) return true;
        list = next;
    }
    return false;
}

bool handshake_is_asked(const struct http_headers *headers)
{
    return list_has(headers->upgrade, "websocket", strncasecmp);
}

static bool is_key(const char *key)
{
    uint8_t bytes[KEY_BYTES];
    size_t len;
    const char *end;
    return strlen(key) == KEY_TEXT &&
           sodium_base642bin(bytes, sizeof bytes, key, KEY_TEXT, NULL, &len, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           len == sizeof bytes && *end == 0;
}

static void accept_key(const char *key, char accept[HANDSHAKE_ACCEPT])
{
    char text[KEY_TEXT + sizeof GUID];
    uint8_t hash[SHA1_BYTES];
    memcpy(text, key, KEY_TEXT);
    memcpy(text + KEY_TEXT, GUID, sizeof GUID);
    if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, sizeof text - 1, hash) != 0) abort();
    sodium_bin2base64(accept, HANDSHAKE_ACCEPT, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
}

static bool check_version(const struct http_headers *headers, struct err *err)
{
    const char *version = headers->websocket_version;
    return (version && strcmp(version, VERSION) == 0) ||
           err_field(err, UPGRADE_REQUIRED, "Sec-WebSocket-Version",
                     "Sec-WebSocket-Version must be " VERSION);
}

static bool check_key(const struct http_headers *headers, struct err *err)
{
    return (headers->websocket_key && is_key(headers->websocket_key)) ||
           err_field(err, MALFORMED, "Sec-WebSocket-Key", "Sec-WebSocket-Key must be 16 bytes in base64");
}

static bool check_origin(const struct http_headers *headers, const struct cors *cors, struct err *err)
{
    return cors_admits(cors, headers->origin, headers->host) ||
           err_fail(err, ORIGIN_REFUSED, "pages of this origin may not open sockets");
}

bool handshake_check(const struct http_exchange *http, const struct cors *cors, struct handshake *handshake,
                     struct err *err)
{
    const struct http_headers *headers = &http->headers;
    if (strcmp(http->method, "GET") != 0) return err_fail(err, MALFORMED, "a socket is opened by GET");
    if (!check_version(headers, err) || !check_key(headers, err) || !check_origin(headers, cors, err))
        return false;
    accept_key(headers->websocket_key, handshake->accept);
    handshake->protocol = list_has(headers->websocket_protocol, PROTOCOL, strncmp) ? PROTOCOL : NULL;
    return true;
}

void handshake_answer(const struct handshake *handshake, struct http_answer *answer)
{
    http_answer_add(answer, "Sec-WebSocket-Accept", handshake->accept);
    if (handshake->protocol) http_answer_add(answer, "Sec-WebSocket-Protocol", handshake->protocol);
}

void handshake_refuse(const struct err *err, struct http_answer *answer)
{
    if (!err_is(err, UPGRADE_REQUIRED)) return;
    http_answer_add(answer, "Upgrade", "websocket");
    http_answer_add(answer, "Sec-WebSocket-Version", VERSION);
}
