// Who is writing just now, in memory alone: forgotten after six seconds, and with the process. Thread-safe.
#ifndef EVENTS_CHAT_TYPING_H
#define EVENTS_CHAT_TYPING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ids.h"

enum { TYPING_MS = 6000, TYPING_MOST = 1024, TYPING_IN_ROOM = 16 };

struct typing;

MUST_CHECK bool typing_open(struct typing **typing, struct err *err);
void typing_close(struct typing *typing); // NULL is fine

// times are monotonic. Without room for one more, the one that would be forgotten first is. False: they were
// known to be writing.
bool typing_note(struct typing *typing, const char *room_id, const char *user_id, int64_t mono_ms);
// Says that they write no more.
void typing_end(struct typing *typing, const char *room_id, const char *user_id);
// *next_ms: when the first of them is forgotten; 0: there is nobody.
size_t typing_in(struct typing *typing, const char *room_id, int64_t mono_ms,
                 struct uuid users[TYPING_IN_ROOM], int64_t *next_ms);

#endif
