#include "lib/schema/field_place.h"

#include <stdio.h>

size_t field_place_print(const struct field_place *place, char *out, size_t size)
{
    size_t at = place->outer ? field_place_print(place->outer, out, size) : 0;
    if (at >= size) return at;
    const char *dot = at ? "." : "";
    int n = place->element ? snprintf(out + at, size - at, "%s%s[%zu]", dot, place->name, place->index)
                           : snprintf(out + at, size - at, "%s%s", dot, place->name);
    return at + (n > 0 ? (size_t)n : 0);
}
