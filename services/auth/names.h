// The topic auth.names: name, level, suspension and opt-outs of every account, for services that show people.
// The stored accounts are authoritative; the stream is made from them and completed at start, so a crash
// between the two loses nothing. It is compacted: entries that newer ones have replaced are dropped, so of
// each user the newest remains.
#ifndef AUTH_NAMES_H
#define AUTH_NAMES_H

#include "services/auth/accounts.h"

#define NAMES_STREAM "auth.names"
#define NAMES_KIND "NAME"

// Queues the entry of an account whose row of `version` is queued with the ticket `after`; names_finish then
// waits for it and publishes. An entry that could not be stored is owed.
uint64_t names_add(struct auth *auth, const Accounts__Account *row, uint64_t version, uint64_t after);
void names_finish(struct auth *auth, uint64_t ticket);
// At start: adds entries that are missing in the stream.
MUST_CHECK bool names_catch_up(struct auth *auth, struct err *err);
// The same when something is owed; otherwise it does nothing.
MUST_CHECK bool names_pay(struct auth *auth, struct err *err);
// When the stream has become twice as long as necessary: leaves one entry of each user.
MUST_CHECK bool names_compact(struct auth *auth, struct err *err);
// The same, however long it is: names of deleted accounts are gone then.
MUST_CHECK bool names_compact_now(struct auth *auth, struct err *err);

#endif
