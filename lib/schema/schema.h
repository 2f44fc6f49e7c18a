// What the .proto files say beyond protobuf-c's descriptors: rules of fields, passports of methods, and the
// comments. The tables are generated (tools/schema) and constant. Every function here is thread-safe; its
// only failure is NULL.
#ifndef LIB_SCHEMA_SCHEMA_H
#define LIB_SCHEMA_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "options.pb-c.h"

struct schema_rule {
    bool required;
    uint32_t min_len, max_len, max_items;
    uint64_t min, max;
    Conse__Rule__Format format;
    bool present;
};

struct schema_field {
    struct schema_rule rule;
    const char *doc;
    bool names;  // of a reply: also sent to callers that may not see the rest
    bool secret; // of what is stored: not for people who look into the database
};

// Bytes of a message that are another one, packed, and what JSON shows of that one beside them.
struct schema_beside {
    const char *name;
    uint8_t field; // of the packed message, by its place from 1; 0: the member of its oneof that is set
};
struct schema_packed {
    const ProtobufCMessageDescriptor *type;
    uint8_t field;
    const ProtobufCMessageDescriptor *packed;
    const struct schema_beside *beside; // ends with a NULL name
};

// What the value of a field answers: a question to a method, whose request is filled from the message.
struct schema_fill {
    uint8_t to, from; // fields of the request and of the message
};
struct schema_link {
    const char *name;                // in snake_case; no field of the message has it
    const char *method;              // "events.GetGroup"
    uint8_t field;                   // when it is empty there is no question
    const struct schema_fill *fills; // end with a 0
};
struct schema_links {
    const ProtobufCMessageDescriptor *type;
    const struct schema_link *links; // end with a NULL name
};

struct schema_message {
    const ProtobufCMessageDescriptor *type;
    const char *doc;
    const char *title;                 // in GraphQL; NULL: it is made from the name
    const struct schema_field *fields; // in the descriptor's order
};

// Fields are named by their place in the message's descriptor, from 1; 0: none.

struct schema_owner {
    Conse__Method__Owner__Kind kind;
    uint8_t field; // of the request
};

enum { SCHEMA_HEADERS_MOST = 4 };
struct schema_header {
    const char *name; // in lower case
    uint8_t field;    // of the request
};
struct schema_raw {
    uint8_t body, type;                  // type: of replies
    const char *const *media;            // ends with NULL; NULL when the method is not raw
    const struct schema_header *headers; // beside a body; end with a NULL name, NULL when there are none
};

// Streams that have the news: before, an id, after.
struct schema_listen {
    const char *before, *after;
    uint8_t field;              // of the request, with the id; 0: the caller's
    Conse__Method__Level level; // the stream's
    bool leaders;               // only after a reply said that the caller leads
};

struct schema_method {
    const char *name; // "auth.Login"
    const ProtobufCMessageDescriptor *request, *reply;
    const char *doc;

    // Its passport; proto/options.proto explains the fields.
    Conse__Class class;
    Conse__Method__Level level;
    Conse__Method__Existence existence;
    Conse__Method__Limit limit;
    uint32_t callers;                  // bits by Conse__Asker__Value
    const struct schema_owner *owners; // ends with kind 0; that is the only row when the object has no owner
    uint8_t route_key, wait, turns_by; // of the request
    const char *object;                // or what all its calls are about; NULL: what the request names
    uint8_t existing, news, leads, breaks;  // of the reply
    uint8_t news_stream;                    // the same: a text with the name of one more stream
    const struct schema_listen *listens;    // while it waits; end with a NULL before
    const char *keyed_table, *keyed_stream; // one of them is set when an Idempotency-Key counts
    struct schema_raw raw_body, raw_reply;
    bool turns_caller; // its calls take turns by caller
    bool outside;      // it waits for servers of others
    bool repeatable;   // a retry may go to another peer
    bool slow_read;    // a SLOW method that changes nothing
    bool login_only;   // tokens of API keys are refused
    bool fresh_feed;   // refused while the news from auth is late
    const char *noun;  // among GraphQL's queries; NULL: it is made from the name
};

struct schema_stream {
    const char *service, *name; // "events", "events.*.god": the * stands for one word
    uint32_t whole, numbers;    // programs that read it: bits by Conse__Asker__Value
    Conse__Method__Level level; // the lowest level of a user; 0: no user reads it
    bool pushed;                // the bus carries its notices whole
    bool announced;             // its head is read from the store every 250 ms
    bool peers;                 // only processes of its own service hear of it
};
extern const struct schema_stream schema_streams[]; // of all services; ends with a NULL name

const struct schema_message *schema_message(
    const ProtobufCMessageDescriptor *type); // NULL for types without rules and comments
const struct schema_packed *schema_packed(const ProtobufCMessageDescriptor *type); // NULL for most types
const struct schema_link *schema_links(const ProtobufCMessageDescriptor *type);    // NULL for most types
const struct schema_method *schema_method(const char *name);                       // NULL when unknown
const struct schema_method *schema_methods(size_t *count);
bool schema_reads(const struct schema_method *method); // READ, BULK, or a SLOW read: changes nothing

// A field by its place, from 1; it must be of that type.
const char *schema_text(const ProtobufCMessage *message, uint8_t field);
ProtobufCBinaryData schema_bytes(const ProtobufCMessage *message, uint8_t field);
void schema_set_bytes(ProtobufCMessage *message, uint8_t field, ProtobufCBinaryData bytes);
void schema_set_text(ProtobufCMessage *message, uint8_t field, const char *text); // borrows it
bool schema_is_true(const ProtobufCMessage *message, uint8_t field);
bool schema_has(const ProtobufCMessage *message, uint8_t field);                 // a message
size_t schema_count(const ProtobufCMessage *message, uint8_t field);             // of a list
ProtobufCMessage *schema_take_message(ProtobufCMessage *message, uint8_t field); // leaves it unset

// Checks a request against the rules of its type and of its inner messages: lengths, ranges, formats, UTF-8.
MUST_CHECK bool schema_check(const ProtobufCMessage *message, struct err *err);

// Makes ids that were written in upper case lower-case: the fields whose rule says that they are ids, also in
// inner messages. Texts are changed in place.
void schema_lower_ids(ProtobufCMessage *message);

#endif
