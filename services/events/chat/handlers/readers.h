// Who reads a room, by class, and what is shown to them alone.
#ifndef EVENTS_CHAT_HANDLERS_READERS_H
#define EVENTS_CHAT_HANDLERS_READERS_H

#include "services/events/chat/show.h"
#include "services/events/chat/visit.h"

// Readers of one class get the same, under the same numbers.
enum reader_class { CLASS_READER, CLASS_LATE_READER, CLASS_LEADER, READER_CLASSES };
enum reader_class reader_class_of(const struct room_right *right); // of who reads
enum { ROOM_KEY = 16 };
void reader_key(const struct events *events, const struct room *room, enum reader_class class,
                uint8_t key[ROOM_KEY]);
// Tells the caller, with the reply, where a stream of the room goes on.
void reader_tell_cursor(const struct visit *visit);

// The caller, for what is shown; part must outlive it.
struct reader reader_of(const struct visit *visit, const struct room_text *part);
// All texts that a message had, as far as they are stored.
MUST_CHECK bool reader_add_texts(const struct visit *visit, const struct said *said, Events__Message *message,
                                 struct err *err);

#endif
