// schema FILE_DESCRIPTOR_SET: prints the C tables behind lib/schema/schema.h, made from what protoc wrote
// with --include_source_info.
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/schema/link.h"
#include "tools/schema/named.h"
#include "tools/schema/packed.h"
#include "tools/schema/passport.h"
#include "tools/schema/stream.h"

typedef Google__Protobuf__SourceCodeInfo__Location Location;

enum { CODE = 50001, STATUS = 50002, MAX_DEPTH = 8, MAX_FIELDS = 256 };

// Where a definition stands in its file: descriptor.proto calls it a path.
struct place {
    const File *file;
    int32_t path[MAX_DEPTH * 2];
    size_t depth;
};

static _Noreturn void schema_die(const char *what, const char *where)
{
    fprintf(stderr, "schema: %s %s\n", what, where);
    exit(1);
}

static struct place schema_inside(struct place place, int32_t field, size_t index)
{
    place.path[place.depth++] = field;
    place.path[place.depth++] = (int32_t)index;
    return place;
}

static const Location *find_location(const struct place *place)
{
    const Google__Protobuf__SourceCodeInfo *info = place->file->source_code_info;
    for (size_t i = 0; info && i < info->n_location; i++) {
        const Location *l = info->location[i];
        if (l->n_path == place->depth && memcmp(l->path, place->path, l->n_path * sizeof *l->path) == 0)
            return l;
    }
    return NULL;
}

static void print_text(const char *text)
{
    while (isspace((unsigned char)*text)) text++;
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1])) len--;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\') putchar('\\');
        if (text[i] != '\n') putchar(text[i]);
    }
}

static void print_doc(struct place place)
{
    const Location *l = find_location(&place);
    putchar('"');
    if (l && l->leading_comments) print_text(l->leading_comments);
    if (l && l->trailing_comments) print_text(l->trailing_comments);
    putchar('"');
}

static void print_rule(const Field *field)
{
    const Conse__Rule *rule = option_rule(field);
    if (!rule) {
        printf("{0}");
        return;
    }
    printf("{%d, %u, %u, %u, %lluu, %lluu, %d, %d}", rule->required, rule->min_len, rule->max_len,
           rule->max_items, (unsigned long long)rule->min, (unsigned long long)rule->max, (int)rule->format,
           rule->present);
}

static int by_number(const void *a, const void *b)
{
    return (*(Field *const *)a)->number - (*(Field *const *)b)->number;
}

// What names an object is one string.
static void check_names(const Field *field, const char *symbol)
{
    bool is_one_string = field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING &&
                         field->label != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    if (option_number(field->options, OPTION_NAMES) && !is_one_string)
        schema_die("names is of one string, in", symbol);
}

static void print_fields(const Message *message, struct place place, const char *symbol)
{
    const Field *declared[MAX_FIELDS];
    if (message->n_field > MAX_FIELDS) schema_die("too many fields in", symbol);
    memcpy(declared, message->field, message->n_field * sizeof *declared);
    qsort(message->field, message->n_field, sizeof *message->field, by_number);
    printf("static const struct schema_field %s_fields[] = {\n", symbol);
    for (size_t i = 0; i < message->n_field; i++) {
        size_t at = 0;
        check_names(message->field[i], symbol);
        while (declared[at] != message->field[i]) at++;
        printf("    {");
        print_rule(message->field[i]);
        printf(", ");
        print_doc(schema_inside(place, 2, at));
        printf(", %u, %u},\n", option_number(message->field[i]->options, OPTION_NAMES),
               option_number(message->field[i]->options, OPTION_SECRET));
    }
    printf("    {{0}, \"\", 0, 0},\n};\n");
}

typedef void each_message(const Message *message, struct place place, const char *full_name);

static void schema_walk(const Message *message, struct place place, const char *outer, each_message *visit)
{
    char name[MAX_NAME];
    snprintf(name, sizeof name, "%s.%s", outer, message->name);
    visit(message, place, name);
    for (size_t i = 0; i < message->n_nested_type; i++)
        schema_walk(message->nested_type[i], schema_inside(place, 3, i), name, visit);
}

static void walk_file(const File *file, each_message *visit)
{
    for (size_t i = 0; i < file->n_message_type; i++)
        schema_walk(file->message_type[i], schema_inside((struct place){.file = file}, 4, i), file->package,
                    visit);
}

static void visit_fields(const Message *message, struct place place, const char *full_name)
{
    char symbol[MAX_NAME * 2];
    named_symbol(symbol, full_name);
    print_fields(message, place, symbol);
}

// In GraphQL: the message's own, or the file's in front of its name and of those that it is in.
static void print_title(const Message *message, const File *file, const char *full_name)
{
    const char *own = option_title(message), *before = option_titles(file);
    if (!*own && !*before) {
        printf("NULL");
        return;
    }
    putchar('"');
    fputs(*own ? own : before, stdout);
    for (const char *p = full_name + strlen(file->package); !*own && *p; p++)
        if (*p != '.') putchar(*p);
    putchar('"');
}

static void visit_row(const Message *message, struct place place, const char *full_name)
{
    char symbol[MAX_NAME * 2];
    named_symbol(symbol, full_name);
    printf("    {&%s__descriptor, ", symbol);
    print_doc(place);
    printf(", ");
    print_title(message, place.file, full_name);
    printf(", %s_fields},\n", symbol);
}

static bool schema_commented(const struct place *place)
{
    const Location *l = find_location(place);
    return l && (l->leading_comments || l->trailing_comments);
}

static void print_method(const FileSet *set, const File *file, size_t s, size_t m)
{
    const Method *proto = file->service[s]->method[m];
    struct place place = schema_inside(schema_inside((struct place){.file = file}, 6, s), 2, m);
    struct method method = {set, file->package, proto, schema_commented(&place)};
    char request[MAX_NAME * 2], reply[MAX_NAME * 2];
    named_symbol(request, proto->input_type);
    named_symbol(reply, proto->output_type);
    printf("    {.name = \"%s.%s\", .request = &%s__descriptor, .reply = &%s__descriptor, ", file->package,
           proto->name, request, reply);
    passport_print(&method);
    printf(", .doc = ");
    print_doc(place);
    printf("},\n");
}

static void print_methods(const FileSet *set, const File *file)
{
    for (size_t s = 0; s < file->n_service; s++)
        for (size_t m = 0; m < file->service[s]->n_method; m++) print_method(set, file, s, m);
}

// The values of message Reason's enum Value, in errors.proto.
static void print_reasons(const File *file)
{
    for (size_t i = 0; i < file->n_message_type; i++) {
        const Message *message = file->message_type[i];
        if (strcmp(message->name, "Reason") != 0) continue;
        const Google__Protobuf__EnumDescriptorProto *values = message->enum_type[0];
        struct place place = schema_inside(schema_inside((struct place){.file = file}, 4, i), 4, 0);
        for (size_t v = 0; v < values->n_value; v++) {
            const void *options = values->value[v]->options;
            printf("    [%d] = {\"%s\", %u, %u, ", values->value[v]->number, values->value[v]->name,
                   option_number(options, CODE), option_number(options, STATUS));
            print_doc(schema_inside(place, 2, v));
            printf("},\n");
        }
    }
}

static bool schema_ours(const File *file)
{
    return strncmp(file->name, "google/", 7) != 0 && strncmp(file->name, "protobuf-c/", 11) != 0;
}

static FileSet *schema_load(const char *path)
{
    static uint8_t bytes[4 * 1024 * 1024];
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    return len && len < sizeof bytes ? google__protobuf__file_descriptor_set__unpack(NULL, len, bytes) : NULL;
}

int main(int argc, char **argv)
{
    FileSet *set = argc == 2 ? schema_load(argv[1]) : NULL;
    if (!set) return fprintf(stderr, "usage: schema FILE_DESCRIPTOR_SET\n"), 2;
    printf("#include \"lib/base/reason.h\"\n#include \"lib/schema/schema_tables.h\"\n\n");
    for (size_t i = 0; i < set->n_file; i++)
        if (schema_ours(set->file[i]))
            printf("#include \"%.*s.pb-c.h\"\n", (int)strlen(set->file[i]->name) - 6, set->file[i]->name);
    printf("#include \"google/protobuf/empty.pb-c.h\"\n\n");
    for (size_t i = 0; i < set->n_file; i++)
        if (schema_ours(set->file[i])) walk_file(set->file[i], visit_fields);
    printf("\nconst struct schema_message schema_message_table[] = {\n");
    for (size_t i = 0; i < set->n_file; i++)
        if (schema_ours(set->file[i])) walk_file(set->file[i], visit_row);
    printf("    {NULL, NULL, NULL, NULL},\n};\n\nconst struct schema_method schema_method_table[] = {\n");
    for (size_t i = 0; i < set->n_file; i++)
        if (schema_ours(set->file[i])) print_methods(set, set->file[i]);
    printf("    {.name = NULL},\n};\n\nconst struct reason reason_table[] = {\n");
    for (size_t i = 0; i < set->n_file; i++)
        if (schema_ours(set->file[i])) print_reasons(set->file[i]);
    printf("};\n");
    stream_print(set);
    packed_print(set);
    link_print(set);
    printf("const size_t reason_table_size = sizeof reason_table / sizeof "
           "*reason_table;\n");
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
