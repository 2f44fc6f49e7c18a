#include "tools/schema/named.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const Message *named_message(const FileSet *set, const char *full_name)
{
    char name[MAX_NAME];
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t m = 0; m < set->file[f]->n_message_type; m++) {
            const Message *message = set->file[f]->message_type[m];
            snprintf(name, sizeof name, ".%s.%s", set->file[f]->package, message->name);
            if (strcmp(name, full_name) == 0) return message;
        }
    return NULL;
}

const Field *named_field(const Message *message, const char *name)
{
    for (size_t i = 0; message && i < message->n_field; i++)
        if (strcmp(message->field[i]->name, name) == 0) return message->field[i];
    return NULL;
}

unsigned named_place(const Message *message, const char *name)
{
    const Field *field = named_field(message, name);
    unsigned place = field != NULL;
    for (size_t i = 0; field && i < message->n_field; i++) place += message->field[i]->number < field->number;
    return place;
}

// protobuf-c's way from CamelCase to lower_case.
static void named_lower(char *out, const char *camel)
{
    out += strlen(out);
    bool was_upper = true;
    for (; *camel; camel++) {
        bool upper = isupper((unsigned char)*camel);
        if (upper && !was_upper) *out++ = '_';
        *out++ = (char)tolower((unsigned char)*camel);
        was_upper = upper;
    }
    *out = 0;
}

void named_symbol(char out[MAX_NAME * 2], const char *full_name)
{
    char part[MAX_NAME];
    *out = 0;
    for (const char *p = full_name + (*full_name == '.'); *p;) {
        size_t len = strcspn(p, ".");
        snprintf(part, sizeof part, "%.*s", (int)len, p);
        if (*out) strcat(out, "__");
        named_lower(out, part);
        p += len + (p[len] == '.');
    }
}
