#include "services/events/game/classes.h"

#include <sodium.h>
#include <string.h>

#include "services/events/game/game.h"

static bool class_leads(const struct game *game, const char *user_id, bool dev, bool god)
{
    return dev || (god && strcmp(game->god_id.text, user_id) == 0) ||
           game_assistant(game, user_id) != GAME_NO_ONE;
}

struct viewer_class class_of(const struct game *game, const char *user_id, bool dev, bool god)
{
    int person = *user_id ? game_person(game, user_id) : GAME_NO_ONE;
    bool seated = person != GAME_NO_ONE && game->people[person].seat;
    struct viewer_class class = {.kind = CLASS_OPENED, .person = GAME_NO_ONE, .seated = seated};
    if (game_over(game)) return class;
    class.leads = *user_id && class_leads(game, user_id, dev, god) && !game_takes_part(game, person);
    class.late = game->terms.spectator_delay_ms && !class.leads && !seated;
    if (class.leads)
        class.kind = dev ? CLASS_WHOLE : CLASS_GOD;
    else if (person != GAME_NO_ONE)
        class.kind = CLASS_PERSON, class.person = person;
    else
        class.kind = class.late ? CLASS_LATE : CLASS_PUBLIC;
    return class;
}

struct viewer class_viewer(const struct viewer_class *class)
{
    bool all = class->kind == CLASS_OPENED || class->kind == CLASS_WHOLE;
    return (struct viewer){.god = class->leads || all, .person = class->person, .all = all};
}

struct viewer class_looks(const struct viewer_class *class)
{
    struct viewer viewer = class_viewer(class);
    viewer.all = class->kind == CLASS_OPENED;
    return viewer;
}

static void class_hash_text(crypto_hash_sha256_state *hash, const char *text)
{
    crypto_hash_sha256_update(hash, (const uint8_t *)text, strlen(text) + 1);
}

struct class_key class_key(const struct game *game, const struct viewer_class *class, const char *user_id,
                           uint64_t generation)
{
    static const char *const names[CLASS_KINDS] = {"public", "late", "god", "whole", "opened", "person"};
    crypto_hash_sha256_state hash;
    uint8_t number[8], digest[crypto_hash_sha256_BYTES];
    struct class_key key;
    for (int i = 0; i < 8; i++) number[i] = (uint8_t)(generation >> (56 - 8 * i));
    crypto_hash_sha256_init(&hash);
    class_hash_text(&hash, "conse/epoch/1");
    class_hash_text(&hash, "event");
    class_hash_text(&hash, game->id.text);
    crypto_hash_sha256_update(&hash, number, sizeof number);
    class_hash_text(&hash, names[class->kind]);
    if (class->kind == CLASS_PERSON) {
        class_hash_text(&hash, user_id);
        class_hash_text(&hash, game->people[class->person].user_id.text);
        class_hash_text(&hash, class->late ? "late" : "");
    }
    crypto_hash_sha256_final(&hash, digest);
    memcpy(key.bytes, digest, sizeof key.bytes);
    return key;
}

// ---- Changes

static struct class_facts facts_of(const struct game *game, const char *account)
{
    int person = game_person(game, account);
    bool leads = strcmp(game->god_id.text, account) == 0 || game_assistant(game, account) != GAME_NO_ONE;
    return (struct class_facts){person, leads, game_takes_part(game, person),
                                person != GAME_NO_ONE && game->people[person].seat};
}

static bool facts_same(struct class_facts a, struct class_facts b)
{
    return a.person == b.person && a.leads == b.leads && a.takes_part == b.takes_part && a.seated == b.seated;
}

static void class_touch(const struct game *game, const char *account, struct class_before *before)
{
    if (!uuid_check(account)) return;
    struct uuid *place = &before->accounts[before->count];
    memcpy(place->text, account, sizeof place->text);
    before->facts[before->count++] = facts_of(game, account);
}

// A person under both ids: the account that took over a guest's seat has its class by the guest's.
static void class_touch_person(const struct game *game, const char *user_id, struct class_before *before)
{
    int person = game_person(game, user_id);
    class_touch(game, user_id, before);
    if (person == GAME_NO_ONE) return;
    const struct person *found = &game->people[person];
    if (strcmp(found->user_id.text, user_id) != 0) class_touch(game, found->user_id.text, before);
    if (strcmp(found->account.text, user_id) != 0) class_touch(game, found->account.text, before);
}

void classes_begin(const struct game *game, const Game__Entry *entry, struct class_before *before)
{
    before->over = game_over(game);
    before->late = game->terms.spectator_delay_ms;
    before->count = 0;
    switch ((int)entry->body_case) {
    case GAME__ENTRY__BODY_OPENED:
        return class_touch(game, entry->opened->god_id, before);
    case GAME__ENTRY__BODY_HANDED_OVER:
        class_touch(game, game->god_id.text, before);
        return class_touch(game, entry->handed_over->god_id, before);
    case GAME__ENTRY__BODY_RESERVED:
        return class_touch_person(game, entry->reserved->user_id, before);
    case GAME__ENTRY__BODY_SEAT_HELD:
        return class_touch_person(game, entry->seat_held->user_id, before);
    case GAME__ENTRY__BODY_WAITLISTED:
        return class_touch_person(game, entry->waitlisted->user_id, before);
    case GAME__ENTRY__BODY_SEAT_FREED:
        return class_touch_person(game, entry->seat_freed->user_id, before);
    case GAME__ENTRY__BODY_WAITLIST_LEFT:
        return class_touch_person(game, entry->waitlist_left->user_id, before);
    case GAME__ENTRY__BODY_GUEST_CLAIMED:
        class_touch_person(game, entry->guest_claimed->guest_id, before);
        return class_touch_person(game, entry->guest_claimed->user_id, before);
    case GAME__ENTRY__BODY_GUEST_UNCLAIMED:
        return class_touch_person(game, entry->guest_unclaimed->guest_id, before);
    case GAME__ENTRY__BODY_ASSISTANT_ADDED:
        return class_touch(game, entry->assistant_added->user_id, before);
    case GAME__ENTRY__BODY_ASSISTANT_REMOVED:
        return class_touch(game, entry->assistant_removed->user_id, before);
    default:
        return;
    }
}

static void class_keep(struct class_changes *changes, uint64_t seq, const struct uuid *account)
{
    changes->newest = seq;
    if (changes->count == CLASSES_KEPT) {
        changes->since = changes->kept[changes->first].seq;
        changes->first = (changes->first + 1) % CLASSES_KEPT;
        changes->count--;
    }
    changes->kept[(changes->first + changes->count++) % CLASSES_KEPT] = (struct class_change){seq, *account};
}

static void classes_forget(struct class_changes *changes, uint64_t newest)
{
    changes->newest = changes->since = newest;
    changes->first = changes->count = 0;
}

void classes_end(struct game *game, const struct class_before *before)
{
    uint64_t seq = game->chain.seq;
    if (game_over(game) != before->over || (game->terms.spectator_delay_ms != 0) != before->late)
        return classes_forget(&game->classes, seq);
    for (size_t i = 0; i < before->count; i++)
        if (!facts_same(facts_of(game, before->accounts[i].text), before->facts[i]))
            class_keep(&game->classes, seq, &before->accounts[i]);
}

void classes_restore(struct game *game, uint64_t newest)
{
    classes_forget(&game->classes, newest ? newest : game->chain.seq);
}

static bool is_listed(const char *const *accounts, size_t count, const char *account)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(accounts[i], account) == 0) return true;
    return false;
}

bool classes_since(const struct class_changes *changes, uint64_t known, const char *accounts[CLASSES_KEPT],
                   size_t *count)
{
    *count = 0;
    if (known < changes->since) return false;
    for (size_t i = changes->count; i > 0; i--) {
        const struct class_change *change = &changes->kept[(changes->first + i - 1) % CLASSES_KEPT];
        if (change->seq <= known) break;
        if (!is_listed(accounts, *count, change->account.text)) accounts[(*count)++] = change->account.text;
    }
    return true;
}
