#include "services/gateway/call/state.h"

#include <assert.h>

#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/graphql.h"
#include "services/gateway/call/presence.h"
#include "services/gateway/call/ticketing.h"
#include "services/gateway/call/waiting.h"

enum { FULL_BYTES = 16 * 1024 }; // of an answered call

#define TO(state) (1U << CALL_##state)

static const unsigned moves[CALL_STATES] = {
    [CALL_FREE] = TO(BEGUN),
    [CALL_BEGUN] = TO(WANTS_KEYS) | TO(BODY) | TO(ANSWERED) | TO(FREE),
    [CALL_WANTS_KEYS] = TO(WANTS_KEYS_WHOLE) | TO(BODY) | TO(ANSWERED) | TO(FREE),
    [CALL_WANTS_KEYS_WHOLE] = TO(COMPARED) | TO(ASKED) | TO(TICKETED) | TO(LOOKING) | TO(ANSWERED) | TO(FREE),
    [CALL_BODY] = TO(COMPARED) | TO(ASKED) | TO(TICKETED) | TO(LOOKING) | TO(ANSWERED) | TO(FREE),
    [CALL_COMPARED] = TO(ASKED) | TO(ANSWERED) | TO(FREE),
    [CALL_ASKED] = TO(PARKED) | TO(ANSWERED) | TO(FREE),
    [CALL_TICKETED] = TO(ASKED) | TO(ANSWERED) | TO(FREE),
    [CALL_LOOKING] = TO(ANSWERED) | TO(FREE),
    [CALL_PARKED] = TO(ASKED) | TO(ANSWERED) | TO(FREE),
    [CALL_ANSWERED] = TO(FREE),
};

bool call_may_move(enum call_state from, enum call_state to) { return moves[from] & 1U << to; }

static bool wants_keys(enum call_state state)
{
    return state == CALL_WANTS_KEYS || state == CALL_WANTS_KEYS_WHOLE;
}

static void state_list(struct call *call, struct call **first)
{
    call->link = first;
    call->next = *first;
    if (call->next) call->next->link = &call->next;
    *first = call;
}

void call_unlist(struct call *call)
{
    if (!call->link) return;
    *call->link = call->next;
    if (call->next) call->next->link = call->link;
    call->link = NULL;
}

static void state_leave(struct call *call, enum call_state from, enum call_state to)
{
    if (wants_keys(from) && !wants_keys(to)) call_unlist(call);
    if (from == CALL_ANSWERED) call_unlist(call);
    if (from == CALL_COMPARED || from == CALL_ASKED)
        gateway_ask_cancel(call->lent->asks, call->ask_id); // nothing when done
    if (from == CALL_PARKED) waiting_unpark(call);
    if (from == CALL_TICKETED) ticketing_leave(call);
    if (from == CALL_LOOKING) presence_leave(call);
}

void call_move(struct call *call, enum call_state to)
{
    enum call_state from = call->state;
    assert(call_may_move(from, to));
    call->state = to;
    state_leave(call, from, to);
    if (wants_keys(to) && !wants_keys(from)) state_list(call, &call->calls->wanting_keys);
    if (to == CALL_ANSWERED && call->arena.used_bytes > FULL_BYTES) state_list(call, &call->calls->full);
    if (to == CALL_ANSWERED || to == CALL_FREE) {
        waiting_end(call);
        graphql_end(call);
    }
}
