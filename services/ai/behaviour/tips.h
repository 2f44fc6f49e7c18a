#ifndef AI_TIPS_H
#define AI_TIPS_H

#include "services/ai/behaviour/behaviour.h"

// Tips for the role that a player was just dealt, from counts alone: what usually ends their part, which
// first use of an ability won most, and what they leave unused. Each comes from the nearest history that has
// it: their own with the role, their own on the side, everybody's with the role. Pure and deterministic.

enum tip_kind { TIP_END, TIP_FIRST_USE, TIP_LEFT_OVER, TIP_READ_ROLE };
enum tip_scope { TIP_OWN_ROLE, TIP_OWN_SIDE, TIP_EVERYBODYS_ROLE, TIP_NO_HISTORY };

enum { TIPS_MOST = 3, TIPS_GAMES = 5, TIP_TEXT_BYTES = 512 };

struct tip {
    enum tip_kind kind;
    enum tip_scope scope;
    uint32_t count,
        games; // END: out so in count of games. FIRST_USE: won count of games. LEFT_OVER: left some in count.
    uint32_t all_won, all_games; // FIRST_USE: with any first use or none
    uint32_t uses;               // LEFT_OVER: unused abilities in all
    uint8_t part, status, day;   // END: part and status. FIRST_USE: part and day
};

// Writes at most TIPS_MOST, own history first, each from at least TIPS_GAMES games of its scope; when no
// history has a tip, one TIP_READ_ROLE. Returns how many.
uint32_t tips_find(const struct behaviour *own, const struct behaviour *everybodys, struct behaviour_id role,
                   struct behaviour_id side, struct tip *tips);

// One English sentence, always terminated; `out` has TIP_TEXT_BYTES, which holds it for names up to 100
// bytes.
void tip_text(const struct tip *tip, const char *role_name, char *out);
// The same in Persian.
void tip_text_fa(const struct tip *tip, const char *role_name, char *out);

#endif
