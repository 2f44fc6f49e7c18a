#include "services/events/live/aliases.h"

#include <string.h>

static void settle_text(const struct game *game, const char **text, struct arena *arena)
{
    const uint32_t *bound = *text && uuid_check(*text) ? idmap_find(&game->claims, *text) : NULL;
    if (bound && *bound) *text = arena_str(arena, game->people[*bound - 1].user_id.text);
}

static void settle_field(const struct game *game, ProtobufCMessage *message,
                         const ProtobufCFieldDescriptor *field, struct arena *arena)
{
    char *member = (char *)message + field->offset;
    bool text = field->type == PROTOBUF_C_TYPE_STRING;
    if ((!text && field->type != PROTOBUF_C_TYPE_MESSAGE) || strcmp(field->name, "god_id") == 0) return;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
        *(const uint32_t *)((const char *)message + field->quantifier_offset) != field->id)
        return;
    bool many = field->label == PROTOBUF_C_LABEL_REPEATED;
    size_t count = many ? *(const size_t *)((const char *)message + field->quantifier_offset) : 1;
    void **items = many ? *(void ***)member : (void **)member;
    for (size_t i = 0; i < count; i++)
        if (text)
            settle_text(game, (const char **)&items[i], arena);
        else if (items[i])
            aliases_settle(game, items[i], arena);
}

void aliases_settle(const struct game *game, ProtobufCMessage *request, struct arena *arena)
{
    if (game->claims.count == 0) return;
    for (unsigned i = 0; i < request->descriptor->n_fields; i++)
        settle_field(game, request, &request->descriptor->fields[i], arena);
}
