#include "services/ai/summaries/sentences.h"

#include <string.h>

enum { TITLE_MOST = 4 }; // letters of what a full stop only shortens

static const char *const ends[] = {"!", "?", "…", "؟", "۔"};
static const char *const closers[] = {"\"", "'", ")", "]", "»", "”", "’"};
static const char *const titles[] = {"dr", "mr", "mrs", "ms", "st", "vs", "prof", "etc", "eg", "ie", "no"};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// How many bytes of one of the words stand here; 0: none does.
static size_t one_of(const char *at, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (strncmp(at, words[i], len) == 0) return len;
    }
    return 0;
}

static bool is_title(const char *word, size_t len)
{
    char lower[TITLE_MOST + 1] = "";
    for (size_t i = 0; i < len; i++) lower[i] = (char)(word[i] | 0x20);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(lower, titles[i]) == 0) return true;
    return false;
}

// The full stop ends no sentence but a shortened word: "Dr. Who", "e.g. this".
static bool is_shortening(const char *begin, const char *stop)
{
    const char *word = stop;
    while (word > begin && is_letter(word[-1])) word--;
    size_t len = (size_t)(stop - word);
    bool first = word == begin || is_blank(word[-1]) || word[-1] == '.' || word[-1] == '(';
    return first && len && len <= TITLE_MOST && (len == 1 || is_title(word, len));
}

static bool is_full_stop(const char *begin, const char *at)
{
    if (*at != '.') return false;
    if (at[1] == '.') return true; // the dots that say that more could be said
    const char *next = at + 1;
    while (is_blank(*next)) next++;
    if (next == at + 1) return !*next || one_of(next, closers, sizeof closers / sizeof *closers);
    return !*next || !is_shortening(begin, at);
}

static size_t end_mark(const char *begin, const char *at)
{
    size_t mark = one_of(at, ends, sizeof ends / sizeof *ends);
    return mark ? mark : is_full_stop(begin, at) ? 1 : 0;
}

// Behind all marks that stand together, and what they close.
static const char *skip_marks(const char *at)
{
    for (size_t len = 1; len;) {
        len = *at == '.' ? 1 : one_of(at, ends, sizeof ends / sizeof *ends);
        if (!len) len = one_of(at, closers, sizeof closers / sizeof *closers);
        at += len;
    }
    return at;
}

bool sentence_next(const char **at, struct sentence *sentence)
{
    const char *begin = *at;
    while (is_blank(*begin)) begin++;
    const char *end = begin;
    while (*end && *end != '\n' && !end_mark(begin, end)) end++;
    if (*end && *end != '\n') end = skip_marks(end);
    *at = end;
    while (end > begin && is_blank(end[-1])) end--;
    *sentence = (struct sentence){begin, (size_t)(end - begin)};
    return end > begin;
}
