// The gateway's settings; lib/service adds the common ones.
#ifndef GATEWAY_SETTINGS_H
#define GATEWAY_SETTINGS_H

#include "lib/service/config.h"

struct gateway_settings {
    const char *listen;
    const char *tls_cert, *tls_key;
    const char *cors_origins;
    const char *trusted_proxies;
    const char *limit_auth, *limit_default, *limit_join, *limit_crowd;
    const char *cache, *console;
    const char *graphql, *graphql_documents;
    int64_t loops, proof_bits, max_connections, max_per_address;
    int64_t max_body_bytes, max_image_bytes, max_header_bytes, max_bodies_bytes;
    int64_t max_replies_bytes, max_replies_per_address, reply_cache_bytes;
    int64_t max_streams, streams_per_user, streams_per_address, streams_per_live_address;
    int64_t stream_behind_bytes, stream_behind_messages, stream_behind_ms;
    const char *proxy, *proxy_connect;
    bool traces_trusted;
    int64_t proxy_most, proxy_body_bytes, proxy_timeout_ms, proxy_idle_ms;
    int64_t header_timeout_ms, idle_timeout_ms, request_timeout_ms, stall_timeout_ms;
};

extern const struct config_var gateway_vars[];

#endif
