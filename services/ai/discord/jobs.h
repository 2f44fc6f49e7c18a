// Commands as rows: stored before they are answered, so that whichever process has the lease finishes them.
// An interaction that comes again finds its row.
#ifndef AI_DISCORD_JOBS_H
#define AI_DISCORD_JOBS_H

#include "discord.pb-c.h"
#include "lib/base/arena.h"
#include "lib/store/store.h"
#include "services/ai/discord/interaction.h"

enum {
    JOB_LIFE_MS = 14 * 60000, // of an interaction's token it is 15
    JOB_KEPT_MS = 20 * 60000, // longer than a request may be repeated
    JOB_USER_MS = 30000,      // between two summaries for somebody
    JOB_CHANNEL_MS = 10000,   // of a channel
    JOB_OTHER_MS = 3000,      // between somebody's other commands of a kind
    JOBS_PAGE = 100,
};

// What was answered to it before; NULL first: nothing.
MUST_CHECK bool job_answered(struct store *store, const char *id, struct arena *arena,
                             ProtobufCBinaryData *first, struct err *err);
// When somebody may give the command again (unix), or the channel be summed up; not later than now: now.
MUST_CHECK bool job_may_from(struct store *store, const struct interaction *interaction,
                             Discord__JobRow__Kind kind, int64_t now_ms, int64_t *from_ms,
                             struct arena *arena, struct err *err);
// The row of a command; its token is sealed for who has the bot's token.
void job_fill(Discord__JobRow *row, const struct interaction *interaction, Discord__JobRow__Kind kind,
              int64_t now_ms, const char *secret, struct arena *arena);
// Of a command that came too soon: it was answered at once.
void job_fill_refused(Discord__JobRow *row);
// False when it was sealed by another bot's token.
bool job_token(const Discord__JobRow *row, const char *secret, char token[INTERACTION_TOKEN]);

// Stores it in a state for the first time, whoever did so before; and a later one.
uint64_t job_begin(struct store *store, const Discord__JobRow *row, const struct store_write *write);
MUST_CHECK bool job_move(struct store *store, const Discord__JobRow *row, uint64_t *version, struct err *err);
// Those that wait in a state, the oldest first.
MUST_CHECK bool jobs_in(struct store *store, Discord__JobRow__State state, struct arena *arena,
                        struct store_rows *rows, struct err *err);
// Removes those that are of no use any more, a hundred at most; sets *more when there are others.
MUST_CHECK bool jobs_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena,
                           struct err *err);

#endif
