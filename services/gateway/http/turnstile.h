// How many connections there are, in all and per household (address.h): who would be one too many is turned
// away. Any thread.
#ifndef GATEWAY_HTTP_TURNSTILE_H
#define GATEWAY_HTTP_TURNSTILE_H

#include <stdint.h>

#include "lib/base/err.h"
#include "services/gateway/http/address.h"

struct turnstile;

MUST_CHECK bool turnstile_create(struct turnstile **turnstile, uint32_t most, uint32_t most_per_address,
                                 struct err *err);
void turnstile_destroy(struct turnstile *turnstile); // NULL is fine

// address NULL: counted in all only. Whether there is room; says nothing about the next moment.
bool turnstile_check(struct turnstile *turnstile, const struct address *address);
// True when it was counted: turnstile_leave with the same address must follow.
bool turnstile_enter(struct turnstile *turnstile, const struct address *address);
void turnstile_leave(struct turnstile *turnstile, const struct address *address);

#endif
