// A table's declaration resolved against its message's descriptor, and the values of the indexed fields of a
// message.
#ifndef LIB_STORE_FIELDS_H
#define LIB_STORE_FIELDS_H

#include "lib/store/store.h"

enum { STORE_MAX_DEPTH = 3 };

enum store_kind { STORE_NUMBER, STORE_TEXT, STORE_BYTES };

struct store_field {
    const ProtobufCFieldDescriptor *path[STORE_MAX_DEPTH];
    size_t depth;
    enum store_kind kind;
};

struct store_model_index {
    const struct store_index *declared;
    size_t first; // of its fields in the model's
    size_t count;
};

struct store_model {
    const struct store_table *table;
    struct store_field key;
    struct store_model_index indexes[STORE_MAX_INDEXES];
    size_t index_count;
    struct store_field fields[STORE_MAX_INDEXES * STORE_MAX_FIELDS]; // index after index
    size_t field_count;
};

// Fails when a field is absent or can't be indexed.
MUST_CHECK bool store_model_init(struct store_model *model, const struct store_table *table, struct err *err);
// NULL when the table has no index of that name.
const struct store_model_index *store_model_index(const struct store_model *model, const char *name);
// Describes the indexes in words; it changes when they have to be rebuilt.
void store_model_describe(const struct store_model *model, char *text, size_t size);

// Borrowed from the message. Unset text and bytes are "" with len 0, never NULL. Numbers above INT64_MAX
// count as that.
struct store_value store_field_value(const struct store_field *field, const ProtobufCMessage *message);
bool store_value_empty(enum store_kind kind, const struct store_value *value);
size_t store_value_len(const struct store_value *value);

// The message of a row; STORE_CORRUPT when the bytes are not one, or have another id; REPLY_TOO_LARGE when
// the arena is full.
MUST_CHECK bool store_unpack(const struct store_model *model, const char *id, ProtobufCBinaryData bytes,
                             struct arena *arena, ProtobufCMessage **message, struct err *err);

// Packs the entries of one append into one value: a single one unchanged, several each behind its u32
// little-endian length.
size_t store_entries_size(const ProtobufCBinaryData *entries, size_t count);
void store_entries_pack(uint8_t *out, const ProtobufCBinaryData *entries, size_t count);
// Whether this many bytes may be `count` entries, by their lengths alone; asked before memory is allocated
// for them.
bool store_entries_fit(size_t len, int64_t count);
// Points entries[0..count) into the bytes; false when the bytes are not `count` entries.
MUST_CHECK bool store_entries_split(const uint8_t *bytes, size_t len, size_t count,
                                    ProtobufCBinaryData *entries);

#endif
