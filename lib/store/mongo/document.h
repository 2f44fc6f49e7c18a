// The form of documents: what streams and rows look like in the database, written and read. docs/mongodb.md
// describes it.
#ifndef LIB_STORE_MONGO_DOCUMENT_H
#define LIB_STORE_MONGO_DOCUMENT_H

#include "lib/store/fields.h"
#include "lib/store/mongo/library.h"

enum { MONGO_ID_DIGITS = 10 };

// "song/0000000007"; the caller frees it.
char *mongo_entry_id(const char *stream, uint64_t seq);
void mongo_append_entry_id(bson_t *document, const char *key, const char *stream, uint64_t seq);
// A filter for a stream's documents numbered from..to.
bson_t *mongo_entry_range(const char *stream, uint64_t from, uint64_t to);
void mongo_append_bytes(bson_t *document, const char *key, const void *bytes, size_t len);
// A value as it is stored in an index: text, lower-case hexadecimal of bytes, or a number.
void mongo_append_value(bson_t *document, const char *key, enum store_kind kind,
                        const struct store_value *value);
// The first value of a unique index, under which an empty one is nobody else's.
void mongo_append_unique(bson_t *document, const char *key, enum store_kind kind,
                         const struct store_value *value, const char *id);
// The fields f and u of a row, and d, the version of the declaration that they follow.
void mongo_append_values(bson_t *document, const struct store_model *model, const struct store_value *values,
                         const char *id);
void mongo_append_command(bson_t *array, const char *key, const struct store_command *command, uint64_t seq);
// `o` of an append: what it was made from, or its write's id.
void mongo_append_origin(bson_t *document, const struct store_source *source, const uint8_t write_id[16]);
struct store_source mongo_source_of(const char *origin, char *stream, size_t size);
// The message's fields for people to read, without secrets, bytes and floating point.
void mongo_append_readable(bson_t *document, const char *key, const ProtobufCMessage *message);

// Reading a document's fields: absent ones are 0, "" or empty. Borrowed from the document.
int64_t mongo_number(const bson_t *document, const char *key);
const char *mongo_text(const bson_t *document, const char *key);
ProtobufCBinaryData mongo_bytes(const bson_t *document, const char *key);
bool mongo_has(const bson_t *document, const char *key);
bool mongo_true(const bson_t *document, const char *key);
bool mongo_bytes_equal(const bson_t *document, const char *key, const uint8_t *bytes, size_t len);

#endif
