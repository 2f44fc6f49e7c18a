#include "services/chain/lists/seed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/lists/lists.h"

enum { WORD = 64 };

struct list_seed_reader list_seed_reader(const char *text, size_t len)
{
    return (struct list_seed_reader){.at = text, .end = text + len};
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The next word of the line; "" at its end. False there, and when it is too long for any. A zero, which would
// end the text, is no part of any.
static bool read_word(struct list_seed_reader *reader, char word[WORD])
{
    size_t len = 0;
    while (reader->at < reader->end && is_space(*reader->at)) reader->at++;
    while (reader->at < reader->end && !is_space(*reader->at) && *reader->at != '\n' && len < WORD - 1)
        word[len++] = *reader->at ? *reader->at : '?', reader->at++;
    word[len] = 0;
    return len && len < WORD - 1;
}

static bool end_line(struct list_seed_reader *reader)
{
    while (reader->at < reader->end && is_space(*reader->at)) reader->at++;
    if (reader->at < reader->end && *reader->at != '\n') return false;
    if (reader->at < reader->end) reader->at++;
    return true;
}

static void skip_line(struct list_seed_reader *reader)
{
    while (reader->at < reader->end && *reader->at != '\n') reader->at++;
    if (reader->at < reader->end) reader->at++;
}

static bool read_key(struct list_seed_reader *reader, char key[BASE58_KEY_TEXT])
{
    uint8_t bytes[LIST_KEY_BYTES];
    char word[WORD];
    if (!read_word(reader, word) || !base58_decode(bytes, sizeof bytes, word)) return false;
    memcpy(key, word, strlen(word) + 1); // 32 bytes have 44 characters at most
    return true;
}

static bool read_points(struct list_seed_reader *reader, uint32_t *points)
{
    char word[WORD], *end;
    *points = 1;
    if (!read_word(reader, word)) return !*word;
    unsigned long number = strtoul(word, &end, 10);
    *points = (uint32_t)number;
    return *word >= '1' && *word <= '9' && !*end && number <= LIST_POINTS_MOST;
}

static bool read_mint(struct list_seed_reader *reader, struct list_seed *seed)
{
    *seed = (struct list_seed){.points = 1};
    return read_key(reader, seed->mint) && read_points(reader, &seed->points) && end_line(reader);
}

static bool read_entry(struct list_seed_reader *reader, struct list_seed *seed)
{
    *seed = (struct list_seed){.points = 0};
    memcpy(seed->wallet, reader->wallet, sizeof seed->wallet);
    if (!read_key(reader, seed->mint)) return false;
    reader->open = !end_line(reader);
    return true;
}

static bool begin_line(struct list_seed_reader *reader, char word[WORD])
{
    for (; reader->at < reader->end; skip_line(reader)) {
        reader->line++;
        if (read_word(reader, word) && *word != '#') return true;
        if (*word && *word != '#') return true; // too long for any
    }
    return false;
}

bool list_seed_next(struct list_seed_reader *reader, struct list_seed *seed, struct err *err)
{
    char word[WORD];
    bool read = false;
    if (!reader->open) {
        if (!begin_line(reader, word)) return false;
        if (strcmp(word, "mint") == 0) read = read_mint(reader, seed);
        if (strcmp(word, "entry") == 0) read = read_key(reader, reader->wallet) && read_entry(reader, seed);
    } else {
        read = read_entry(reader, seed);
    }
    return read ||
           err_fail(err, INVALID_FIELD,
                    "line %u is neither \"mint MINT [POINTS]\" nor \"entry WALLET MINT ...\"", reader->line);
}

// ---- The whole file

struct seed_mint {
    uint8_t mint[LIST_KEY_BYTES], wallet[LIST_KEY_BYTES];
    bool taken; // it is one that the list takes
    unsigned line;
};

// Mints that the list takes come first; of one mint, lines as they are in the file.
static int compare_mints(const void *a, const void *b)
{
    const struct seed_mint *one = a, *other = b;
    int order = memcmp(one->mint, other->mint, sizeof one->mint);
    if (one->taken != other->taken) return other->taken - one->taken;
    return order ? order : (one->line > other->line) - (one->line < other->line);
}

static bool is_twice(const struct seed_mint *one, const struct seed_mint *other)
{
    return one->taken == other->taken && memcmp(one->mint, other->mint, sizeof one->mint) == 0 &&
           (one->taken || memcmp(one->wallet, other->wallet, sizeof one->wallet) != 0);
}

static bool find_twice(struct seed_mint *mints, size_t count, struct err *err)
{
    qsort(mints, count, sizeof *mints, compare_mints);
    for (size_t i = 1; i < count; i++)
        if (is_twice(&mints[i - 1], &mints[i]))
            return err_fail(err, INVALID_FIELD, "line %u has a mint of line %u%s", mints[i].line,
                            mints[i - 1].line, mints[i].taken ? "" : ", for another wallet");
    return true;
}

static void take_mint(struct seed_mint *mint, const struct list_seed *seed, unsigned line)
{
    *mint = (struct seed_mint){.taken = !*seed->wallet, .line = line};
    bool keys = base58_decode(mint->mint, sizeof mint->mint, seed->mint) &&
                (mint->taken || base58_decode(mint->wallet, sizeof mint->wallet, seed->wallet));
    assert(keys); // as the reader saw
    (void)keys;
}

bool list_seed_check(const char *text, size_t len, struct err *err)
{
    struct list_seed_reader reader = list_seed_reader(text, len);
    struct list_seed seed;
    size_t most = len / LIST_SEED_LEAST + 1, count = 0;
    struct seed_mint *mints = malloc(most * sizeof *mints);
    *err = (struct err){0};
    if (!mints) return err_fail(err, CALL_TOO_LARGE, "the file is too large");
    while (list_seed_next(&reader, &seed, err)) take_mint(&mints[count++], &seed, reader.line);
    bool whole = !err->reason && find_twice(mints, count, err);
    free(mints);
    return whole;
}
