#include "services/ai/behaviour/tips.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = BEHAVIOUR_DEALT, DAYS = BEHAVIOUR_LAST_DAY + 1 };

struct outcome {
    uint64_t games, won;
};

// The counts of one scope.
struct history {
    struct outcome all;
    struct outcome first_uses[DAYS][PARTS];
    uint64_t ends[PARTS][BEHAVIOUR_STATUSES];
    uint64_t left_over_games, left_over_uses;
};

static bool same_id(const struct behaviour_id *a, const struct behaviour_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void tips_remember(struct history *history, const struct behaviour_entry *entry)
{
    const struct behaviour_key *key = &entry->key;
    if (key->kind == BEHAVIOUR_RESULT) {
        history->all.games += entry->counts[0];
        history->all.won += entry->counts[1];
    } else if (key->kind == BEHAVIOUR_END) {
        history->ends[key->x][key->y] += entry->counts[0];
    } else if (key->kind == BEHAVIOUR_LEFT_OVER) {
        history->left_over_games += entry->counts[0];
        history->left_over_uses += entry->counts[1];
    } else if (key->kind == BEHAVIOUR_FIRST_USE) {
        history->first_uses[key->x][key->y].games += entry->counts[0];
        history->first_uses[key->x][key->y].won += entry->counts[1];
    }
}

static void remember_role(struct history *history, const struct behaviour *graph,
                          const struct behaviour_id *role)
{
    static const uint8_t kinds[] = {BEHAVIOUR_RESULT, BEHAVIOUR_END, BEHAVIOUR_LEFT_OVER,
                                    BEHAVIOUR_FIRST_USE};
    uint32_t count;
    const struct behaviour_entry *entries = behaviour_entries(graph, &count);
    for (size_t i = 0; i < sizeof kinds; i++) {
        struct behaviour_key key = {.kind = kinds[i], .role = *role};
        for (uint32_t at = behaviour_seek(graph, &key);
             at < count && entries[at].key.kind == kinds[i] && same_id(&entries[at].key.role, role); at++)
            tips_remember(history, &entries[at]);
    }
}

static void remember_side(struct history *history, const struct behaviour *graph,
                          const struct behaviour_id *side)
{
    uint32_t count;
    const struct behaviour_entry *entries = behaviour_entries(graph, &count);
    for (uint32_t i = 0; i < count; i++)
        if (same_id(&entries[i].key.side, side)) tips_remember(history, &entries[i]);
}

static uint32_t tips_clamp(uint64_t count) { return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX; }

static bool find_end(const struct history *history, struct tip *tip)
{
    uint64_t most = 0;
    for (uint32_t part = 0; part < PARTS; part++) {
        for (uint32_t status = 0; status < BEHAVIOUR_STATUSES; status++) {
            if (history->ends[part][status] <= most) continue;
            most = history->ends[part][status];
            tip->part = (uint8_t)part;
            tip->status = (uint8_t)status;
        }
    }
    tip->kind = TIP_END;
    tip->count = tips_clamp(most);
    tip->games = tips_clamp(history->all.games);
    return most > 0;
}

// Compares wins to be expected, (won + 1) / (games + 2), so that one lucky game is no evidence.
static bool wins_more(const struct outcome *a, const struct outcome *b)
{
    return (double)(a->won + 1) * (double)(b->games + 2) > (double)(b->won + 1) * (double)(a->games + 2);
}

static bool find_first_use(const struct history *history, struct tip *tip)
{
    const struct outcome *best = &history->all;
    for (uint32_t day = 1; day < DAYS; day++) {
        for (uint32_t part = 0; part < PARTS; part++) {
            const struct outcome *use = &history->first_uses[day][part];
            if (use->games < 2 || !wins_more(use, best)) continue;
            best = use;
            tip->day = (uint8_t)day;
            tip->part = (uint8_t)part;
        }
    }
    tip->kind = TIP_FIRST_USE;
    tip->count = tips_clamp(best->won);
    tip->games = tips_clamp(best->games);
    tip->all_won = tips_clamp(history->all.won);
    tip->all_games = tips_clamp(history->all.games);
    return best != &history->all;
}

static bool find_left_over(const struct history *history, struct tip *tip)
{
    tip->kind = TIP_LEFT_OVER;
    tip->count = tips_clamp(history->left_over_games);
    tip->games = tips_clamp(history->all.games);
    tip->uses = tips_clamp(history->left_over_uses);
    return history->left_over_games > 0;
}

static bool (*const finders[TIPS_MOST])(const struct history *history,
                                        struct tip *tip) = {find_end, find_first_use, find_left_over};

// Adds the tips of this scope that no nearer one had.
static uint32_t add_tips(const struct history *history, enum tip_scope scope, bool *found, struct tip *tips,
                         uint32_t count)
{
    for (int i = 0; i < TIPS_MOST; i++) {
        struct tip tip = {.scope = scope};
        if (found[i] || history->all.games < TIPS_GAMES || !finders[i](history, &tip)) continue;
        found[i] = true;
        tips[count++] = tip;
    }
    return count;
}

uint32_t tips_find(const struct behaviour *own, const struct behaviour *everybodys, struct behaviour_id role,
                   struct behaviour_id side, struct tip *tips)
{
    bool found[TIPS_MOST] = {false};
    struct history own_role = {.all = {0}}, own_side = {.all = {0}}, everyones = {.all = {0}};
    remember_role(&own_role, own, &role);
    uint32_t count = add_tips(&own_role, TIP_OWN_ROLE, found, tips, 0);
    remember_side(&own_side, own, &side);
    count = add_tips(&own_side, TIP_OWN_SIDE, found, tips, count);
    remember_role(&everyones, everybodys, &role);
    count = add_tips(&everyones, TIP_EVERYBODYS_ROLE, found, tips, count);
    if (count > 0) return count;
    tips[0] = (struct tip){.kind = TIP_READ_ROLE, .scope = TIP_NO_HISTORY};
    return 1;
}

static const char *part_text(uint8_t part)
{
    static const char *const texts[PARTS] = {"by day", "at mid-day", "at night"};
    return part < PARTS ? texts[part] : "";
}

static const char *end_text(uint8_t status)
{
    if (status == BEHAVIOUR_KICKED) return "kicked";
    if (status == BEHAVIOUR_EXITED) return "out by leaving";
    return status == BEHAVIOUR_DEVOTED ? "sacrificed" : "dead";
}

void tip_text(const struct tip *tip, const char *role_name, char *out)
{
    const char *who = tip->scope == TIP_EVERYBODYS_ROLE ? "players" : "you";
    char where[TIP_TEXT_BYTES / 2];
    if (tip->scope == TIP_OWN_SIDE)
        snprintf(where, sizeof where, "On this side");
    else
        snprintf(where, sizeof where, "As %s", role_name);
    switch (tip->kind) {
    case TIP_END:
        snprintf(out, TIP_TEXT_BYTES, "%s %s were %s %s in %u of %u games.", where, who,
                 end_text(tip->status), part_text(tip->part), tip->count, tip->games);
        break;
    case TIP_FIRST_USE:
        snprintf(out, TIP_TEXT_BYTES,
                 "%s %s won %u of %u games with a first ability use on day %u %s, and %u of %u in all.",
                 where, who, tip->count, tip->games, tip->day, part_text(tip->part), tip->all_won,
                 tip->all_games);
        break;
    case TIP_LEFT_OVER:
        snprintf(out, TIP_TEXT_BYTES, "%s %s left abilities unused in %u of %u games, %u uses in all.", where,
                 who, tip->count, tip->games, tip->uses);
        break;
    case TIP_READ_ROLE:
        snprintf(out, TIP_TEXT_BYTES, "No pattern yet for %s: read what the card can do.", role_name);
        break;
    }
}

// ---- In Persian

static const char *part_text_fa(uint8_t part)
{
    static const char *const texts[PARTS] = {"در روز", "در نیم‌روز", "در شب"};
    return part < PARTS ? texts[part] : "";
}

static const char *end_text_fa(uint8_t status)
{
    if (status == BEHAVIOUR_KICKED) return "اخراج";
    if (status == BEHAVIOUR_EXITED) return "با ترک بازی خارج";
    return status == BEHAVIOUR_DEVOTED ? "فدا" : "کشته";
}

void tip_text_fa(const struct tip *tip, const char *role_name, char *out)
{
    const bool others = tip->scope == TIP_EVERYBODYS_ROLE;
    const char *who = others ? "بازیکنان" : "شما", *person = others ? "ند" : "ید";
    char where[TIP_TEXT_BYTES / 2];
    if (tip->scope == TIP_OWN_SIDE)
        snprintf(where, sizeof where, "در این سمت");
    else
        snprintf(where, sizeof where, "با نقش %s", role_name);
    switch (tip->kind) {
    case TIP_END:
        snprintf(out, TIP_TEXT_BYTES, "%s، %s در %u بازی از %u بازی %s %s شده‌ا%s.", where,
                 who, tip->count, tip->games, part_text_fa(tip->part), end_text_fa(tip->status), person);
        break;
    case TIP_FIRST_USE:
        snprintf(out, TIP_TEXT_BYTES,
                 "%s، %s %u بازی از %u بازی را با نخستین استفاده از توانایی در روز %u %s "
                 "برده‌ا%s، "
                 "و "
                 "در "
                 "کل "
                 "%u از %u.",
                 where, who, tip->count, tip->games, tip->day, part_text_fa(tip->part), person, tip->all_won,
                 tip->all_games);
        break;
    case TIP_LEFT_OVER:
        snprintf(out, TIP_TEXT_BYTES,
                 "%s، %s در %u بازی از %u بازی از توانایی‌ها استفاده "
                 "نکرده‌ا%s؛ "
                 "روی "
                 "هم "
                 "%u "
                 "بار.",
                 where, who, tip->count, tip->games, person, tip->uses);
        break;
    case TIP_READ_ROLE:
        snprintf(out, TIP_TEXT_BYTES,
                 "برای نقش %s هنوز الگویی نیست: بخوانید که این کارت چه "
                 "می‌تواند.",
                 role_name);
        break;
    }
}
