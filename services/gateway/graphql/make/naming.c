// Names in GraphQL, from those of proto/.
#include <ctype.h>
#include <string.h>

#include "services/gateway/graphql/make/making.h"

static const char *const verbs[] = {"Get", "List", "Find", "Read"};

const char *name_camel(struct making *making, const char *snake)
{
    char *camel = making_alloc(making, strlen(snake) + 1, 1), *out = camel;
    for (; *snake; snake++) {
        bool joint = *snake == '_' && snake[1];
        if (joint) snake++;
        *out++ = (char)(joint ? toupper((unsigned char)*snake) : *snake);
    }
    return camel;
}

// Without dots and the package in front; `without` is dropped where it ends a part.
static const char *name_join(struct making *making, const char *full_name, const char *package,
                             const char *const *without)
{
    const char *at = full_name + strlen(package) + 1;
    char *joined = making_alloc(making, strlen(at) + 1, 1), *out = joined;
    while (*at) {
        size_t len = strcspn(at, "."), keep = len;
        for (size_t i = 0; without[i]; i++) {
            size_t end = strlen(without[i]);
            if (len > end && strncmp(at + len - end, without[i], end) == 0) keep = len - end;
        }
        memcpy(out, at, keep);
        out += keep;
        at += len + (at[len] == '.');
    }
    return joined;
}

const char *name_message(struct making *making, const ProtobufCMessageDescriptor *type)
{
    static const char *const without[] = {"Request", "Reply", NULL};
    const struct schema_message *known = schema_message(type);
    if (known && known->title) return known->title;
    return name_join(making, type->name, type->package_name, without);
}

const char *name_enum(struct making *making, const ProtobufCEnumDescriptor *type)
{
    static const char *const without[] = {NULL};
    const char *name = name_join(making, type->name, type->package_name, without);
    return name_is_of(type->name, ".Value") ? arena_strn(making->arena, name, strlen(name) - strlen("Value"))
                                            : name;
}

bool name_is_of(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static const char *name_lower(struct making *making, const char *name)
{
    char *lower = arena_str(making->arena, name);
    if (!lower) return making_refuse(making, "no memory", name), name;
    *lower = (char)tolower((unsigned char)*lower);
    return lower;
}

const char *name_mutation(struct making *making, const struct schema_method *method)
{
    return name_lower(making, strchr(method->name, '.') + 1);
}

const char *name_query(struct making *making, const struct schema_method *method)
{
    const char *name = strchr(method->name, '.') + 1;
    if (method->noun) return method->noun;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t len = strlen(verbs[i]);
        if (strncmp(name, verbs[i], len) == 0 && isupper((unsigned char)name[len]))
            return name_lower(making, name + len);
    }
    return name_lower(making, name);
}

bool name_is_id(const char *field)
{
    return strcmp(field, "id") == 0 || name_is_of(field, "_id") || name_is_of(field, "_ids");
}
