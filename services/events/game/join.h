// The code by which an event is found at a table: short, said aloud and typed without mistakes. It follows
// from the event's id. Pure.
#ifndef EVENTS_GAME_JOIN_H
#define EVENTS_GAME_JOIN_H

#include <stdbool.h>

#include "lib/base/ids.h"

enum { JOIN_CODE = 6 };

struct join_code {
    char text[JOIN_CODE + 1];
};

struct join_code join_code_of(const char *event_id);
// The code that somebody typed, in capital letters. False for a text that is no event's code.
bool join_code_read(struct join_code *code, const char *text);

#endif
