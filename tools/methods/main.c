// methods: prints docs/methods.md from the passports in proto/ and the gateway's table of routes.
#include <stdio.h>
#include <string.h>

#include "lib/schema/schema.h"
#include "services/gateway/api/routes.h"

static const char *name_of(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    return found ? found->name : "";
}

static const char *field_of(const ProtobufCMessageDescriptor *type, uint8_t field)
{
    return field ? type->fields[field - 1].name : NULL;
}

static void print_programs(uint32_t bits)
{
    const char *between = "";
    for (int bit = 0; bit < 32; bit++) {
        if (!(bits >> bit & 1)) continue;
        printf("%s%s", between, name_of(&conse__asker__value__descriptor, bit));
        between = ", ";
    }
}

// ---- A method

static void print_route(const struct schema_method *method)
{
    size_t count;
    const struct route_row *rows = routes_table(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].method && strcmp(rows[i].method, method->name) == 0)
            printf("`%s %s`", verb_name(rows[i].verb), rows[i].path);
}

static void print_owner(const struct schema_method *method)
{
    const char *between = "";
    for (const struct schema_owner *owner = method->owners; owner->kind; owner++) {
        printf("%s%s of `%s`", between, name_of(&conse__method__owner__kind__descriptor, (int)owner->kind),
               field_of(method->request, owner->field));
        between = ", or ";
    }
    if (method->existence)
        printf("; %s", name_of(&conse__method__existence__descriptor, (int)method->existence));
}

// NULL: nothing of the kind.
static void print_note(const char **between, const char *what, const char *of)
{
    if (!of) return;
    printf("%s%s `%s`", *between, what, of);
    *between = "; ";
}

static void print_notes(const struct schema_method *method)
{
    const char *between = "";
    print_note(&between, "Idempotency-Key kept with", method->keyed_table);
    print_note(&between, "Idempotency-Key kept with", method->keyed_stream);
    print_note(&between, "waits by", field_of(method->request, method->wait));
    print_note(&between, "the body is", field_of(method->request, method->raw_body.body));
    print_note(&between, "the reply is", field_of(method->reply, method->raw_reply.body));
    print_note(&between, "200 when", field_of(method->reply, method->existing));
    print_note(&between, "turns by", field_of(method->request, method->turns_by));
    if (method->turns_caller) printf("%sturns by the caller", between), between = "; ";
    if (method->login_only) printf("%sno API key", between);
}

static void print_method(const struct schema_method *method)
{
    printf("| `%s` | ", strchr(method->name, '.') + 1);
    print_route(method);
    printf(" | %s | %s | %s | ", method->doc, name_of(&conse__class__descriptor, (int)method->class),
           name_of(&conse__method__level__descriptor, (int)method->level));
    print_owner(method);
    printf(" | ");
    print_programs(method->callers);
    printf(" | %s | ", name_of(&conse__method__limit__descriptor, (int)method->limit));
    print_notes(method);
    printf(" |\n");
}

static size_t service_len(const struct schema_method *method) { return strcspn(method->name, "."); }

static bool is_another_service(const struct schema_method *a, const struct schema_method *b)
{
    size_t len = service_len(a);
    return len != service_len(b) || strncmp(a->name, b->name, len) != 0;
}

static void print_service(const struct schema_method *first)
{
    printf("\n## %.*s\n\n", (int)service_len(first), first->name);
    if (strncmp(first->name, "bus.", 4) == 0)
        printf(
            "Every service that publishes answers these, as `<service>.feed.<method>`, for its streams.\n\n");
    printf("| method | over HTTP | what | class | level | owner | called by | limit | notes |\n"
           "|---|---|---|---|---|---|---|---|---|\n");
}

// ---- The page

static void print_methods(void)
{
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || is_another_service(&methods[i - 1], &methods[i])) print_service(&methods[i]);
        print_method(&methods[i]);
    }
}

static void print_streams(void)
{
    printf("\n## Streams\n\n"
           "A program reads a stream whole, or its numbers alone, as the bus has private streams. Users read "
           "streams that their\n"
           "level allows and that the service finds to be theirs. To others a stream is as if it did not "
           "exist.\n\n"
           "| stream | service | whole | numbers | users | on the bus |\n|---|---|---|---|---|---|\n");
    for (const struct schema_stream *stream = schema_streams; stream->name; stream++) {
        printf("| `%s` | %s | ", stream->name, stream->service);
        print_programs(stream->whole);
        printf(" | ");
        print_programs(stream->numbers);
        printf(" | %s | %s |\n",
               stream->level ? name_of(&conse__method__level__descriptor, (int)stream->level) : "none",
               stream->pushed  ? "whole"
               : stream->peers ? "numbers, to peers"
                               : "numbers");
    }
}

int main(void)
{
    printf("# Methods\n\n"
           "The passport of each method, from `proto/`; [options.proto](../proto/options.proto) explains the "
           "words.\n"
           "The level is the lowest that may call. With an owner, the caller must also own the object: to "
           "others it is KNOWN (403)\n"
           "or HIDDEN (404). `make docs` writes this page.\n");
    print_methods();
    print_streams();
    return fflush(stdout) == 0 ? 0 : 1;
}
