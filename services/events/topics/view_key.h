// Whose view of which stream it is, as bytes: a place's key, whose beginning is the epoch of cursors. It is
// another in a store that was restored. Pure.
#ifndef EVENTS_TOPICS_VIEW_KEY_H
#define EVENTS_TOPICS_VIEW_KEY_H

#include <stddef.h>
#include <stdint.h>

enum { VIEW_KEY = 16 };

// words: the kind of the stream, what it is about, and the viewer's class.
void view_key_make(uint64_t generation, const char *const *words, size_t count, uint8_t key[VIEW_KEY]);

#endif
