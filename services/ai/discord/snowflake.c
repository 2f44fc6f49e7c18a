#include "services/ai/discord/snowflake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_SHIFT = 22 };
static const int64_t epoch_ms = INT64_C(1420070400000); // 2015-01-01

bool snowflake_read(char out[SNOWFLAKE], const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (!len || len >= SNOWFLAKE || *text == '0' || strspn(text, "0123456789") != len) return false;
    errno = 0;
    strtoull(text, NULL, 10);
    snprintf(out, SNOWFLAKE, "%s", text);
    return errno == 0;
}

int64_t snowflake_ms(const char *id) { return (int64_t)(strtoull(id, NULL, 10) >> TIME_SHIFT) + epoch_ms; }
