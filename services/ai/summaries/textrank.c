#include "services/ai/summaries/textrank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/text_form.h"
#include "services/ai/summaries/stop_words.h"

enum { ROUNDS = 40, SENTENCE_BYTES = 2048 };

#define DAMPING 0.85
#define SETTLED 1e-9 // change of all ranks together, in a round

// A word where it stands.
struct place {
    uint64_t head; // its first bytes, by which most words differ
    const char *word;
    uint32_t sentence;
};

struct places {
    struct place *all;
    size_t count;
};

// ---- Words

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

// Persian marks are letters' bytes to is_word_byte.
static void blank_marks(char *text)
{
    static const char *const marks[] = {"،", "؛", "؟", "۔", "«", "»", "…", "“", "”", "–", "—"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        for (char *at = text; (at = strstr(at, marks[i]));) memset(at, ' ', strlen(marks[i]));
}

static uint64_t head_of(const char *word)
{
    uint64_t head = 0;
    for (int i = 0; i < 8; i++) head = head << 8 | (unsigned char)(*word ? *word++ : 0);
    return head;
}

// A word has two bytes at least, and one parts it from the next.
static size_t words_most(const struct sentence *sentence)
{
    size_t most = sentence->len / 3 + 1;
    return most < TEXTRANK_WORDS ? most : TEXTRANK_WORDS;
}

static bool add_words(struct places *places, uint32_t sentence, size_t most, char *text, struct arena *arena)
{
    blank_marks(text);
    for (size_t words = 0; *text && words < most;) {
        size_t len = 0;
        while (*text && !is_word_byte(*text)) text++;
        while (is_word_byte(text[len])) len++;
        char *word = len > 1 ? arena_strn(arena, text, len) : NULL;
        text += len;
        if (arena->failed) return false;
        if (!word || stop_word_is(word)) continue;
        places->all[places->count++] = (struct place){head_of(word), word, sentence};
        words++;
    }
    return true;
}

static bool read_sentence(struct places *places, uint32_t number, const struct sentence *sentence,
                          struct arena *arena)
{
    char text[SENTENCE_BYTES + 1], folded[SENTENCE_BYTES * 2];
    size_t len = sentence->len < SENTENCE_BYTES ? sentence->len : SENTENCE_BYTES;
    while (len < sentence->len && len && (sentence->text[len] & 0xC0) == 0x80) len--;
    memcpy(text, sentence->text, len);
    text[len] = '\0';
    return !text_fold(folded, sizeof folded, text) ||
           add_words(places, number, words_most(sentence), folded, arena);
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = a->head < b->head ? -1 : a->head > b->head;
    if (!order) order = strcmp(a->word, b->word);
    return order ? order : a->sentence < b->sentence ? -1 : a->sentence > b->sentence;
}

static bool same_word(const struct place *a, const struct place *b)
{
    return a->head == b->head && strcmp(a->word, b->word) == 0;
}

// ---- Weights

// Words come by number, so one that a sentence has already is its last.
static bool has_word(const struct textrank_sentence *sentence, uint32_t number)
{
    return sentence->count && sentence->words[sentence->count - 1].number == number;
}

// One word and all its places: a weight for each sentence that has it, as often as it has it.
static void weigh_word(struct textrank_sentence *sentences, size_t count, const struct place *places,
                       size_t places_count, uint32_t number)
{
    size_t holders = 1;
    for (size_t i = 1; i < places_count; i++) holders += places[i].sentence != places[i - 1].sentence;
    double rarity = log(1.0 + (double)count / (double)holders);
    for (size_t i = 0; i < places_count; i++) {
        struct textrank_sentence *holder = &sentences[places[i].sentence];
        if (has_word(holder, number))
            holder->words[holder->count - 1].weight += rarity;
        else
            holder->words[holder->count++] = (struct textrank_word){number, rarity};
    }
}

static uint32_t weigh_all(struct textrank_sentence *sentences, size_t count, const struct places *places)
{
    uint32_t number = 0;
    for (size_t i = 0, next; i < places->count; i = next, number++) {
        for (next = i + 1; next < places->count && same_word(&places->all[i], &places->all[next]);) next++;
        weigh_word(sentences, count, &places->all[i], next - i, number);
    }
    return number;
}

static void sentence_normalise(struct textrank_sentence *sentence)
{
    double squares = 0;
    for (size_t i = 0; i < sentence->count; i++)
        squares += sentence->words[i].weight * sentence->words[i].weight;
    for (size_t i = 0; i < sentence->count; i++) sentence->words[i].weight /= sqrt(squares);
}

// Sentences with their weighted words, without ranks; *words: how many different ones there are.
static struct textrank_sentence *sentences_weigh(const struct sentence *sentences, size_t count,
                                                 uint32_t *words, struct arena *arena)
{
    struct textrank_sentence *ranked = arena_array(arena, count + 1, sizeof *ranked);
    struct places places = {.count = 0};
    size_t most = 0;
    for (size_t i = 0; i < count; i++) most += words_most(&sentences[i]);
    places.all = arena_array(arena, most + 1, sizeof *places.all);
    if (!ranked || !places.all) return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t before = places.count;
        if (!read_sentence(&places, (uint32_t)i, &sentences[i], arena)) return NULL;
        ranked[i].words = arena_array(arena, places.count - before + 1, sizeof *ranked[i].words);
        if (!ranked[i].words) return NULL;
    }
    qsort(places.all, places.count, sizeof *places.all, compare_places);
    *words = weigh_all(ranked, count, &places);
    for (size_t i = 0; i < count; i++) sentence_normalise(&ranked[i]);
    return ranked;
}

// ---- Ranks

// sums[word] += what the sentence gives, by the weight of the word in it.
static void sentence_give(const struct textrank_sentence *sentence, double *sums, double what)
{
    for (size_t i = 0; i < sentence->count; i++)
        sums[sentence->words[i].number] += sentence->words[i].weight * what;
}

static double sentence_take(const struct textrank_sentence *sentence, const double *sums)
{
    double taken = 0;
    for (size_t i = 0; i < sentence->count; i++)
        taken += sums[sentence->words[i].number] * sentence->words[i].weight;
    return taken;
}

struct ranking {
    struct textrank_sentence *sentences;
    size_t count;
    uint32_t words;
    double *sums;    // by word
    double *degrees; // by sentence: how alike it is to all others together
    double *shares;  // by sentence: what each likeness to it is worth in this round
};

static void find_degrees(struct ranking *ranking)
{
    memset(ranking->sums, 0, ranking->words * sizeof *ranking->sums);
    for (size_t i = 0; i < ranking->count; i++) sentence_give(&ranking->sentences[i], ranking->sums, 1);
    for (size_t i = 0; i < ranking->count; i++) {
        double own = ranking->sentences[i].count ? 1 : 0,
               degree = sentence_take(&ranking->sentences[i], ranking->sums) - own;
        ranking->degrees[i] = degree > SETTLED ? degree : 0;
    }
}

// Returns how much the ranks have changed. Who is like nobody gives to all alike.
static double rank_round(struct ranking *ranking)
{
    double loose = 0, change = 0;
    memset(ranking->sums, 0, ranking->words * sizeof *ranking->sums);
    for (size_t i = 0; i < ranking->count; i++) {
        const struct textrank_sentence *sentence = &ranking->sentences[i];
        ranking->shares[i] = ranking->degrees[i] > 0 ? sentence->rank / ranking->degrees[i] : 0;
        if (ranking->degrees[i] > 0)
            sentence_give(sentence, ranking->sums, ranking->shares[i]);
        else
            loose += sentence->rank;
    }
    double base = (1 - DAMPING + DAMPING * loose) / (double)ranking->count;
    for (size_t i = 0; i < ranking->count; i++) {
        struct textrank_sentence *sentence = &ranking->sentences[i];
        double taken =
            ranking->degrees[i] > 0 ? sentence_take(sentence, ranking->sums) - ranking->shares[i] : 0;
        double rank = base + DAMPING * taken;
        change += fabs(rank - sentence->rank);
        sentence->rank = rank;
    }
    return change;
}

struct textrank_sentence *textrank(const struct sentence *sentences, size_t count, struct arena *arena)
{
    struct ranking ranking = {.count = count};
    ranking.sentences = sentences_weigh(sentences, count, &ranking.words, arena);
    ranking.sums = arena_array(arena, ranking.words + 1u, sizeof *ranking.sums);
    ranking.degrees = arena_array(arena, count + 1, sizeof *ranking.degrees);
    ranking.shares = arena_array(arena, count + 1, sizeof *ranking.shares);
    if (arena->failed) return NULL;
    for (size_t i = 0; i < count; i++) ranking.sentences[i].rank = 1.0 / (double)count;
    find_degrees(&ranking);
    double change = 1;
    for (int round = 0; round < ROUNDS && change > SETTLED; round++) change = rank_round(&ranking);
    return ranking.sentences;
}

double textrank_likeness(const struct textrank_sentence *a, const struct textrank_sentence *b)
{
    double likeness = 0;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        uint32_t left = a->words[i].number, right = b->words[k].number;
        if (left == right) likeness += a->words[i].weight * b->words[k].weight;
        i += left <= right;
        k += right <= left;
    }
    return likeness;
}
