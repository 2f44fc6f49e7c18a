#include "services/events/game/times.h"

#include <string.h>

static bool is_time(const ProtobufCFieldDescriptor *field)
{
    size_t len = strlen(field->name);
    return field->type == PROTOBUF_C_TYPE_INT64 && field->label != PROTOBUF_C_LABEL_REPEATED && len > 3 &&
           strcmp(field->name + len - 3, "_ms") == 0;
}

static bool is_chosen(const ProtobufCFieldDescriptor *field, const char *message)
{
    return !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
           *(const uint32_t *)(message + field->quantifier_offset) == field->id;
}

static bool messages_fit(const ProtobufCFieldDescriptor *field, const char *message)
{
    const char *member = message + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        const ProtobufCMessage *within = *(ProtobufCMessage *const *)member;
        return !within || times_fit(within);
    }
    size_t count = *(const size_t *)(message + field->quantifier_offset);
    for (size_t i = 0; i < count; i++)
        if (!times_fit((*(ProtobufCMessage *const *const *)member)[i])) return false;
    return true;
}

bool times_fit(const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        bool message_within = field->type == PROTOBUF_C_TYPE_MESSAGE;
        if ((!message_within && !is_time(field)) || !is_chosen(field, base)) continue;
        if (message_within && !messages_fit(field, base)) return false;
        if (message_within) continue;
        int64_t ms = *(const int64_t *)(base + field->offset);
        if (ms < -TIMES_MOST_MS || ms > TIMES_MOST_MS) return false;
    }
    return true;
}
