// Any text as each of the forms that requests and settings have: accepted values are within bounds, and
// printed values read back the same.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/service/config.h"
#include "lib/service/env_file.h"
#include "lib/base/ids.h"
#include "lib/json/time.h"
#include "lib/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool same(const struct json_time *a, const struct json_time *b)
{
    return a->seconds == b->seconds && a->nanos == b->nanos;
}

static void check_timestamp(const char *text)
{
    struct json_time time, again;
    char printed[JSON_TIME_SIZE];
    if (!json_timestamp_parse(text, &time)) return;
    assert(time.nanos >= 0 && time.nanos < 1000000000);
    bool ok = json_timestamp_print(&time, printed) && json_timestamp_parse(printed, &again);
    assert(ok && same(&time, &again));
}

static void check_duration(const char *text)
{
    struct json_time time, again;
    char printed[JSON_TIME_SIZE];
    if (!json_duration_parse(text, &time)) return;
    assert((time.seconds >= 0 && time.nanos >= 0) || (time.seconds <= 0 && time.nanos <= 0));
    bool ok = json_duration_print(&time, printed) && json_duration_parse(printed, &again);
    assert(ok && same(&time, &again));
}

static void check_setting(const char *text)
{
    const char *name, *value;
    int64_t ms;
    struct err err;
    char *line = strdup(text);
    if (!line) abort();
    line[strcspn(line, "\n")] = 0;
    if (env_file_line(line, &name, &value, &err) && name)
        assert(*name && !strchr(name, '=') && !strchr(value, '\n') &&
               strlen(name) + strlen(value) < strlen(text));
    free(line);
    if (config_duration(text, &ms)) assert(strspn(text, "+-0123456789 \t\r\n\v\f") < strlen(text));
}

static void check_forms(const char *text, size_t len)
{
    uint8_t bytes[16];
    char lower[40];
    if (text_is_username(text)) assert(len >= 3 && len <= 32 && !text_has_controls(text, false));
    if (text_is_phone(text)) assert(len >= 9 && len <= 16 && *text == '+');
    if (text_is_slug(text)) assert(len >= 1 && len <= 64);
    if (text_is_base58(text, 32, 44)) assert(len >= 32 && len <= 44 && !strpbrk(text, "0OIl"));
    if (text_is_visible_ascii(text, 64)) assert(len >= 1 && len <= 64 && text_is_utf8(text, len));
    if (text_is_zone_name(text)) assert(!strstr(text, "..") && *text != '/');
    if (uuid_check(text)) assert(len == UUID_LEN && !hex_decode(bytes, sizeof bytes, text));
    text_is_local_time(text);
    text_has_controls(text, true);
    text_lower(lower, sizeof lower, text);
    assert(strlen(lower) < sizeof lower);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = strndup((const char *)bytes, len); // exactly as long as it is
    if (!text) abort();
    text_is_utf8((const char *)bytes, len);
    check_timestamp(text);
    check_duration(text);
    check_setting(text);
    if (text_is_utf8(text, strlen(text))) check_forms(text, strlen(text));
    free(text);
    return 0;
}
