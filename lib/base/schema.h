// What the .proto files say beyond protobuf-c's descriptors: rules of fields, classes of methods, codes of
// reasons, and the comments. The tables are generated (tools/schema) and constant; every function here is
// thread-safe and never fails but by NULL.
#ifndef LIB_BASE_SCHEMA_H
#define LIB_BASE_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "options.pb-c.h"

struct schema_rule {
    bool required;
    uint32_t min_len, max_len, max_items;
    uint64_t min, max;
    Conse__Rule__Format format;
};

struct schema_field {
    struct schema_rule rule;
    const char *doc;
};

struct schema_message {
    const ProtobufCMessageDescriptor *type;
    const char *doc;
    const struct schema_field *fields; // in the descriptor's order
};

struct schema_method {
    const char *name; // "auth.Login"
    Conse__Class class;
    const ProtobufCMessageDescriptor *request, *reply;
    const char *doc;
};

struct schema_reason {
    const char *name;
    Conse__Code code;
    int status; // HTTP status; 0: the code's own
    const char *doc;
};

const struct schema_message *schema_message(
    const ProtobufCMessageDescriptor *type);                 // NULL for types without rules and comments
const struct schema_method *schema_method(const char *name); // NULL when unknown
const struct schema_reason *schema_reason(Conse__Reason__Value reason); // INTERNAL_ERROR's when unknown
const struct schema_reason *schema_reasons(size_t *count);
const struct schema_method *schema_methods(size_t *count);

// Checks a request against the rules of its type and of the messages in it: lengths, ranges, formats, UTF-8.
MUST_CHECK bool schema_check(const ProtobufCMessage *message, struct err *err);

#endif
