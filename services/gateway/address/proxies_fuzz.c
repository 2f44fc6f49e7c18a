// Any bytes as the setting, or as lines of X-Forwarded-For: the address found prints and reads back the same,
// and nothing is read beyond its end.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/address/proxies.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void fuzz_setting(const char *text)
{
    static struct proxies proxies;
    struct err err;
    if (proxies_parse(text, &proxies, &err))
        assert(proxies.count <= PROXIES_MOST);
    else
        assert(err_is(&err, INVALID_FIELD));
}

static void fuzz_header(char *text)
{
    struct proxies proxies;
    struct address peer, client, again;
    struct forwarded forwarded = {.count = 0};
    struct err err;
    char out[ADDRESS_SIZE];
    if (!proxies_parse("10.0.0.0/8,fd00::/8", &proxies, &err) || !address_parse("10.0.0.1", 8, &peer))
        abort();
    for (char *line = text; line; text = line) {
        line = strchr(text, '\n');
        if (line) *line++ = 0;
        forwarded_add(&forwarded, text);
    }
    client = proxies_client(&proxies, &peer, &forwarded);
    address_print(&client, out);
    assert(address_parse(out, strlen(out), &again) && memcmp(&again, &client, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = strndup((const char *)bytes, len); // exactly as long as it is
    if (!text) return 0;
    fuzz_setting(text);
    fuzz_header(text);
    free(text);
    return 0;
}
