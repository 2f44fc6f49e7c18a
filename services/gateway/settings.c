#include "services/gateway/settings.h"

#define AT(field) offsetof(struct gateway_settings, field)

const struct config_var gateway_vars[] = {
    {"CONSE_LISTEN", CONFIG_TEXT, AT(listen), "127.0.0.1:7438",
     "address of the HTTP API; port 0 takes a free one", 0, 0, NULL},
    {"CONSE_TLS_CERT", CONFIG_TEXT, AT(tls_cert), "",
     "PEM file of the certificate chain; read again on SIGHUP", 0, 0, NULL},
    {"CONSE_TLS_KEY", CONFIG_TEXT, AT(tls_key), "", "PEM file of its private key", 0, 0, NULL},
    {"CONSE_CORS_ORIGINS", CONFIG_TEXT, AT(cors_origins), "",
     "origins of pages that may call, by commas; * for all", 0, 0, NULL},
    {"CONSE_LIMIT_AUTH", CONFIG_TEXT, AT(limit_auth), "120/2",
     "log-in and the like per address: burst/per second", 0, 0, NULL},
    {"CONSE_LIMIT_DEFAULT", CONFIG_TEXT, AT(limit_default), "400/100",
     "everything else per user: burst/per second", 0, 0, NULL},
    {"CONSE_MAX_CONNECTIONS", CONFIG_INT, AT(max_connections), "10240", "client connections", 1, 1000000,
     NULL},
    {"CONSE_MAX_CONNECTIONS_PER_ADDRESS", CONFIG_INT, AT(max_per_address), "2048",
     "client connections of one address", 1, 1000000, NULL},
    {"CONSE_MAX_BODY", CONFIG_SIZE, AT(max_body_bytes), "1M", "largest request body", 1024, 64 << 20, NULL},
    {"CONSE_MAX_IMAGE", CONFIG_SIZE, AT(max_image_bytes), "2M", "largest image", 1024, 2 << 20, NULL},
    {"CONSE_MAX_HEADER", CONFIG_SIZE, AT(max_header_bytes), "8K", "largest request line and headers", 4096,
     1 << 20, NULL},
    {"CONSE_MAX_BODIES", CONFIG_SIZE, AT(max_bodies_bytes), "256M", "request bodies in memory at once",
     4 << 20, 1LL << 40, NULL},
    {"CONSE_HEADER_TIMEOUT", CONFIG_DURATION, AT(header_timeout_ms), "10s",
     "for a connection's first headers", 100, 600000, NULL},
    {"CONSE_IDLE_TIMEOUT", CONFIG_DURATION, AT(idle_timeout_ms), "75s", "between requests of a connection",
     100, 3600000, NULL},
    {"CONSE_REQUEST_TIMEOUT", CONFIG_DURATION, AT(request_timeout_ms), "30s",
     "from a request's headers to the end of its reply", 100, 3600000, NULL},
    {0},
};
