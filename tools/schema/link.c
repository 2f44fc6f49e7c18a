#include "tools/schema/link.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/schema/named.h"

#define LABEL(label_) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_##label_
#define TYPE(type_) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##type_

// A field, where it is, and what it says.
struct link {
    const FileSet *set;
    const File *file;
    const Message *message;
    const Field *field;
    const Conse__Link *says;
    const Message *request;
};

static _Noreturn void link_die(const struct link *l, const char *fault, const char *name)
{
    fprintf(stderr, "schema: %s.%s.%s: link.%s \"%s\"\n", l->file->package, l->message->name, l->field->name,
            fault, name);
    exit(1);
}

static const Method *find_method(const FileSet *set, const char *full_name)
{
    char name[MAX_NAME];
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t s = 0; s < set->file[f]->n_service; s++)
            for (size_t m = 0; m < set->file[f]->service[s]->n_method; m++) {
                const Method *method = set->file[f]->service[s]->method[m];
                snprintf(name, sizeof name, "%s.%s", set->file[f]->package, method->name);
                if (strcmp(name, full_name) == 0) return method;
            }
    return NULL;
}

static bool is_one_string(const Field *field)
{
    return field && field->type == TYPE(STRING) && field->label != LABEL(REPEATED);
}

static const char *request_field(const struct link *l)
{
    return *l->says->field ? l->says->field : l->field->name;
}

static void check_method(struct link *l)
{
    const Method *method = find_method(l->set, l->says->method);
    const Conse__Method *passport = method ? option_passport(method) : NULL;
    if (!passport) link_die(l, "method: there is none", l->says->method);
    if (passport->class_ != CONSE__CLASS__READ && passport->class_ != CONSE__CLASS__BULK)
        link_die(l, "method: it does not read:", l->says->method);
    l->request = named_message(l->set, method->input_type);
}

static void check_fields(const struct link *l)
{
    if (!is_one_string(l->field)) link_die(l, "method: not of one string:", l->says->method);
    if (!is_one_string(named_field(l->request, request_field(l))))
        link_die(l, "field: the request has no string", request_field(l));
    for (size_t i = 0; i < l->says->n_with; i++) {
        if (!is_one_string(named_field(l->request, l->says->with[i]->field)))
            link_die(l, "with.field: the request has no string", l->says->with[i]->field);
        if (!is_one_string(named_field(l->message, l->says->with[i]->from)))
            link_die(l, "with.from: the message has no string", l->says->with[i]->from);
    }
}

// "god" of "god_id", unless a name is given.
static void link_name(const struct link *l, char name[MAX_NAME])
{
    size_t len = strlen(l->field->name);
    bool is_id = len > 3 && strcmp(l->field->name + len - 3, "_id") == 0;
    if (!*l->says->name && !is_id) link_die(l, "name: not given for", l->field->name);
    snprintf(name, MAX_NAME, "%.*s", (int)(len - 3), l->field->name);
    if (*l->says->name) snprintf(name, MAX_NAME, "%s", l->says->name);
    if (named_field(l->message, name)) link_die(l, "name: a field has it:", name);
}

static void print_link(struct link *l)
{
    char name[MAX_NAME];
    check_method(l);
    check_fields(l);
    link_name(l, name);
    printf("    {\"%s\", \"%s\", %u, (const struct schema_fill[]){{%u, %u}, ", name, l->says->method,
           named_place(l->message, l->field->name), named_place(l->request, request_field(l)),
           named_place(l->message, l->field->name));
    for (size_t i = 0; i < l->says->n_with; i++)
        printf("{%u, %u}, ", named_place(l->request, l->says->with[i]->field),
               named_place(l->message, l->says->with[i]->from));
    printf("{0, 0}}},\n");
}

static size_t links_of(const Message *message)
{
    size_t count = 0;
    for (size_t i = 0; i < message->n_field; i++)
        for (size_t k = 0; option_link(message->field[i], k); k++) count++;
    return count;
}

static void print_message(const FileSet *set, const File *file, const Message *message)
{
    char full_name[MAX_NAME], symbol[MAX_NAME * 2];
    snprintf(full_name, sizeof full_name, "%s.%s", file->package, message->name);
    named_symbol(symbol, full_name);
    printf("static const struct schema_link %s_links[] = {\n", symbol);
    for (size_t i = 0; i < message->n_field; i++)
        for (size_t k = 0;; k++) {
            struct link l = {set, file, message, message->field[i], option_link(message->field[i], k), NULL};
            if (!l.says) break;
            print_link(&l);
        }
    printf("    {NULL, NULL, 0, NULL},\n};\n");
}

static void print_row(const File *file, const Message *message)
{
    char full_name[MAX_NAME], symbol[MAX_NAME * 2];
    snprintf(full_name, sizeof full_name, "%s.%s", file->package, message->name);
    named_symbol(symbol, full_name);
    printf("    {&%s__descriptor, %s_links},\n", symbol, symbol);
}

// They would be lost silently.
static void refuse_inner(const FileSet *set, const File *file, const Message *message)
{
    for (size_t n = 0; n < message->n_nested_type; n++) {
        const Message *inner = message->nested_type[n];
        for (size_t i = 0; i < inner->n_field; i++) {
            struct link l = {set, file, inner, inner->field[i], option_link(inner->field[i], 0), NULL};
            if (l.says) link_die(&l, "method: of a message in another:", l.says->method);
        }
        refuse_inner(set, file, inner);
    }
}

void link_print(const FileSet *set)
{
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t m = 0; m < set->file[f]->n_message_type; m++) {
            refuse_inner(set, set->file[f], set->file[f]->message_type[m]);
            if (links_of(set->file[f]->message_type[m]))
                print_message(set, set->file[f], set->file[f]->message_type[m]);
        }
    printf("\nconst struct schema_links schema_link_table[] = {\n");
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t m = 0; m < set->file[f]->n_message_type; m++)
            if (links_of(set->file[f]->message_type[m]))
                print_row(set->file[f], set->file[f]->message_type[m]);
    printf("    {NULL, NULL},\n};\n\n");
}
