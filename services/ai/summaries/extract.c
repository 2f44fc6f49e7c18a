#include "services/ai/summaries/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/summaries/textrank.h"

enum {
    EXTRACT_ARENA = 64 << 20,
    MESSAGE_SENTENCES = 12, // of a message that are looked at, its first
    MESSAGES_A_BULLET = 4,  // so many messages give a bullet more
    BULLETS_LEAST = 3,
    WORDS_LEAST = 3, // of a bullet, while there are such
    AUTHOR_BYTES = 96,
};

#define SAID_AGAIN 0.6 // two sentences that are as alike say the same

struct candidate {
    struct sentence sentence;
    size_t message;
    const struct textrank_sentence *ranked;
};

struct candidates {
    struct candidate *all;
    size_t count;
};

// ---- Sentences

static void split_message(const struct window *window, size_t message, struct candidates *candidates)
{
    const char *at = window->messages[message].text;
    struct candidate candidate = {.message = message};
    for (int i = 0; i < MESSAGE_SENTENCES && sentence_next(&at, &candidate.sentence); i++)
        candidates->all[candidates->count++] = candidate;
}

static size_t sentences_most(const struct window *window)
{
    size_t most = 0;
    for (size_t i = 0; i < window->count; i++) {
        size_t len =
            strlen(window->messages[i].text); // each may be a sentence: "!" behind a line's end, then "*"
        most += len < MESSAGE_SENTENCES ? len : MESSAGE_SENTENCES;
    }
    return most;
}

static bool split_all(const struct window *window, struct candidates *candidates, struct arena *arena)
{
    candidates->all = arena_array(arena, sentences_most(window) + 1, sizeof *candidates->all);
    for (size_t i = 0; candidates->all && i < window->count; i++) split_message(window, i, candidates);
    return candidates->all;
}

static bool rank_all(struct candidates *candidates, struct arena *arena)
{
    struct sentence *sentences = arena_array(arena, candidates->count + 1, sizeof *sentences);
    for (size_t i = 0; sentences && i < candidates->count; i++) sentences[i] = candidates->all[i].sentence;
    const struct textrank_sentence *ranked = sentences ? textrank(sentences, candidates->count, arena) : NULL;
    for (size_t i = 0; ranked && i < candidates->count; i++) candidates->all[i].ranked = &ranked[i];
    return ranked;
}

// ---- Choosing

// Those of enough words first, then by rank, then as they were said.
static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int short_a = a->ranked->count < WORDS_LEAST, short_b = b->ranked->count < WORDS_LEAST;
    if (short_a != short_b) return short_a - short_b;
    if (a->ranked->rank != b->ranked->rank) return a->ranked->rank > b->ranked->rank ? -1 : 1;
    if (a->message != b->message) return a->message < b->message ? -1 : 1;
    return a->sentence.text < b->sentence.text ? -1 : 1;
}

static size_t bullets_wanted(size_t messages)
{
    size_t wanted = messages / MESSAGES_A_BULLET;
    if (wanted < BULLETS_LEAST) wanted = BULLETS_LEAST;
    return wanted < BULLETS_MOST ? wanted : BULLETS_MOST;
}

// How much of the text goes into so many bytes, without cutting a character.
static size_t fitting_length(const char *text, size_t len, size_t most)
{
    if (len <= most) return len;
    while (most && (text[most] & 0xC0) == 0x80) most--;
    return most;
}

static void write_bullet(struct bullet *bullet, const struct window *window,
                         const struct candidate *candidate)
{
    const struct window_message *message = &window->messages[candidate->message];
    const struct sentence *sentence = &candidate->sentence;
    int author = (int)fitting_length(message->author, strlen(message->author), AUTHOR_BYTES);
    int begun = snprintf(bullet->text, sizeof bullet->text, "%.*s: ", author, message->author);
    size_t room = sizeof bullet->text - (size_t)begun - sizeof "…";
    size_t len = fitting_length(sentence->text, sentence->len, room);
    snprintf(bullet->text + begun, sizeof bullet->text - (size_t)begun, "%.*s%s", (int)len, sentence->text,
             len < sentence->len ? "…" : "");
    bullet->room_id = message->room_id;
    bullet->messages[0] = candidate->message;
    bullet->messages_count = 1;
}

// A message of the same room that says it too is named beside the first.
static void note_again(struct bullet *bullet, const struct window *window, size_t message)
{
    if (strcmp(window->messages[message].room_id, bullet->room_id) != 0) return;
    for (size_t i = 0; i < bullet->messages_count; i++)
        if (bullet->messages[i] == message) return;
    if (bullet->messages_count < BULLET_MESSAGES) bullet->messages[bullet->messages_count++] = message;
}

// What each bullet was made of.
struct chosen {
    const struct candidate *all[BULLETS_MOST];
    size_t count;
};

// The bullet that says the same; chosen->count when there is none.
static size_t said_before(const struct candidate *candidate, const struct chosen *chosen)
{
    size_t at = 0;
    while (at < chosen->count && textrank_likeness(candidate->ranked, chosen->all[at]->ranked) < SAID_AGAIN)
        at++;
    return at;
}

static bool has_bullet(const char *room_id, const struct bullets *bullets)
{
    for (size_t i = 0; i < bullets->count; i++)
        if (strcmp(bullets->all[i].room_id, room_id) == 0) return true;
    return false;
}

// The best that no bullet says: of every room one, and then of all until enough are there.
static void choose_bullets(const struct candidates *candidates, const struct window *window,
                           struct bullets *bullets)
{
    struct chosen chosen = {.count = 0};
    for (int round = 0; round < 2; round++) {
        size_t wanted = round == 0 ? BULLETS_MOST : bullets_wanted(window->count);
        for (size_t i = 0; i < candidates->count; i++) {
            const struct candidate *candidate = &candidates->all[i];
            const char *room_id = window->messages[candidate->message].room_id;
            if (!candidate->ranked->count || (round == 0 && has_bullet(room_id, bullets))) continue;
            size_t same = said_before(candidate, &chosen);
            if (same < chosen.count) {
                note_again(&bullets->all[same], window, candidate->message);
            } else if (chosen.count < wanted) {
                chosen.all[chosen.count++] = candidate;
                write_bullet(&bullets->all[bullets->count++], window, candidate);
            }
        }
    }
}

static int compare_places(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return a < b ? -1 : a > b;
}

static int compare_bullets(const void *left, const void *right)
{
    const struct bullet *a = left, *b = right;
    int order = compare_places(a->messages, b->messages);
    return order ? order : strcmp(a->text, b->text);
}

static void put_in_order(struct bullets *bullets)
{
    for (size_t i = 0; i < bullets->count; i++)
        qsort(bullets->all[i].messages, bullets->all[i].messages_count, sizeof(size_t), compare_places);
    qsort(bullets->all, bullets->count, sizeof *bullets->all, compare_bullets);
}

bool extract_bullets(const struct window *window, struct bullets *bullets, struct err *err)
{
    struct candidates candidates = {.count = 0};
    struct arena arena;
    bullets->count = 0;
    arena_init(&arena, EXTRACT_ARENA);
    bool ok = split_all(window, &candidates, &arena) && rank_all(&candidates, &arena);
    if (ok) {
        qsort(candidates.all, candidates.count, sizeof *candidates.all, compare_candidates);
        choose_bullets(&candidates, window, bullets);
        put_in_order(bullets);
    }
    arena_finish(&arena);
    return ok || err_fail(err, CALL_TOO_LARGE, "the messages need more memory than a call may use");
}
