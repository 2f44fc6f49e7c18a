#include "services/gateway/call/ticketing.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"

bool ticketing_check(const struct call *call, const char *ticket, struct err *err)
{
    return !*ticket || !call->http->headers.authorization ||
           err_field(err, MALFORMED, "ticket", "a ticket takes the place of a token");
}

struct desk_order *ticketing_order(struct call *call, void (*done)(void *arg, const struct desk_order *order))
{
    struct desk_order *order = calloc(1, sizeof *order);
    if (!order) abort();
    order->done = done;
    order->arg = call;
    call_move(call, CALL_TICKETED);
    return call->order = order;
}

void ticketing_leave(struct call *call)
{
    if (call->order) desk_forget(call->order);
    call->order = NULL;
}

bool ticketing_take(struct call *call, const struct desk_order *order, struct err *err)
{
    call->caller.revocations = access_revocations(call->lent->access);
    if (order->claims.expires_s * 1000 <= clock_unix_ms() ||
        access_is_revoked(call->lent->access, &order->claims))
        return err_fail(err, TOKEN_INVALID, "the access token has ended");
    call->caller.claims = order->claims;
    call->caller.checked_ms = loop_now_ms(call->lent->loop);
    return call->caller.known = true;
}
