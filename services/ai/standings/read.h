// Standings from what is stored.
#ifndef AI_STANDINGS_READ_H
#define AI_STANDINGS_READ_H

#include "lib/store/store.h"
#include "services/ai/ai.h"
#include "services/ai/standings/standings.h"

// Folds in what was stored behind the state; of standings as after init, also the snapshot before that.
// Blocks. When the
// store can't be read they stay; when what is stored can't be, they are as after init.
MUST_CHECK bool standings_read_on(struct standings *standings, struct store *store, struct err *err);
// The same from the first entry, without a snapshot.
MUST_CHECK bool standings_read_all(struct standings *standings, struct store *store, struct err *err);
// Keeps the state as the stream's snapshot; of one that is too large, or that an older process could not
// read, there is none. Blocks.
MUST_CHECK bool standings_keep(const struct standings *standings, const struct ai *ai, struct err *err);

#endif
