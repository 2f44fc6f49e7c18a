// Written forms of services' replies, found again by the reply: its JSON, and the gzip of that once a client
// has asked for it. Many people read the same event. Bounded; the least recently used is dropped first. One
// thread.
#ifndef GATEWAY_API_FORMS_H
#define GATEWAY_API_FORMS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "lib/base/shared.h"

enum { FORMS_MOST_BYTES = (2048 + 64) * 1024 }; // of one reply and its text

struct forms;

struct form {
    struct shared *text;
    struct shared *gzip; // NULL: not made yet
    bool plain_only;     // gzip made it no smaller
};

// What a text is written from; the bytes themselves are compared, not only their hash.
struct forms_source {
    const ProtobufCMessageDescriptor *type; // NULL: the text is the payload itself
    const uint8_t *payload;
    size_t len;
    uint64_t hash; // goes with the payload; its key may be known
};

struct forms *forms_create(size_t cap_bytes);
void forms_destroy(struct forms *forms); // NULL is fine
// Borrowed until the next forms_keep; NULL when it is not there.
struct form *forms_find(struct forms *forms, const struct forms_source *source);
// Holds the text; borrowed as above. NULL when it is not kept.
struct form *forms_keep(struct forms *forms, const struct forms_source *source, struct shared *text);
void forms_keep_gzip(struct forms *forms, struct form *form, struct shared *gzip); // holds it

#endif
