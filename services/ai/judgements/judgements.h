// Whether tips helped, as those who had them say: a row for each answer, which goes with the account.
#ifndef AI_JUDGEMENTS_JUDGEMENTS_H
#define AI_JUDGEMENTS_JUDGEMENTS_H

#include "lib/base/ids.h"
#include "lib/store/store.h"

enum { JUDGEMENTS_COUNTED = 300 }; // of a kind, the newest

// Of an event, for the user to whom it was given.
struct judged_tip {
    const char *user_id, *event_id;
    uint32_t kind; // ai.Tip.Kind
};
struct judgement_count {
    uint32_t useful, answers;
    bool own, own_useful; // what the user has said of this tip, if they have
};

// In place of what the user has said of it before; blocks.
MUST_CHECK bool judgements_put(struct store *store, const struct judged_tip *tip, bool useful, int64_t now_ms,
                               struct err *err);
// Of all who had tips of this kind.
MUST_CHECK bool judgements_count(struct store *store, const struct judged_tip *tip, struct arena *arena,
                                 struct judgement_count *count, struct err *err);

#endif
