#include "services/gateway/api/openapi_pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UUID "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
// A month of 31 or 30 days, February, its 29th in leap years from 1970 on.
#define YEAR "(?:19[7-9][0-9]|[2-9][0-9]{3})"
#define LEAP                                                                                                 \
    "(?:19(?:7[26]|8[048]|9[26])|[2-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)"
#define DATE                                                                                                 \
    "(?:" YEAR "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-" \
    "(?:0[1-9]|1[0-9]|2[0-8]))|" LEAP "-02-29)"
// Control characters, line and paragraph separators, and bidirectional overrides.
#define CONTROLS "\\u007F-\\u009F\\u2028-\\u202E\\u2066-\\u2069"

const char *openapi_pattern_of(Conse__Rule__Format format)
{
    static const char *const patterns[] = {
        [CONSE__RULE__FORMAT__LINE] = "^[^\\u0000-\\u001F" CONTROLS "]*$",
        [CONSE__RULE__FORMAT__TEXT] = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F" CONTROLS "]*$",
        [CONSE__RULE__FORMAT__SECRET] = "^[^\\u0000-\\u001F" CONTROLS "]*$",
        [CONSE__RULE__FORMAT__UUID] = "^" UUID "$",
        [CONSE__RULE__FORMAT__UUID_OR_NONE] = "^(?:" UUID "|NONE)$",
        [CONSE__RULE__FORMAT__ROOM] = "^" UUID "\\.[a-z0-9.-]{1,48}$",
        [CONSE__RULE__FORMAT__USERNAME] = "^[A-Za-z0-9_.-]{3,32}$",
        [CONSE__RULE__FORMAT__PHONE] = "^\\+[1-9][0-9]{7,14}$",
        [CONSE__RULE__FORMAT__LOCAL_TIME] = "^" DATE "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
        [CONSE__RULE__FORMAT__ZONE] = "^[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*$",
        [CONSE__RULE__FORMAT__ADDRESS] = "^[1-9A-HJ-NP-Za-km-z]{32,44}$",
        [CONSE__RULE__FORMAT__SLUG] = "^[a-z0-9-]{1,64}$",
    };
    return format < sizeof patterns / sizeof *patterns ? patterns[format] : NULL;
}

// Numbers with as many digits as `most` and not above it, which begin with the same `at` digits and continue
// with a smaller one.
static int add_smaller(char *out, const char *most, int digits, int at)
{
    char low = at == 0 ? '1' : '0';
    if (most[at] - 1 < low) return 0;
    int len = sprintf(out, "%.*s[%c-%c]", at, most, low, most[at] - 1);
    int rest = digits - at - 1;
    if (rest) len += sprintf(out + len, "[0-9]{%d}", rest);
    return len + sprintf(out + len, "|");
}

void openapi_pattern_number(char out[OPENAPI_PATTERN_SIZE], uint64_t least, uint64_t most)
{
    char text[24];
    int digits = snprintf(text, sizeof text, "%" PRIu64, most),
        len = sprintf(out, least ? "^0*(?:" : "^(?:0+|0*(?:");
    if (digits > 1) len += sprintf(out + len, "[1-9][0-9]{0,%d}|", digits - 2);
    for (int at = 0; at < digits; at++) len += add_smaller(out + len, text, digits, at);
    sprintf(out + len, least ? "%s)$" : "%s))$", text);
}

void openapi_pattern_duration(char out[OPENAPI_PATTERN_SIZE], uint64_t most_s)
{
    static const uint64_t longest_s = 315576000000;
    char whole[OPENAPI_PATTERN_SIZE];
    // With a limit, the last second has no fraction but zero, and minus zero is zero.
    openapi_pattern_number(whole, 0, most_s ? most_s - 1 : longest_s);
    int len =
        sprintf(out, "^%s%.*s(?:\\.[0-9]{1,9})?s", most_s ? "(?:" : "-?", (int)strlen(whole) - 2, whole + 1);
    if (most_s)
        sprintf(out + len, "|0*%" PRIu64 "(?:\\.0{1,9})?s|-0+(?:\\.0{1,9})?s)$", most_s);
    else
        sprintf(out + len, "$");
}

static int add_base64(char *out, const char *alphabet, size_t bytes)
{
    static const char *const ends[] = {"", "[AQgw](?:==)?", "[AEIMQUYcgkosw048]=?"};
    return sprintf(out, "%s{%zu}%s", alphabet, bytes * 4 / 3, ends[bytes % 3]);
}

void openapi_pattern_base64(char out[OPENAPI_PATTERN_SIZE], size_t bytes)
{
    static const char plain[] = "[A-Za-z0-9+/]", url[] = "[A-Za-z0-9_-]";
    if (bytes == 0) {
        snprintf(out, OPENAPI_PATTERN_SIZE,
                 "^(?:(?:%s{4})*(?:%s[AQgw](?:==)?|%s{2}[AEIMQUYcgkosw048]=?)?|"
                 "(?:%s{4})*(?:%s[AQgw](?:==)?|%s{2}[AEIMQUYcgkosw048]=?)?)$",
                 plain, plain, plain, url, url, url);
        return;
    }
    int len = sprintf(out, "^(?:");
    len += add_base64(out + len, plain, bytes);
    len += sprintf(out + len, "|");
    len += add_base64(out + len, url, bytes);
    sprintf(out + len, ")$");
}
