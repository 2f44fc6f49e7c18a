// Events that somebody wants to be suggested no more, as rows.
#ifndef AI_SUGGESTIONS_HIDDEN_H
#define AI_SUGGESTIONS_HIDDEN_H

#include "lib/store/store.h"

enum { HIDDEN_MOST = 500 }; // of a person; the oldest gives way

struct hidden {
    const char *const *event_ids;
    size_t count;
};

// The write's ticket; the same again changes nothing.
uint64_t hidden_put(struct store *store, const char *user_id, const char *event_id, int64_t now_ms,
                    const struct store_write *write);
MUST_CHECK bool hidden_find(struct store *store, const char *user_id, struct arena *arena,
                            struct hidden *hidden, struct err *err);
// Removes those beyond what a person may have.
MUST_CHECK bool hidden_trim(struct store *store, const char *user_id, struct arena *arena, struct err *err);

#endif
