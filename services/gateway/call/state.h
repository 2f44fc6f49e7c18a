// The state of a call. It moves only along the table in state.c, and what a state began ends when the state
// is left.
#ifndef GATEWAY_CALL_STATE_H
#define GATEWAY_CALL_STATE_H

#include <stdbool.h>

struct call;

enum call_state {
    CALL_FREE,       // in the pool
    CALL_BEGUN,      // being admitted
    CALL_WANTS_KEYS, // the key that signed its token is being fetched; listed with those that wait for keys
    CALL_WANTS_KEYS_WHOLE, // the same, with the body complete
    CALL_BODY,             // admitted; the body is on its way
    CALL_COMPARED,         // the present state of its object is being fetched, because it has a condition
    CALL_ASKED,            // a service has it
    CALL_TICKETED,         // a ticket is made for it, or used
    CALL_LOOKING,          // follows a stream until that has begun
    CALL_PARKED,           // waits for news
    CALL_ANSWERED,
    CALL_STATES,
};

bool call_may_move(enum call_state from, enum call_state to);
// Asserts that the table allows the move.
void call_move(struct call *call, enum call_state to);
void call_unlist(struct call *call); // from the list it is in, if any

#endif
