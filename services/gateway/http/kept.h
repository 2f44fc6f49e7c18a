// Responses of the library that have gone out, kept for answers that are alike: with the same body and
// headers of the same names. Only values that differ are set anew; the library spends most of its time on
// headers. One per server, its thread's.
#ifndef GATEWAY_HTTP_KEPT_H
#define GATEWAY_HTTP_KEPT_H

#include <stddef.h>
#include <stdint.h>

enum { KEPT_MOST = 128 };

struct MHD_Response;
struct http_answer;
struct kept;

struct kept_answers {         // begins with zeroes
    uint64_t keys[KEPT_MOST]; // of the slots; 0: empty
    struct kept *slots[KEPT_MOST];
    size_t last; // that was filled
};

// One that is headed as the answer, to be given back when it has gone out. NULL: the answer is none that is
// kept.
struct kept *kept_take(struct kept_answers *answers, const struct http_answer *answer);
void kept_give(struct kept_answers *answers, struct kept *kept); // NULL is fine
struct MHD_Response *kept_response(const struct kept *kept);     // borrowed
void kept_finish(struct kept_answers *answers);

#endif
