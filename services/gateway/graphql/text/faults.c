#include "services/gateway/graphql/text/faults.h"

#include <stdio.h>

void gql_faults_add(struct gql_faults *faults, Conse__Reason__Value reason, const char *rule, uint32_t at,
                    const char *format, ...)
{
    char message[256];
    va_list args;
    if (faults->count == GQL_FAULTS_MOST) return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const char *kept = arena_str(faults->arena, message);
    faults->faults[faults->count++] = (struct gql_fault){reason, rule, at, kept ? kept : "no memory"};
}

struct gql_place gql_place_of(const char *text, size_t len, uint32_t at)
{
    struct gql_place place = {1, 1};
    for (size_t i = 0; i < at && i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool breaks = c == '\n' || (c == '\r' && !(i + 1 < len && text[i + 1] == '\n'));
        if (breaks)
            place = (struct gql_place){place.line + 1, 1};
        else if (c < 0x80 || c >= 0xc0) // not within a character; those of four bytes are two units
            place.column += c >= 0xf0 ? 2 : 1;
    }
    return place;
}
