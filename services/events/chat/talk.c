#include "services/events/chat/talk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/schema/known.h"
#include "services/events/game/times.h"

void talk_init(struct talk *talk) { *talk = (struct talk){.deeds = NULL}; }

static void forget_text(struct talk *talk, struct wording *wording)
{
    if (wording->text) talk->text_bytes -= strlen(wording->text);
    free(wording->text);
    free(wording->mentions);
    wording->text = NULL;
    wording->mentions = NULL;
    wording->mentions_count = 0;
}

static void forget_said(struct talk *talk, struct said *said)
{
    for (size_t i = 0; i < said->before_count; i++) forget_text(talk, &said->before[i]);
    forget_text(talk, &said->newest);
    free(said->before);
}

void talk_finish(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++) forget_said(talk, &talk->messages[i]);
    free(talk->deeds);
    free(talk->messages);
    free(talk->writers);
    idmap_finish(&talk->by_id);
    idmap_finish(&talk->by_client);
    idmap_finish(&talk->writers_by_id);
    talk_init(talk);
}

size_t talk_bytes(const struct talk *talk)
{
    size_t slots = talk->by_id.size + talk->by_client.size + talk->writers_by_id.size;
    return talk->text_bytes + talk->changes * sizeof(struct wording) +
           talk->deeds_count * sizeof *talk->deeds + talk->count * sizeof *talk->messages +
           talk->writers_count * sizeof *talk->writers + slots * sizeof(struct idmap_slot);
}

// ---- Looking

static uint32_t place_in(const struct idmap *map, const char *id)
{
    const uint32_t *place = map->count ? idmap_find(map, id) : NULL;
    return place ? *place : 0;
}

struct said *talk_find(const struct talk *talk, const char *message_id)
{
    uint32_t place = place_in(&talk->by_id, message_id);
    return place ? &talk->messages[place - 1] : NULL;
}

static struct uuid client_key(const char *user_id, const char *client_id)
{
    crypto_generichash_state hash;
    uint8_t bytes[16];
    crypto_generichash_init(&hash, NULL, 0, sizeof bytes);
    crypto_generichash_update(&hash, (const uint8_t *)user_id, strlen(user_id) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)client_id, strlen(client_id));
    crypto_generichash_final(&hash, bytes, sizeof bytes);
    return uuid_from(bytes);
}

struct said *talk_find_sent(const struct talk *talk, const char *user_id, const char *client_id)
{
    uint32_t place = place_in(&talk->by_client, client_key(user_id, client_id).text);
    return place ? &talk->messages[place - 1] : NULL;
}

const struct writer *talk_writer(const struct talk *talk, const char *user_id)
{
    uint32_t place = place_in(&talk->writers_by_id, user_id);
    return place ? &talk->writers[place - 1] : NULL;
}

size_t talk_place(const struct talk *talk, uint64_t seq)
{
    size_t low = 0, high = talk->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (talk->messages[middle].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t talk_head_at(const struct talk *talk, int64_t at_ms)
{
    size_t low = 0, high = talk->deeds_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (talk->deeds[middle].time_ms <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct wording *talk_nth_wording(struct said *said, size_t i)
{
    return i < said->before_count ? &said->before[i] : &said->newest;
}

const struct wording *talk_wording(const struct said *said, int64_t at_ms, int32_t *revision)
{
    size_t i = said->before_count;
    const struct wording *wording = &said->newest;
    while (i && wording->time_ms > at_ms) wording = &said->before[--i];
    *revision = (int32_t)i + 1;
    return wording;
}

int64_t talk_passed_ms(const struct said *said, size_t i)
{
    if (i >= said->before_count) return said->deleted_ms;
    return (i + 1 < said->before_count ? &said->before[i + 1] : &said->newest)->time_ms;
}

bool talk_is_deleted(const struct said *said, int64_t at_ms)
{
    return said->deleted_ms && said->deleted_ms <= at_ms;
}

int32_t talk_unread(const struct talk *talk, const struct unread *unread)
{
    uint32_t own = place_in(&talk->writers_by_id, unread->user_id);
    size_t first = talk_place(talk, unread->after), end = talk_place(talk, unread->head);
    if (end > TALK_UNREAD_LOOKS && first < end - TALK_UNREAD_LOOKS) first = end - TALK_UNREAD_LOOKS;
    int32_t count = 0;
    for (size_t i = first; i < end; i++) {
        const struct said *said = &talk->messages[i];
        count += said->time_ms >= unread->since_ms && !talk_is_deleted(said, unread->at_ms) &&
                 said->writer + 1 != own;
    }
    return count;
}

void talk_hash_text(const char *text, uint8_t hash[TALK_HASH])
{
    crypto_generichash(hash, TALK_HASH, (const uint8_t *)text, strlen(text), NULL, 0);
}

// ---- Forgetting

// The wording that this entry's took the place of.
static struct wording *replaced_by(struct said *said, uint64_t seq)
{
    size_t low = 0, high = said->before_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (said->before[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return &said->before[low - 1]; // a message says something before it changes
}

void talk_forget(struct talk *talk, int64_t by_ms)
{
    for (; talk->forgotten < talk->deeds_count && talk->deeds[talk->forgotten].time_ms <= by_ms;
         talk->forgotten++) {
        const struct deed *deed = &talk->deeds[talk->forgotten];
        struct said *said = &talk->messages[deed->message];
        if (deed->which == CHAT__ENTRY__BODY_EDITED)
            forget_text(talk, replaced_by(said, talk->forgotten + 1));
        if (deed->which == CHAT__ENTRY__BODY_DELETED) forget_text(talk, &said->newest);
    }
}

// ---- The fold

static bool take_short(char *kept, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) return false;
    memcpy(kept, text, len + 1);
    return true;
}

static bool take_mentions(struct wording *wording, const char *const *mentions, size_t count)
{
    if (count > TALK_MAX_MENTIONS) return false;
    if (count && !(wording->mentions = calloc(count, sizeof *wording->mentions))) return false;
    for (size_t i = 0; i < count; i++) {
        if (!uuid_check(mentions[i])) return false;
        memcpy(wording->mentions[wording->mentions_count++].text, mentions[i], UUID_LEN + 1);
    }
    return true;
}

static bool take_text(struct talk *talk, struct said *said, const char *text)
{
    size_t len = strlen(text);
    talk->writers[said->writer].bytes += len;
    talk->stored_bytes += len;
    said->newest.text = strdup(text);
    if (said->newest.text) talk->text_bytes += len;
    return said->newest.text;
}

static bool add_writer(struct talk *talk, const Chat__Entry *entry, uint32_t *place)
{
    if (!uuid_check(entry->actor)) return false;
    uint32_t *known = idmap_add(&talk->writers_by_id, entry->actor);
    if (!known) return false;
    if (!*known) {
        struct writer *writer = array_add(&talk->writers, &talk->writers_count, sizeof *writer);
        if (!writer) return false;
        memcpy(writer->user_id.text, entry->actor, UUID_LEN + 1);
        if (!take_short(writer->username, sizeof writer->username, entry->said->username)) return false;
        *known = (uint32_t)talk->writers_count;
    }
    *place = *known - 1;
    talk->writers[*place].last_ms = entry->time_ms;
    talk->writers[*place].said++;
    talk->writers[*place].entries++;
    talk->standing++;
    return true;
}

static bool keep_place(struct idmap *map, const char *id, size_t count)
{
    uint32_t *place = idmap_add(map, id);
    if (!place || *place) return false;
    *place = (uint32_t)count;
    return true;
}

static bool fold_said(struct talk *talk, const Chat__Entry *entry, bool erased)
{
    const Chat__Said *said = entry->said;
    const struct said *answered = *said->reply_to ? talk_find(talk, said->reply_to) : NULL;
    uint32_t reply_to = answered ? (uint32_t)(answered - talk->messages) + 1 : 0;
    if (!uuid_check(said->id) || (*said->reply_to && !reply_to)) return false;
    struct said *kept = array_add(&talk->messages, &talk->count, sizeof *kept);
    if (!kept || !add_writer(talk, entry, &kept->writer)) return false;
    memcpy(kept->id.text, said->id, UUID_LEN + 1);
    kept->seq = talk->chain.seq;
    kept->time_ms = entry->time_ms;
    kept->reply_to = reply_to;
    kept->phase = said->phase;
    kept->phase_open = said->phase_open;
    kept->revision = 1;
    kept->newest = (struct wording){.seq = kept->seq, .time_ms = kept->time_ms, .erased = erased};
    kept->first_erased = erased;
    talk_hash_text(said->text, kept->first_text);
    if (!take_short(kept->client_id, sizeof kept->client_id, said->client_id)) return false;
    return (erased || take_text(talk, kept, said->text)) &&
           take_mentions(&kept->newest, said->mentions, said->n_mentions) &&
           keep_place(&talk->by_id, said->id, talk->count) &&
           keep_place(&talk->by_client, client_key(entry->actor, said->client_id).text, talk->count);
}

static bool fold_edited(struct talk *talk, const Chat__Entry *entry, bool erased)
{
    struct said *said = talk_find(talk, entry->edited->id);
    if (!said || said->deleted_ms || entry->edited->revision != said->revision + 1) return false;
    struct wording *before = array_add(&said->before, &said->before_count, sizeof *before);
    if (!before) return false;
    *before = said->newest;
    said->newest = (struct wording){.seq = talk->chain.seq, .time_ms = entry->time_ms, .erased = erased};
    said->revision++;
    talk->changes++;
    talk->writers[said->writer].entries++;
    return (erased || take_text(talk, said, entry->edited->text)) &&
           take_mentions(&said->newest, entry->edited->mentions, entry->edited->n_mentions);
}

static bool fold_deleted(struct talk *talk, const Chat__Entry *entry)
{
    struct said *said = talk_find(talk, entry->deleted->id);
    if (!said || said->deleted_ms || !entry->deleted->by) return false;
    said->deleted_ms = entry->time_ms;
    talk->standing--;
    said->deleted_by = (uint8_t)entry->deleted->by;
    return true;
}

static const char *message_of(const Chat__Entry *entry)
{
    switch (entry->body_case) {
    case CHAT__ENTRY__BODY_SAID:
        return entry->said->id;
    case CHAT__ENTRY__BODY_EDITED:
        return entry->edited->id;
    case CHAT__ENTRY__BODY_DELETED:
        return entry->deleted->id;
    default:
        return "";
    }
}

static bool fold_body(struct talk *talk, const Chat__Entry *entry, bool erased)
{
    switch (entry->body_case) {
    case CHAT__ENTRY__BODY_SAID:
        return fold_said(talk, entry, erased);
    case CHAT__ENTRY__BODY_EDITED:
        return fold_edited(talk, entry, erased);
    case CHAT__ENTRY__BODY_DELETED:
        return fold_deleted(talk, entry);
    default:
        return false;
    }
}

static bool talk_fold(struct talk *talk, const Chat__Entry *entry, const uint8_t leaf[HASH_CHAIN_HASH],
                      bool erased)
{
    if (entry->time_ms < talk->newest_ms || talk->deeds_count == TALK_MAX_ENTRIES) return false;
    hash_chain_advance(&talk->chain, leaf);
    if (!fold_body(talk, entry, erased)) return false;
    struct deed *deed = array_add(&talk->deeds, &talk->deeds_count, sizeof *deed);
    if (!deed) return false;
    *deed = (struct deed){.time_ms = entry->time_ms,
                          .message = (uint32_t)(talk_find(talk, message_of(entry)) - talk->messages),
                          .which = (uint8_t)entry->body_case};
    talk->newest_ms = entry->time_ms;
    return true;
}

// ---- Stored entries

static bool leaf_of(const Chat__Link *link, uint8_t leaf[HASH_CHAIN_HASH])
{
    if (link->leaf.len == HASH_CHAIN_HASH)
        memcpy(leaf, link->leaf.data, HASH_CHAIN_HASH);
    else if (link->salt.len == HASH_CHAIN_SALT)
        hash_chain_leaf(leaf, link->salt.data, link->entry.data, link->entry.len);
    else
        return false;
    return link->hash.len == HASH_CHAIN_HASH;
}

static bool link_follows(const struct talk *talk, const Chat__Link *link, const uint8_t leaf[HASH_CHAIN_HASH])
{
    struct hash_chain chain = talk->chain;
    hash_chain_advance(&chain, leaf);
    return memcmp(chain.head, link->hash.data, HASH_CHAIN_HASH) == 0;
}

static bool apply_link(struct talk *talk, const Chat__Link *link, bool *newer)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    if (!leaf_of(link, leaf) || !link_follows(talk, link, leaf)) return false;
    bool erased = link->leaf.len;
    Chat__Entry *entry = erased ? link->stub : chat__entry__unpack(NULL, link->entry.len, link->entry.data);
    if (!entry) return false;
    *newer = !message_is_known(&link->base) || !message_is_known(&entry->base);
    bool fits = !*newer && times_fit(&entry->base) && talk_fold(talk, entry, leaf, erased);
    if (!erased) chat__entry__free_unpacked(entry, NULL);
    return fits;
}

bool talk_apply(struct talk *talk, const ProtobufCBinaryData *bytes, bool *newer)
{
    Chat__Link *link = chat__link__unpack(NULL, bytes->len, bytes->data);
    *newer = false;
    bool fits = link && apply_link(talk, link, newer);
    if (link) chat__link__free_unpacked(link, NULL);
    return fits;
}

static bool pack_link(const Chat__Link *link, struct arena *arena, ProtobufCBinaryData *out)
{
    *out = (ProtobufCBinaryData){chat__link__get_packed_size(link), NULL};
    out->data = arena_alloc(arena, out->len);
    if (out->data) chat__link__pack(link, out->data);
    return out->data;
}

bool talk_add(struct talk *talk, const Chat__Entry *entry, const uint8_t salt[HASH_CHAIN_SALT],
              struct arena *arena, ProtobufCBinaryData *out)
{
    Chat__Link link = CHAT__LINK__INIT;
    uint8_t leaf[HASH_CHAIN_HASH];
    link.salt = (ProtobufCBinaryData){HASH_CHAIN_SALT, (uint8_t *)salt};
    link.entry.len = chat__entry__get_packed_size(entry);
    link.entry.data = arena_alloc(arena, link.entry.len + 1);
    if (!link.entry.data) return false;
    chat__entry__pack(entry, link.entry.data);
    hash_chain_leaf(leaf, salt, link.entry.data, link.entry.len);
    if (!talk_fold(talk, entry, leaf, false)) return false;
    link.hash = (ProtobufCBinaryData){HASH_CHAIN_HASH, talk->chain.head};
    return pack_link(&link, arena, out);
}

// ---- Erasing

static void clear_texts(Chat__Entry *entry)
{
    static const char none[] = "";
    if (entry->body_case == CHAT__ENTRY__BODY_SAID) {
        entry->said->text = none;
        entry->said->n_mentions = 0;
    }
    if (entry->body_case == CHAT__ENTRY__BODY_EDITED) {
        entry->edited->text = none;
        entry->edited->n_mentions = 0;
    }
}

bool talk_stub(const ProtobufCBinaryData *bytes, struct arena *arena, ProtobufCBinaryData *out)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    Chat__Link *link = chat__link__unpack(&arena->allocator, bytes->len, bytes->data),
               stub = CHAT__LINK__INIT;
    if (!link || link->leaf.len || !leaf_of(link, leaf)) return false;
    stub.stub = chat__entry__unpack(&arena->allocator, link->entry.len, link->entry.data);
    if (!stub.stub || stub.stub->body_case == CHAT__ENTRY__BODY_DELETED) return false;
    clear_texts(stub.stub);
    stub.leaf = (ProtobufCBinaryData){HASH_CHAIN_HASH, leaf};
    stub.hash = link->hash;
    return pack_link(&stub, arena, out);
}
