// The event itself: how it is opened, edited, handed over, and how it ends.
#include "services/events/game/fold/fold.h"

static bool fold_price(struct terms *kept, const Game__Terms *terms)
{
    kept->payment = (struct seat_terms){0};
    if (!price_read(&kept->price, terms->price)) return false;
    if (!kept->price.currency) return !terms->payment;
    return terms->payment && seat_terms_read(&kept->payment, terms->payment);
}

// By one of these it is put on the cluster.
static void note_start(struct game *game)
{
    int64_t starts_ms = game->terms.starts_ms;
    bool on_way = game_is_on_cluster(game) && !game->cluster_address[0];
    if (on_way && (!game->earliest_start_ms || starts_ms < game->earliest_start_ms))
        game->earliest_start_ms = starts_ms;
}

static bool fold_terms(struct game *game, const Game__Terms *terms)
{
    struct terms *kept = &game->terms;
    if (!terms || terms->min_players < 1 || terms->max_players > GAME_MAX_SEATS ||
        terms->min_players > terms->max_players || terms->reveal_on_death < 0 ||
        terms->reveal_on_death > EVENTS__REVEAL_ON_DEATH__VALUE__ROLE || terms->history < 0 ||
        terms->history > EVENTS__HISTORY__VALUE__NONE)
        return false;
    kept->starts_ms = terms->starts_ms;
    kept->expires_ms = terms->expires_ms;
    kept->min_players = terms->min_players;
    kept->max_players = terms->max_players;
    kept->waitlist = terms->waitlist;
    kept->secret_ballot = terms->secret_ballot;
    kept->beacon = terms->beacon;
    kept->spectator_delay_ms = terms->spectator_delay_ms;
    kept->reveal_on_death =
        terms->reveal_on_death ? terms->reveal_on_death : EVENTS__REVEAL_ON_DEATH__VALUE__NONE;
    kept->chat = !terms->without_chat;
    kept->table_at_night = terms->table_at_night;
    kept->side_by_day = terms->side_by_day;
    kept->history = terms->history ? terms->history : EVENTS__HISTORY__VALUE__ALL;
    if (!fold_price(kept, terms)) return false;
    note_start(game);
    return fold_text(&kept->title, terms->title) && fold_text(&kept->content, terms->content) &&
           fold_short(kept->local, sizeof kept->local, terms->local) &&
           fold_short(kept->zone, sizeof kept->zone, terms->zone);
}

// Reminders whose time is past when the start is set are not sent later.
static void arm_reminders(struct game *game, int64_t now_ms)
{
    int64_t left_s = (game->terms.starts_ms - now_ms) / 1000;
    game->reminded_s = left_s < 0 ? 0 : left_s > INT32_MAX ? INT32_MAX : (int32_t)left_s;
}

static bool fold_deck(struct game *game, const Game__Opened *opened)
{
    for (size_t i = 0; i < opened->n_roles; i++)
        if (!fold_role(game, opened->roles[i])) return false;
    game->deck_roles = game->roles_count;
    for (size_t i = 0; i < opened->n_last_moves; i++) {
        struct last_move_facts *move = array_add(&game->moves, &game->moves_count, sizeof *move);
        if (!move || !fold_id(&move->id, opened->last_moves[i]->last_move_id)) return false;
        if (opened->last_moves[i]->copies < 0 || opened->last_moves[i]->copies > DEAL_MAX_CARDS) return false;
        move->copies = move->left = opened->last_moves[i]->copies;
    }
    return true;
}

bool fold_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Opened *opened = entry->opened;
    if (game->state || opened->n_commitments != DEAL_SECRETS || opened->n_roles > GAME_MAX_ROLES)
        return false;
    if (opened->rules_version < 0 || opened->rules_version > GAME_RULES) return false;
    game->rules_version = opened->rules_version;
    if (!fold_id(&game->id, opened->event_id) || !fold_id(&game->group_id, opened->group_id) ||
        !fold_id(&game->god_id, opened->god_id) || !fold_id(&game->opener_id, opened->god_id) ||
        !fold_id(&game->deck_id, opened->deck_id))
        return false;
    for (int i = 0; i < DEAL_SECRETS; i++)
        if (!fold_hash(game->commitments.first[i], &opened->commitments[i])) return false;
    game->further = opened->further_root.len;
    if (game->further && !fold_hash(game->commitments.further_root, &opened->further_root)) return false;
    game->deck_version = opened->deck_version;
    game->created_ms = entry->time_ms;
    fold_revision(game, entry);
    game->state = EVENTS__EVENT__STATE__OPEN;
    *audience = AUDIENCE(PUBLIC);
    if (!fold_terms(game, opened->terms)) return false;
    arm_reminders(game, entry->time_ms);
    return fold_hash(game->deck_hash, &opened->deck_hash) && fold_text(&game->deck_name, opened->deck_name) &&
           fold_deck(game, opened);
}

bool fold_edited(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int64_t before_ms = game->terms.starts_ms;
    *audience = AUDIENCE(PUBLIC);
    if (!fold_terms(game, entry->edited->terms)) return false;
    fold_revision(game, entry);
    if (game->terms.starts_ms != before_ms) arm_reminders(game, entry->time_ms);
    return true;
}

bool fold_image_set(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    return fold_hash(game->image, &entry->image_set->sha256) &&
           fold_short(game->image_type, sizeof game->image_type, entry->image_set->content_type);
}

bool fold_handed_over(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    fold_assistant_end(game, entry->handed_over->god_id);
    if (game->dealt && !fold_seen(game, entry->handed_over->god_id)) return false;
    return fold_id(&game->god_id, entry->handed_over->god_id);
}

bool fold_reminded(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    game->reminded_s = entry->reminded->before_s;
    return game->reminded_s >= 0;
}

bool fold_voted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(SEALED);
    if (!uuid_check(entry->actor) || entry->voted->vote < 1 || entry->voted->vote > EVENTS__VOTE__VALUE__NONE)
        return false;
    uint32_t *kept = idmap_add(&game->votes, entry->actor);
    if (!kept) return false;
    Events__Vote__Value before = vote_value(*kept), now = entry->voted->vote;
    game->upvotes += (now == EVENTS__VOTE__VALUE__UP) - (before == EVENTS__VOTE__VALUE__UP);
    game->downvotes += (now == EVENTS__VOTE__VALUE__DOWN) - (before == EVENTS__VOTE__VALUE__DOWN);
    *kept = vote_kept(now, vote_changes(*kept) + 1);
    return true;
}

bool fold_unchanged(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)game, (void)entry;
    *audience = AUDIENCE(SEALED);
    return true;
}

bool fold_finished(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    for (size_t i = 0; i < entry->finished->n_winning_side_ids; i++) {
        struct uuid *winner = array_add(&game->winners, &game->winners_count, sizeof *winner);
        if (!winner || !fold_id(winner, entry->finished->winning_side_ids[i])) return false;
    }
    game->state = EVENTS__EVENT__STATE__DONE;
    return true;
}

bool fold_cancelled(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    fold_revision(game, entry);
    game->state = EVENTS__EVENT__STATE__CANCELLED;
    return true;
}

bool fold_expired(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    game->state = EVENTS__EVENT__STATE__EXPIRED;
    return true;
}
