// The rights of a method's passport: which programs and callers may call it, and which program may read which
// stream. Pure; nothing is allocated.
#ifndef LIB_SCHEMA_PASSPORT_H
#define LIB_SCHEMA_PASSPORT_H

#include "lib/schema/schema.h"
#include "rpc.pb-c.h"

enum { LEVEL_DEV = 1, LEVEL_GOD = 2, LEVEL_PLAYER = 3 }; // auth.Level; 0: nobody

// CALLER_REFUSED when the program is not among the method's callers.
MUST_CHECK bool passport_check_asker(const struct schema_method *method, Conse__Asker__Value asker,
                                     struct err *err);
// TOKEN_INVALID for a caller that is nobody, LEVEL_TOO_LOW for others.
MUST_CHECK bool passport_check_level(const struct schema_method *method, uint32_t level, struct err *err);
// KEY_REFUSED for the token of an API key where only a log-in's counts.
MUST_CHECK bool passport_check_key(const struct schema_method *method, bool is_key, struct err *err);
// LEVEL_TOO_LOW when the caller cannot be an owner, whatever is stored: a player that names another player's
// seat.
MUST_CHECK bool passport_check_owners(const struct schema_method *method, const ProtobufCMessage *request,
                                      const Rpc__Caller *caller, struct err *err);
// Whether an owner of kind SELF is this user.
bool passport_is_self(const struct schema_owner *owner, const ProtobufCMessage *request, const char *user_id);
// Refuses an object of someone else: NOT_OWNER, or NOT_FOUND as if it did not exist. Always false.
bool passport_refuse(const struct schema_method *method, const char *thing, struct err *err);

bool passport_reaches(Conse__Method__Level needed, uint32_t level); // a user of level, 0 for nobody

// Whether streams of the row may match the pattern, which is a stream or a prefix followed by *.
bool passport_may_fit(const struct schema_stream *stream, const char *pattern);
bool passport_reads(const struct schema_stream *stream, Conse__Asker__Value asker); // whole, or its numbers
// The first row of the table that matches the stream; NULL when none does.
const struct schema_stream *passport_find_stream(const struct schema_stream *streams, const char *name);
// How a stream is read, by its row: for nobody as the program may, for a user whole, unless the source finds
// that it is someone else's.
enum stream_right { STREAM_ABSENT, STREAM_NUMBERS, STREAM_WHOLE };
enum stream_right passport_stream(const struct schema_stream *streams, Conse__Asker__Value asker,
                                  const Rpc__Caller *caller, const char *name);

#endif
