// Which accounts are whose in Discord. Somebody is given a code there, for ten minutes, and gives it here,
// logged in.
#ifndef AI_DISCORD_LINKS_H
#define AI_DISCORD_LINKS_H

#include "lib/base/arena.h"
#include "lib/base/ids.h"
#include "lib/store/store.h"
#include "services/ai/discord/snowflake.h"

enum { LINK_CODE = 9, LINK_CODE_MS = 10 * 60000 };

// A new code for a user of Discord.
MUST_CHECK bool link_offer(struct store *store, const char *discord_id, int64_t now_ms, char code[LINK_CODE],
                           struct err *err);
// Who has the code, in any case and with dashes. NOT_FOUND when nobody has, or its time is over.
MUST_CHECK bool link_find(struct store *store, const char *code, int64_t now_ms, char discord_id[SNOWFLAKE],
                          struct arena *arena, struct err *err);
// The account is theirs, and nobody else's; the code is of no use any more. `write` is of the link; *ticket
// of all.
MUST_CHECK bool link_make(struct store *store, const char *discord_id, const char *user_id, const char *code,
                          const struct store_write *write, uint64_t *ticket, struct arena *arena,
                          struct err *err);
// *user_id is "" when there is none.
MUST_CHECK bool link_of(struct store *store, const char *discord_id, struct uuid *user_id,
                        struct arena *arena, struct err *err);
// Removes those of an account. *ticket of the last one, or 0.
MUST_CHECK bool links_forget(struct store *store, const char *user_id, uint64_t *ticket, struct err *err);
// Removes codes whose time is over, a hundred at most; sets *more when there are others.
MUST_CHECK bool links_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena,
                            struct err *err);

#endif
