// Writes bodies: JSON from a service's reply, gzip from that, each once for all askers while it is kept. One
// per loop, for its thread.
#ifndef GATEWAY_CALL_WRITER_H
#define GATEWAY_CALL_WRITER_H

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "services/gateway/api/forms.h"
#include "services/gateway/http/reply_budget.h"

struct writer {
    struct buf text, packed; // of what is being written
    z_stream deflate;
    struct forms *forms;
    struct reply_budget *budget;
    unsigned char etag_key[16];
    struct metric *json, *gzip; // counts of what was written
};

struct writer_options {
    unsigned char etag_key[16];
    size_t cache_bytes; // of what is kept
    struct reply_budget *budget;
    struct metrics *metrics;
};

// A body in the form in which it goes out.
struct body {
    struct shared *bytes; // held
    struct form *form;    // where it is kept; NULL: nowhere
    bool packed;          // by gzip
    bool made;            // for this answer, not found
    size_t converted;     // bytes of the reply that were converted to JSON for it
    size_t deflated;      // bytes that were compressed for it
};

void writer_init(struct writer *writer, const struct writer_options *options);
void writer_finish(struct writer *writer);      // also when the writer was never made
struct buf *writer_text(struct writer *writer); // empty, for a text that is sent at once

// What a body is made from.
struct writer_source {
    struct forms_source reply;
    ProtobufCAllocator *allocator; // of the message; NULL without a type
    bool once;                     // nobody will ask for the same again
};

// The JSON of a reply. False: it cannot be read, or is too large.
MUST_CHECK bool writer_json(struct writer *writer, const struct writer_source *source, struct body *body);
// The bytes of the source unchanged; it has no type. False: out of memory.
MUST_CHECK bool writer_copy(struct writer *writer, const struct writer_source *source, struct body *body);
// Compresses it when that is smaller.
void writer_pack(struct writer *writer, struct body *body);
void body_finish(struct body *body);

#endif
