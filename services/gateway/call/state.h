// Where a call is. It moves only along the table in state.c, and what a state began ends when it is left.
#ifndef GATEWAY_CALL_STATE_H
#define GATEWAY_CALL_STATE_H

#include <stdbool.h>

struct call;

enum call_state {
    CALL_FREE,       // in the pool
    CALL_BEGUN,      // being admitted
    CALL_WANTS_KEYS, // the key that signed its token is being asked for; listed with those that want keys
    CALL_WANTS_KEYS_WHOLE, // the same, with the body there
    CALL_BODY,             // admitted; the body is on its way
    CALL_COMPARED,         // how its object is now is being asked for, as it has a condition
    CALL_ASKED,            // a service has it
    CALL_PARKED,           // waits for news
    CALL_ANSWERED,
    CALL_STATES,
};

bool call_may_move(enum call_state from, enum call_state to);
// Asserts that it may.
void call_move(struct call *call, enum call_state to);
void call_unlist(struct call *call); // from the list it is in, if any

#endif
