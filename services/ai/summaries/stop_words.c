#include "services/ai/summaries/stop_words.h"

#include <stdlib.h>
#include <string.h>

// Folded, and in the order of strcmp.
static const char *const stop_words[] = {
    "about",  "after", "again", "all",     "also",  "am",     "an",    "and",     "any",   "are",  "aren",
    "as",     "at",    "be",    "because", "been",  "before", "being", "but",     "by",    "can",  "could",
    "did",    "didn",  "do",    "does",    "doesn", "doing",  "don",   "dont",    "down",  "each", "even",
    "few",    "for",   "from",  "further", "get",   "go",     "going", "got",     "had",   "has",  "have",
    "having", "he",    "her",   "here",    "hers",  "him",    "his",   "how",     "if",    "im",   "in",
    "into",   "is",    "isn",   "it",      "its",   "just",   "let",   "like",    "ll",    "me",   "more",
    "most",   "my",    "no",    "nor",     "not",   "now",    "of",    "off",     "ok",    "okay", "on",
    "once",   "one",   "only",  "or",      "other", "our",    "out",   "over",    "own",   "re",   "really",
    "same",   "she",   "so",    "some",    "such",  "than",   "that",  "the",     "their", "them", "then",
    "there",  "these", "they",  "thing",   "think", "this",   "those", "through", "to",    "too",  "under",
    "until",  "up",    "us",    "ve",      "very",  "was",    "wasn",  "we",      "well",  "were", "what",
    "when",   "where", "which", "while",   "who",   "whom",   "why",   "will",    "with",  "won",  "would",
    "yeah",   "yes",   "you",   "your",    "اره",   "از",     "است",   "الان",    "اما",   "ان",   "انها",
    "او",     "اون",   "اونا",  "اگر",     "ای",    "ایشان",  "این",   "اینها",   "با",    "باشد", "باید",
    "بر",     "برای",  "بعد",   "بله",     "به",    "بود",    "بودم",  "بودی",    "تا",    "تو",   "خب",
    "خود",    "خیلی",  "دارد",  "دارم",    "داره",  "در",     "دیگر",  "را",      "رو",    "شد",   "شده",
    "شما",    "فقط",   "قبل",   "ما",      "من",    "می",     "میشه",  "نمی",     "نه",    "نیز",  "نیست",
    "ها",     "های",   "هر",    "هست",     "هم",    "همه",    "هیچ",   "و",       "ولی",   "پس",   "چرا",
    "چطور",   "چه",    "چون",   "چی",      "کجا",   "کرد",    "کرده",  "کن",      "کند",   "کنم",  "کنید",
    "که",     "کی",    "یا",    "یه",      "یک",
};

static int compare_words(const void *word, const void *stop_word)
{
    return strcmp(word, *(const char *const *)stop_word);
}

bool stop_word_is(const char *word)
{
    return bsearch(word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words,
                   compare_words);
}
