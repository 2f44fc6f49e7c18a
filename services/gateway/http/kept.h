// The library's responses that have gone out, kept for similar answers: those with the same body and headers
// of the same names. Only different values are set again, because the library spends most of its time on
// headers. One per server, for its thread.
#ifndef GATEWAY_HTTP_KEPT_H
#define GATEWAY_HTTP_KEPT_H

#include <stddef.h>
#include <stdint.h>

enum { KEPT_MOST = 128 };

struct MHD_Response;
struct http_answer;
struct kept;

struct kept_answers {         // zeroed at first
    uint64_t keys[KEPT_MOST]; // of the slots; 0: empty
    struct kept *slots[KEPT_MOST];
    size_t last; // the slot filled last
};

// A response with the answer's headers, to be given back when it has gone out. NULL: answers of this kind are
// not kept.
struct kept *kept_take(struct kept_answers *answers, const struct http_answer *answer);
void kept_give(struct kept_answers *answers, struct kept *kept); // NULL is fine
struct MHD_Response *kept_response(const struct kept *kept);     // borrowed
void kept_finish(struct kept_answers *answers);

#endif
