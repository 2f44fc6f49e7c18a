// The head of an upstream's answer: read strictly, because what two readers take for two things is not passed
// on, and written for the client with the headers that go on. Pure.
#ifndef GATEWAY_PROXY_ANSWER_HEAD_H
#define GATEWAY_PROXY_ANSWER_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

enum { ANSWER_HEAD_MOST = 32 * 1024, ANSWER_FIELDS_MOST = 100, ANSWER_REASON = 64 };

enum answer_body {
    ANSWER_NONE,
    ANSWER_LENGTH, // so many bytes
    ANSWER_CHUNKED,
    ANSWER_TO_END, // until the upstream closes
};

struct answer_field {
    const char *name, *value;
};

struct answer_head {
    int status; // 100 to 599
    char reason[ANSWER_REASON];
    enum answer_body body;
    int64_t length; // -1: not said. Of the body, or of that which a GET would have
    struct answer_field fields[ANSWER_FIELDS_MOST];
    size_t count;
};

// What was asked, as it decides how the answer is read.
struct answer_asked {
    bool head;    // by HEAD: there is no body
    bool upgrade; // to a WebSocket: 101 may come
};

// The length of the head at the front of bytes, with the empty line; 0: it is not whole yet.
size_t answer_head_len(const char *bytes, size_t len);
// bytes are cut apart, and the head leads into them. False: what is wrong with it.
bool answer_head_parse(struct answer_head *head, char *bytes, size_t len, const struct answer_asked *asked,
                       const char **fault);
// For a client, which is told that the connection ends, or, with 101, that it goes on as a WebSocket.
// chunked: how a body without a length goes out.
void answer_head_write(struct buf *out, const struct answer_head *head, bool chunked);

#endif
