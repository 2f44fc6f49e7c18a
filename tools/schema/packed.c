#include "tools/schema/packed.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/schema/named.h"

#define LABEL(label_) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_##label_
#define TYPE(type_) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##type_

// A field, where it is, and what it says.
struct packed {
    const FileSet *set;
    const File *file;
    const Message *message;
    const Field *field;
    const Conse__Packed *says;
};

static _Noreturn void packed_die(const struct packed *p, const char *fault, const char *name)
{
    fprintf(stderr, "schema: %s.%s.%s: packed.%s \"%s\"\n", p->file->package, p->message->name,
            p->field->name, fault, name);
    exit(1);
}

// The place of the field that is shown; 0: the member of the oneof that is set.
static unsigned shown_place(const struct packed *p, const Message *inner, const char *of)
{
    if (inner->n_oneof_decl == 1 && strcmp(inner->oneof_decl[0]->name, of) == 0) return 0;
    if (!named_field(inner, of)) packed_die(p, "beside.of: neither a field nor the only oneof:", of);
    return named_place(inner, of);
}

static void print_beside(const struct packed *p, const Message *inner)
{
    for (size_t i = 0; i < p->says->n_beside; i++) {
        const Conse__Packed__Beside *beside = p->says->beside[i];
        if (!*beside->name || named_field(p->message, beside->name))
            packed_die(p, "beside.name: not a new name:", beside->name);
        printf("{\"%s\", %u}, ", beside->name, shown_place(p, inner, beside->of));
    }
}

static void print_packed(const struct packed *p)
{
    char full_name[MAX_NAME], symbol[MAX_NAME * 2];
    snprintf(full_name, sizeof full_name, ".%s", p->says->type);
    const Message *inner = named_message(p->set, full_name);
    if (p->field->type != TYPE(BYTES) || p->field->label == LABEL(REPEATED))
        packed_die(p, "type: not of bytes:", p->says->type);
    if (!inner) packed_die(p, "type: no message", p->says->type);
    snprintf(full_name, sizeof full_name, "%s.%s", p->file->package, p->message->name);
    named_symbol(symbol, full_name);
    printf("    {&%s__descriptor, %u, ", symbol, named_place(p->message, p->field->name));
    named_symbol(symbol, p->says->type);
    printf("&%s__descriptor, (const struct schema_beside[]){", symbol);
    print_beside(p, inner);
    printf("{NULL, 0}}},\n");
}

static void print_of(const FileSet *set, const File *file, const Message *message)
{
    bool printed = false;
    for (size_t i = 0; i < message->n_field; i++) {
        struct packed p = {set, file, message, message->field[i], option_packed(message->field[i])};
        if (!p.says) continue;
        if (printed) packed_die(&p, "type: the second of its message:", p.says->type);
        print_packed(&p);
        printed = true;
    }
}

void packed_print(const FileSet *set)
{
    printf("\nconst struct schema_packed schema_packed_table[] = {\n");
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t m = 0; m < set->file[f]->n_message_type; m++)
            print_of(set, set->file[f], set->file[f]->message_type[m]);
    printf("    {NULL, 0, NULL, NULL},\n};\n\n");
}
