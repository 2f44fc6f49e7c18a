#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/store/mongo/mongo.h"

// ---- Numbers in streams

char *mongo_entry_id(const char *stream, uint64_t seq)
{
    char *id;
    if (asprintf(&id, "%s/%0*llu", stream, MONGO_ID_DIGITS, (unsigned long long)seq) < 0) abort();
    return id;
}

void mongo_append_entry_id(bson_t *document, const char *key, const char *stream, uint64_t seq)
{
    char *id = mongo_entry_id(stream, seq);
    bson_append_utf8(document, key, -1, id, -1);
    free(id);
}

// By the stream too: another stream's name may begin with this one's and a slash.
bson_t *mongo_entry_range(const char *stream, uint64_t from, uint64_t to)
{
    bson_t *filter = bson_new(), range;
    bson_append_document_begin(filter, "_id", -1, &range);
    mongo_append_entry_id(&range, "$gte", stream, from);
    mongo_append_entry_id(&range, "$lte", stream, to);
    bson_append_document_end(filter, &range);
    bson_append_utf8(filter, "s", -1, stream, -1);
    return filter;
}

// ---- Values

void mongo_append_bytes(bson_t *document, const char *key, const void *bytes, size_t len)
{
    bson_append_binary(document, key, -1, BSON_SUBTYPE_BINARY, len ? bytes : (const uint8_t *)"",
                       (uint32_t)len);
}

static void append_hex(bson_t *document, const char *key, const void *bytes, size_t len)
{
    char *hex = malloc(2 * len + 1);
    if (!hex) abort();
    hex_encode(hex, bytes, len);
    bson_append_utf8(document, key, -1, hex, (int)(2 * len));
    free(hex);
}

void mongo_append_value(bson_t *document, const char *key, enum store_kind kind,
                        const struct store_value *value)
{
    const char *text = value->text ? value->text : "";
    if (kind == STORE_NUMBER)
        bson_append_int64(document, key, -1, value->number);
    else if (kind == STORE_BYTES)
        append_hex(document, key, text, store_value_len(value));
    else
        bson_append_utf8(document, key, -1, text, (int)store_value_len(value));
}

void mongo_append_unique(bson_t *document, const char *key, enum store_kind kind,
                         const struct store_value *value, const char *id)
{
    if (value && !store_value_empty(kind, value)) {
        mongo_append_value(document, key, kind, value);
        return;
    }
    size_t len = strlen(id) + 1;
    char *own = malloc(len);
    if (!own) abort();
    *own = 0;
    memcpy(own + 1, id, len - 1);
    bson_append_utf8(document, key, -1, own, (int)len);
    free(own);
}

static void append_fields(bson_t *document, const struct store_model *model, const struct store_value *values)
{
    bson_t fields;
    char key[80];
    bson_append_document_begin(document, "f", -1, &fields);
    for (size_t i = 0; i < model->index_count; i++) {
        const struct store_model_index *index = &model->indexes[i];
        for (size_t k = index->declared->unique ? 1 : 0; k < index->count; k++) {
            snprintf(key, sizeof key, "%s_%zu", index->declared->name, k);
            mongo_append_value(&fields, key, model->fields[index->first + k].kind, &values[index->first + k]);
        }
    }
    bson_append_document_end(document, &fields);
}

void mongo_append_values(bson_t *document, const struct store_model *model, const struct store_value *values,
                         const char *id)
{
    bson_t unique;
    bson_append_int64(document, "d", -1, model->table->version);
    if (values) append_fields(document, model, values);
    bson_append_document_begin(document, "u", -1, &unique);
    for (size_t i = 0; i < model->index_count; i++) {
        const struct store_model_index *index = &model->indexes[i];
        if (index->declared->unique)
            mongo_append_unique(&unique, index->declared->name, model->fields[index->first].kind,
                                values ? &values[index->first] : NULL, id);
    }
    bson_append_document_end(document, &unique);
}

void mongo_append_command(bson_t *array, const char *key, const struct store_command *command, uint64_t seq)
{
    bson_t item;
    bson_append_document_begin(array, key, -1, &item);
    mongo_append_bytes(&item, "i", command->id, sizeof command->id);
    mongo_append_bytes(&item, "h", command->request_hash, sizeof command->request_hash);
    mongo_append_bytes(&item, "r", command->reply.data, command->reply.len);
    bson_append_int64(&item, "t", -1, command->time_ms);
    if (seq) bson_append_int64(&item, "n", -1, (int64_t)seq);
    bson_append_document_end(array, &item);
}

// ---- Sources

void mongo_append_origin(bson_t *document, const struct store_source *source, const uint8_t write_id[16])
{
    char *origin, print[24] = "";
    if (!source->stream) {
        append_hex(document, "o", write_id, STORE_WRITE_ID);
        return;
    }
    if (source->print) snprintf(print, sizeof print, ".%016llx", (unsigned long long)source->print);
    if (asprintf(&origin, "%s#%llu%s", source->stream, (unsigned long long)source->seq, print) < 0) abort();
    bson_append_utf8(document, "o", -1, origin, -1);
    free(origin);
}

// STREAM#SEQ, or STREAM#SEQ.PRINT; a write's id has no #.
struct store_source mongo_source_of(const char *origin, char *stream, size_t size)
{
    const char *mark = strrchr(origin, '#');
    size_t len = mark ? (size_t)(mark - origin) : 0;
    if (!mark || len >= size) return (struct store_source){0};
    memcpy(stream, origin, len);
    stream[len] = 0;
    char *end;
    struct store_source source = {.stream = stream, .seq = strtoull(mark + 1, &end, 10)};
    if (*end == '.') source.print = strtoull(end + 1, NULL, 16);
    return source;
}

// ---- Reading fields

int64_t mongo_number(const bson_t *document, const char *key)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, document, key) ? bson_iter_as_int64(&iter) : 0;
}

const char *mongo_text(const bson_t *document, const char *key)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, document, key) && BSON_ITER_HOLDS_UTF8(&iter)
               ? bson_iter_utf8(&iter, NULL)
               : "";
}

ProtobufCBinaryData mongo_bytes(const bson_t *document, const char *key)
{
    bson_iter_t iter;
    const uint8_t *bytes = NULL;
    uint32_t len = 0;
    if (bson_iter_init_find(&iter, document, key) && BSON_ITER_HOLDS_BINARY(&iter))
        bson_iter_binary(&iter, NULL, &len, &bytes);
    return (ProtobufCBinaryData){len, (uint8_t *)bytes};
}

bool mongo_has(const bson_t *document, const char *key) { return bson_has_field(document, key); }

bool mongo_true(const bson_t *document, const char *key)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, document, key) && bson_iter_as_bool(&iter);
}

bool mongo_bytes_equal(const bson_t *document, const char *key, const uint8_t *bytes, size_t len)
{
    ProtobufCBinaryData found = mongo_bytes(document, key);
    return found.data && found.len == len && memcmp(found.data, bytes, len) == 0;
}
