// Taking back what the god did by mistake.
#include "services/events/game/rules/rules.h"
#include "services/events/game/undo.h"

static bool is_of_newest_act(const struct game *game, uint64_t seq)
{
    size_t records = undo_act(game);
    for (size_t i = game->undos_count - records; i < game->undos_count; i++)
        if (game->undos[i].seq == seq) return true;
    return false;
}

static bool need_newest_act(const struct game *game, uint64_t seq, struct err *err)
{
    const struct undo *newest = undo_newest(game);
    if (!newest) return err_fail(err, NOT_UNDOABLE, "there is no act that can be undone");
    return is_of_newest_act(game, seq) ||
           err_fail(err, NOT_UNDOABLE, "only the newest act, number %llu, can be undone",
                    (unsigned long long)newest->seq);
}

// What an assistant may not do, they do not take back.
static bool may_take_back(const struct game *game, const char *actor, struct err *err)
{
    size_t records = undo_act(game);
    bool of_god = false;
    for (size_t i = game->undos_count - records; i < game->undos_count; i++)
        of_god |= game->undos[i].which == GAME__ENTRY__BODY_SCORED;
    return !of_god || game_assistant(game, actor) == GAME_NO_ONE ||
           err_fail(err, NOT_OWNER, "a score is the god's, also to take back");
}

static void add_undone(struct game *game, struct entries *entries)
{
    const struct undo *newest = undo_newest(game);
    struct uuid user_id = {""};
    int person = newest->person == UINT16_MAX ? GAME_NO_ONE : newest->person;
    unsigned before = person == GAME_NO_ONE ? 0 : rules_voting_facts(game, person);
    if (person != GAME_NO_ONE) user_id = game->people[person].user_id;
    ENTRY(entries, game, UNDONE, Undone, undone, .kind = game_kind(newest->which), .time_ms = newest->time_ms,
          .user_id = user_id.text);
    if (person != GAME_NO_ONE && rules_voting_facts(game, person) != before)
        rules_add_poll_change(game, entries);
}

bool rules_undo(struct game *game, struct entries *entries, uint64_t seq, struct err *err)
{
    if (!rules_need_playing(game, err) || !rules_need_room(game, err)) return false;
    if (!need_newest_act(game, seq, err) || !may_take_back(game, entries->actor, err)) return false;
    for (size_t left = undo_act(game); left; left--) add_undone(game, entries);
    return true;
}
