#include "services/gateway/graphql/text/faults.h"

#include <stdio.h>

enum { STEP = 256 }; // bytes between places that are known

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

// The place behind the i-th byte.
static struct gql_place place_pass(struct gql_place place, const char *text, size_t len, size_t i)
{
    unsigned char c = (unsigned char)text[i];
    bool breaks = c == '\n' || (c == '\r' && !(i + 1 < len && text[i + 1] == '\n'));
    if (breaks) return (struct gql_place){place.line + 1, 1};
    if (c < 0x80 || c >= 0xc0) // not within a character; those of four bytes are two units
        place.column += c >= 0xf0 ? 2 : 1;
    return place;
}

struct gql_place gql_place_of(const char *text, size_t len, uint32_t at)
{
    struct gql_place place = {1, 1};
    for (size_t i = 0; i < at && i < len; i++) place = place_pass(place, text, len, i);
    return place;
}

void gql_places_init(struct gql_places *places, const char *text, size_t len, struct arena *arena)
{
    struct gql_place place = {1, 1};
    *places = (struct gql_places){text, len, arena_array(arena, len / STEP + 1, sizeof *places->known)};
    for (size_t i = 0; places->known && i <= len; i++) {
        if (i % STEP == 0) places->known[i / STEP] = place;
        if (i < len) place = place_pass(place, text, len, i);
    }
}

struct gql_place gql_places_find(const struct gql_places *places, uint32_t at)
{
    size_t end = at < places->len ? at : places->len, from = end / STEP * STEP;
    if (!places->known) return gql_place_of(places->text, places->len, at);
    struct gql_place place = places->known[from / STEP];
    for (size_t i = from; i < end; i++) place = place_pass(place, places->text, places->len, i);
    return place;
}
