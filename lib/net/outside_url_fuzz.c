// Whatever is taken, libcurl reads as the same host, port and scheme, without a user; an address is public.
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/net/outside_url.h"
#include "lib/net/public_address.h"

static void need_part(CURLU *parsed, CURLUPart part, const char *expected)
{
    char *found = NULL;
    if (curl_url_get(parsed, part, &found, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        strcasecmp(found, expected) != 0)
        __builtin_trap();
    curl_free(found);
}

static void need_none(CURLU *parsed, CURLUPart part)
{
    char *found = NULL;
    if (curl_url_get(parsed, part, &found, 0) == CURLUE_OK) __builtin_trap();
}

static void compare_with_curl(const char *text, const struct outside_url *url)
{
    CURLU *parsed = curl_url();
    char port[8], host[OUTSIDE_HOST + 2];
    const struct sockaddr *address = (const struct sockaddr *)&url->address;
    bool six = url->literal && address->sa_family == AF_INET6;
    if (!parsed || curl_url_set(parsed, CURLUPART_URL, text, 0) != CURLUE_OK) __builtin_trap();
    snprintf(port, sizeof port, "%u", url->port);
    snprintf(host, sizeof host, six ? "[%s]" : "%s", url->host);
    need_part(parsed, CURLUPART_SCHEME, url->tls ? "https" : "http");
    need_part(parsed, CURLUPART_PORT, port);
    if (!six) need_part(parsed, CURLUPART_HOST, host); // curl writes IPv6 in its own way
    need_none(parsed, CURLUPART_USER);
    need_none(parsed, CURLUPART_PASSWORD);
    need_none(parsed, CURLUPART_FRAGMENT);
    curl_url_cleanup(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, bytes, size);
    text[size] = 0;
    for (int loopback = 0; loopback <= 1; loopback++) {
        struct outside_url url;
        if (outside_url_parse(&url, text, loopback)) continue;
        const struct sockaddr *address = (const struct sockaddr *)&url.address;
        if (url.literal && !address_is_public(address) && !(loopback && address_is_loopback(address)))
            __builtin_trap();
        compare_with_curl(text, &url);
    }
    free(text);
    return 0;
}
