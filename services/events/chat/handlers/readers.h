// Who reads a room, by class, and what is shown to them alone.
#ifndef EVENTS_CHAT_HANDLERS_READERS_H
#define EVENTS_CHAT_HANDLERS_READERS_H

#include "services/events/chat/show.h"
#include "services/events/chat/visit.h"

// Readers of one class get the same, under the same numbers.
enum reader_class { CLASS_READER, CLASS_LATE_READER, CLASS_LEADER, READER_CLASSES };
enum reader_class reader_class_of(const struct room_right *right); // of who reads
enum { ROOM_KEY = 16 };
// Once texts are kept no more it is another one: whoever holds some is told to begin anew.
void reader_key(const struct visit *visit, enum reader_class class, uint8_t key[ROOM_KEY]);
// Tells the caller, with the reply, where a stream of the room goes on.
void reader_tell_cursor(const struct visit *visit);

// The caller, for what is shown; part must outlive it.
struct reader reader_of(const struct visit *visit, const struct room_text *part);
// All texts that a message had, as far as they are kept. False when the arena is full.
MUST_CHECK bool reader_add_texts(const struct reader *reader, struct said *said, Events__Message *message);

#endif
