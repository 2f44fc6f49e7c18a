// The place of a walk over a message, in the form for clients: "roles[2].copies". Printed only when something
// is wrong.
#ifndef LIB_SCHEMA_FIELD_PLACE_H
#define LIB_SCHEMA_FIELD_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct field_place {
    const struct field_place *outer; // of the message that the field is in; NULL at the top
    const char *name;
    size_t index;
    bool element; // of a list, at index
};

// Returns the length; what does not fit is left out.
size_t field_place_print(const struct field_place *place, char *out, size_t size);

#endif
