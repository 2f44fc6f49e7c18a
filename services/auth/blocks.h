// Blocks: whom a person does not want to hear from.
#ifndef AUTH_BLOCKS_H
#define AUTH_BLOCKS_H

#include "services/auth/accounts.h"

enum { BLOCKS_MOST = 1000 }; // of one person

// LIMIT_REACHED. Blocking again changes nothing, nor does unblocking who is not blocked.
MUST_CHECK bool block_set(struct auth *auth, const char *user_id, const char *blocked_id, struct arena *arena,
                          int64_t now_ms, struct err *err);
MUST_CHECK bool block_remove(struct auth *auth, const char *user_id, const char *blocked_id,
                             struct arena *arena, struct err *err);
// Rows are accounts.Block, oldest first.
MUST_CHECK bool blocks_find(struct auth *auth, const char *user_id, uint32_t limit, const char *page_token,
                            struct arena *arena, struct store_rows *rows, struct err *err);
// Removes a person's blocks, and those of them.
MUST_CHECK bool blocks_forget(struct auth *auth, const char *user_id, struct err *err);

#endif
