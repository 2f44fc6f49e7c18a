// Whether a request comes from Discord: Ed25519 by the application's key over timestamp and raw body. Pure.
#ifndef AI_DISCORD_SIGNATURE_H
#define AI_DISCORD_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGNATURE_KEY = 32, SIGNATURE_OFF_S = 300 }; // how far the timestamp may be from our clock

struct signed_request {
    const char *signature; // 128 hex digits
    const char *timestamp; // unix seconds
    const void *body;
    size_t len;
};

bool signature_is_good(const struct signed_request *request, const uint8_t key[SIGNATURE_KEY],
                       int64_t now_ms);

#endif
