// Answers: the headers that every answer has, bodies in the form the client asked for, problems, pages.
#ifndef GATEWAY_CALL_REPLY_H
#define GATEWAY_CALL_REPLY_H

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "services/gateway/api/etag.h"
#include "services/gateway/api/json_cache.h"

struct call;

// Buffers that all answers of the loop share, one after the other.
struct reply_writer {
    struct buf text, packed;
    z_stream deflate;
    unsigned char etag_key[16];
    struct json_cache cache;
};

void reply_writer_init(struct reply_writer *writer, const unsigned char etag_key[16]);
void reply_writer_finish(struct reply_writer *writer);

// For the tags of what a service replied; hash has room for ETAG_HASH bytes and must live as long.
struct etag_source reply_tag_source(const struct call *call, const uint8_t *payload, size_t len,
                                    unsigned char *hash);
void reply_message(struct call *call, const uint8_t *payload, size_t len); // a service's packed reply
void reply_problem(struct call *call, const struct err *err);
void reply_options(struct call *call);
void reply_page(struct call *call);

#endif
