// Messages to and from JSON by descriptor: the proto3 mapping with the proto's own field names (64-bit
// integers as strings, bytes as base64, enums by name, Timestamp as RFC 3339, Duration as "3.5s"). Pure
// except for memory; thread-safe.
#ifndef LIB_JSON_JSON_H
#define LIB_JSON_JSON_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { JSON_MAX_DEPTH = 16, JSON_MAX_VALUES = 20000 };

// An empty message of the type; NULL when the arena is full.
ProtobufCMessage *json_message_new(const ProtobufCMessageDescriptor *type, struct arena *arena);

// Fills an empty message from an object. An unknown, repeated or ill-typed field is MALFORMED with its path
// ("roles[2].copies"); null counts as absent. `taken` names fields that may not appear, ended by NULL; or
// NULL.
MUST_CHECK bool json_parse(const char *text, size_t len, ProtobufCMessage *message, const char *const *taken,
                           struct arena *arena, struct err *err);

// Sets one top-level field from plain text, as in a path or a query: "25s", "true", "OPEN".
MUST_CHECK bool json_set(ProtobufCMessage *message, const char *name, const char *text, struct arena *arena,
                         struct err *err);

// Whether a body is small enough to be read: how deep it is and how many values it has.
MUST_CHECK bool json_check_size(const char *text, size_t len, struct err *err);

// Bytes that one element of a repeated field of this type takes in memory.
size_t json_element_size(ProtobufCType type);

// The fields of a message to write, in this order. Borrowed; its maker bounds the depth.
struct json_pick {
    const char *name;                      // under which it is written, unchanged
    const ProtobufCFieldDescriptor *field; // of the message; NULL: text
    const char *text;                      // JSON, written unchanged
    const struct json_selection *inner;    // of a message, or of each in a list; NULL: all of it
};
struct json_selection {
    const struct json_pick *picks;
    size_t count;
};

// Without a selection every field is written except unset messages and unset members of a oneof, and what the
// option `packed` puts beside bytes; a selected field that is unset is null. The output is always valid
// UTF-8.
void json_write(struct buf *buf, const ProtobufCMessage *message, const struct json_selection *selection);
// One value of the field, of which a list has several.
void json_write_value(struct buf *buf, const ProtobufCFieldDescriptor *field, const void *value);
void json_write_text(struct buf *buf, const char *text); // one quoted string
void json_write_textn(struct buf *buf, const char *text, size_t len);

#endif
