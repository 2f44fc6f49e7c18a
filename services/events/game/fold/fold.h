// What the parts of the fold share; only the files of fold/ include it. A fold function applies one kind of
// entry to the state and returns its viewers; false means that the entry does not fit.
#ifndef EVENTS_GAME_FOLD_FOLD_H
#define EVENTS_GAME_FOLD_FOLD_H

#include "services/events/game/game.h"

typedef bool fold_function(struct game *game, const Game__Entry *entry, struct audience *audience);

#define AUDIENCE(kind_) ((struct audience){.kind = AUDIENCE_##kind_})
#define AUDIENCE_OF(kind_, who_) ((struct audience){.kind = AUDIENCE_##kind_, .who = (uint16_t)(who_)})

bool fold_id(struct uuid *id, const char *text);
bool fold_text(char **kept, const char *text); // replaces
bool fold_short(char *kept, size_t size, const char *text);
void fold_revision(struct game *game, const Game__Entry *entry); // for a public entry
// The secret of deal k; only a further one has siblings.
bool fold_secret(struct opened_secret *kept, int32_t k, const ProtobufCBinaryData *secret,
                 const ProtobufCBinaryData *siblings, size_t count);
int fold_side(struct game *game, const char *side_id); // its place, added when new; 0: no room or no id
bool fold_role(struct game *game, const Game__RoleFacts *role);

extern fold_function *const fold_seats[], *const fold_play[]; // by body case
enum { FOLD_SEATS_END = GAME__ENTRY__BODY_DEAL_OPENED + 1, FOLD_PLAY_END = GAME__ENTRY__BODY_EXPIRED + 1 };

#endif
