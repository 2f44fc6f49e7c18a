#include "lib/store/fields.h"

#include <stdio.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"

static bool kind_of(const ProtobufCFieldDescriptor *field, enum store_kind *kind)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return false;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *kind = STORE_TEXT;
        return true;
    case PROTOBUF_C_TYPE_BYTES:
        *kind = STORE_BYTES;
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        *kind = STORE_NUMBER;
        return field->descriptor == &google__protobuf__timestamp__descriptor;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return false;
    default:
        *kind = STORE_NUMBER;
        return true;
    }
}

// One step of "starts_at.utc".
static bool fields_step(struct store_field *field, const ProtobufCMessageDescriptor *type, const char *name,
                        size_t len)
{
    char part[64];
    if (field->depth == STORE_MAX_DEPTH || len >= sizeof part) return false;
    memcpy(part, name, len);
    part[len] = 0;
    field->path[field->depth] = protobuf_c_message_descriptor_get_field_by_name(type, part);
    return field->path[field->depth++] != NULL;
}

static bool fields_resolve(struct store_field *field, const ProtobufCMessageDescriptor *type,
                           const char *path)
{
    *field = (struct store_field){0};
    for (;;) {
        size_t len = strcspn(path, ".");
        if (!fields_step(field, type, path, len)) return false;
        const ProtobufCFieldDescriptor *last = field->path[field->depth - 1];
        if (!path[len]) return kind_of(last, &field->kind);
        if (last->type != PROTOBUF_C_TYPE_MESSAGE || last->label == PROTOBUF_C_LABEL_REPEATED) return false;
        type = last->descriptor;
        path += len + 1;
    }
}

const char *store_row_id(const struct store_table *table, const ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *key =
        protobuf_c_message_descriptor_get_field_by_name(table->type, table->key);
    return *(const char *const *)((const char *)row + key->offset);
}

// Backends derive names of their own from those of tables and indexes.
static bool check_name(const char *name, struct err *err)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (len && !name[len] && len <= 40) return true;
    return err_fail(err, INTERNAL_ERROR, "%s is no name for a table or index", name);
}

static bool index_init(struct store_model *model, const struct store_index *declared, struct err *err)
{
    struct store_model_index *index = &model->indexes[model->index_count++];
    *index = (struct store_model_index){.declared = declared, .first = model->field_count};
    if (!check_name(declared->name, err)) return false;
    while (index->count < STORE_MAX_FIELDS && declared->fields[index->count]) {
        const char *path = declared->fields[index->count++];
        if (!fields_resolve(&model->fields[model->field_count++], model->table->type, path))
            return err_fail(err, INTERNAL_ERROR, "table %s: %s can't be indexed", model->table->name, path);
    }
    if (index->count == 0)
        return err_fail(err, INTERNAL_ERROR, "table %s: index %s has no fields", model->table->name,
                        declared->name);
    return true;
}

bool store_model_init(struct store_model *model, const struct store_table *table, struct err *err)
{
    *model = (struct store_model){.table = table};
    if (!check_name(table->name, err)) return false;
    if (!fields_resolve(&model->key, table->type, table->key) || model->key.kind != STORE_TEXT)
        return err_fail(err, INTERNAL_ERROR, "table %s: the key %s is no string field", table->name,
                        table->key);
    for (size_t i = 0; i < STORE_MAX_INDEXES && table->indexes[i].name; i++)
        if (!index_init(model, &table->indexes[i], err)) return false;
    return true;
}

const struct store_model_index *store_model_index(const struct store_model *model, const char *name)
{
    for (size_t i = 0; i < model->index_count; i++)
        if (strcmp(model->indexes[i].declared->name, name) == 0) return &model->indexes[i];
    return NULL;
}

void store_model_describe(const struct store_model *model, char *text, size_t size)
{
    int at = snprintf(text, size, "%u", model->table->version);
    for (size_t i = 0; i < model->index_count; i++) {
        const struct store_index *index = model->indexes[i].declared;
        at += snprintf(text + at, size - (size_t)at, " %s%s", index->unique ? "unique " : "", index->name);
        for (size_t k = 0; k < model->indexes[i].count; k++)
            at += snprintf(text + at, size - (size_t)at, "%c%s", k ? ',' : ':', index->fields[k]);
    }
}

static const void *fields_member(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    bool chosen = !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
                  *(const uint32_t *)(base + field->quantifier_offset) == field->id;
    return chosen ? base + field->offset : NULL;
}

static int64_t number_of(const ProtobufCFieldDescriptor *field, const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)at;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return *(const int64_t *)at;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: {
        uint64_t number = *(const uint64_t *)at;
        return number > INT64_MAX ? INT64_MAX : (int64_t)number;
    }
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return *(const uint32_t *)at;
    case PROTOBUF_C_TYPE_MESSAGE: {
        const Google__Protobuf__Timestamp *time = *(Google__Protobuf__Timestamp *const *)at;
        return time ? time->seconds * 1000000 + time->nanos / 1000 : 0;
    }
    default:
        return *(const int32_t *)at;
    }
}

static struct store_value value_of(const struct store_field *field, const void *at)
{
    const ProtobufCFieldDescriptor *last = field->path[field->depth - 1];
    if (field->kind == STORE_NUMBER) return (struct store_value){.number = at ? number_of(last, at) : 0};
    if (field->kind == STORE_BYTES) {
        const ProtobufCBinaryData *bytes = at;
        if (!bytes || !bytes->len) return (struct store_value){.text = ""};
        return (struct store_value){.text = (const char *)bytes->data, .len = bytes->len};
    }
    const char *text = at ? *(const char *const *)at : NULL;
    if (!text) text = "";
    return (struct store_value){.text = text, .len = strlen(text)};
}

struct store_value store_field_value(const struct store_field *field, const ProtobufCMessage *message)
{
    for (size_t i = 0; i + 1 < field->depth && message; i++) {
        const void *at = fields_member(field->path[i], message);
        message = at ? *(ProtobufCMessage *const *)at : NULL;
    }
    return value_of(field, message ? fields_member(field->path[field->depth - 1], message) : NULL);
}

size_t store_value_len(const struct store_value *value)
{
    if (!value->text) return 0;
    return value->len ? value->len : strlen(value->text);
}

bool store_value_empty(enum store_kind kind, const struct store_value *value)
{
    return kind == STORE_NUMBER ? value->number == 0 : store_value_len(value) == 0;
}

bool store_unpack(const struct store_model *model, const char *id, ProtobufCBinaryData bytes,
                  struct arena *arena, ProtobufCMessage **message, struct err *err)
{
    ProtobufCMessage *found =
        protobuf_c_message_unpack(model->table->type, &arena->allocator, bytes.len, bytes.data);
    *message = NULL;
    const char *key = found ? store_field_value(&model->key, found).text : NULL;
    if (key && strcmp(key, id) == 0) return *message = found, true;
    if (arena->failed) return err_fail(err, REPLY_TOO_LARGE, "the reply would be too large");
    return err_fail(err, STORE_CORRUPT, "row %.80s of table %s is none of its messages", id,
                    model->table->name);
}

enum { LENGTH = 4 };

size_t store_entries_size(const ProtobufCBinaryData *entries, size_t count)
{
    size_t size = count == 1 ? 0 : count * LENGTH;
    for (size_t i = 0; i < count; i++) size += entries[i].len;
    return size;
}

void store_entries_pack(uint8_t *out, const ProtobufCBinaryData *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t len = (uint32_t)entries[i].len;
        for (int b = 0; count > 1 && b < LENGTH; b++) *out++ = (uint8_t)(len >> 8 * b);
        if (len) memcpy(out, entries[i].data, len);
        out += len;
    }
}

bool store_entries_fit(size_t len, int64_t count)
{
    return count == 1 || (count > 1 && (uint64_t)count <= len / LENGTH);
}

bool store_entries_split(const uint8_t *bytes, size_t len, size_t count, ProtobufCBinaryData *entries)
{
    if (count == 1) return entries[0] = (ProtobufCBinaryData){len, (uint8_t *)bytes}, true;
    for (size_t i = 0; i < count; i++) {
        if (len < LENGTH) return false;
        size_t size = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        bytes += LENGTH;
        len -= LENGTH;
        if (size > len) return false;
        entries[i] = (ProtobufCBinaryData){size, (uint8_t *)bytes};
        bytes += size;
        len -= size;
    }
    return len == 0;
}
