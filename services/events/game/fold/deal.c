// Lock, deal and cards.
#include "services/events/game/fold/fold.h"

#include "services/events/game/status.h"

bool fold_locked(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    if (game->state != EVENTS__EVENT__STATE__OPEN || entry->locked->k != game->k ||
        game->k > game_deals(game))
        return false;
    game->state = EVENTS__EVENT__STATE__LOCKED;
    game->locking = false;
    return true;
}

bool fold_reopened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    if (game->state != EVENTS__EVENT__STATE__LOCKED) return false;
    game->state = EVENTS__EVENT__STATE__OPEN;
    return true;
}

bool fold_deal_burned(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__DealBurned *deal = entry->deal_burned;
    *audience = AUDIENCE(PUBLIC);
    if (deal->k != game->k || game->k > game_deals(game)) return false;
    struct burned *burned = array_add(&game->burned, &game->burned_count, sizeof *burned);
    if (!burned || !fold_text(&burned->reason, deal->reason) ||
        !fold_secret(&burned->secret, deal->k, &deal->secret, deal->siblings, deal->n_siblings))
        return false;
    burned->k = deal->k;
    game->k++;
    fold_beacon_burn(game);
    return true;
}

bool fold_revealed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    if (entry->revealed->k != game->k || !fold_hash(game->root, &entry->revealed->root)) return false;
    game->state = EVENTS__EVENT__STATE__REVEALED;
    game->dealt = true;
    for (size_t i = 0; i < game->assistants_count; i++)
        if (!fold_seen(game, game->assistants[i].user_id.text)) return false;
    return fold_seen(game, game->god_id.text);
}

bool fold_card_dealt(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->card_dealt->user_id);
    int role = game_find_role(game, entry->card_dealt->role_id);
    if (player == GAME_NO_ONE || !role || !game->dealt) return false;
    struct person *person = &game->people[player];
    person->card = person->role = person->told_role = (uint16_t)role;
    person->side = person->told_side = (uint8_t)fold_side(game, game->roles[role - 1].side_id.text);
    person->opened_role = person->opened_side = 0; // as is the card
    person->abilities_left = person->told_left = (int16_t)game->roles[role - 1].abilities;
    person->card_shown = false;
    person->statuses.on &= (uint16_t)~STATUSES_CHANGES; // of the card that a re-deal took back
    person->statuses.told &= (uint16_t)~STATUSES_CHANGES;
    *audience = AUDIENCE_OF(PERSON, player);
    return person->side != 0;
}

bool fold_card_shown(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->card_shown->user_id);
    if (player == GAME_NO_ONE || !game->people[player].card) return false;
    game->people[player].card_shown = true;
    *audience = AUDIENCE_OF(PERSON, player);
    return true;
}

bool fold_deal_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    const Game__DealOpened *deal = entry->deal_opened;
    if (!game->dealt || deal->k != game->k) return false;
    game->opened = true;
    return fold_secret(&game->secret, deal->k, &deal->secret, deal->siblings, deal->n_siblings);
}
