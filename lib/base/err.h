// How a fallible function reports a failure: it returns false and fills `struct err`. The code follows from
// the reason (proto/errors.proto). It is filled once, where the fault occurs, and passed up unchanged or with
// a noun added by err_wrap.
#ifndef LIB_BASE_ERR_H
#define LIB_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.pb-c.h"

#define MUST_CHECK __attribute__((warn_unused_result))

struct err {
    Conse__Reason__Value reason;
    uint32_t retry_after_s; // 0: not said
    char field[96];         // path of the offending request field, or ""
    char message[256]; // a sentence for the caller; for INTERNAL_ERROR and STORE_CORRUPT for the log only
};

// Written out so that compilers and analysers see that it returns false.
static inline bool err_false(void) { return false; }

// Fills *err and returns false: `return err_fail(err, EVENT_FULL, "all %d seats are taken", n);`
#define err_fail(err, reason, ...)                                                                           \
    (err_set(err, CONSE__REASON__VALUE__##reason, NULL, __VA_ARGS__), err_false())
// The same for a request field: `return err_field(err, INVALID_FIELD, "starts_at.zone", "is not a time
// zone");`
#define err_field(err, reason, field, ...)                                                                   \
    (err_set(err, CONSE__REASON__VALUE__##reason, field, __VA_ARGS__), err_false())
#define err_is(err, name) ((err)->reason == CONSE__REASON__VALUE__##name)

void err_set(struct err *err, Conse__Reason__Value reason, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Prefixes the message with "noun: "; false.
#define err_wrap(err, noun) (err_prefix(err, noun), err_false())
void err_prefix(struct err *err, const char *noun);
// INTERNAL_ERROR, or STORE_FULL when a disk has no room, with what failed and the errno's text; false.
#define err_errno(err, errnum, what) (err_set_errno(err, errnum, what), err_false())
void err_set_errno(struct err *err, int errnum, const char *what);

// Says when to come again, once it is filled: in so much time, in whole seconds, rounded up.
void err_retry_after(struct err *err, int64_t left_ms);

Conse__Code err_code(const struct err *err);
const char *err_name(const struct err *err); // "EVENT_FULL"
// True for internal faults, whose message must not reach the caller.
bool err_internal(const struct err *err);

#endif
