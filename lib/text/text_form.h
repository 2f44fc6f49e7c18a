// Forms of a text in which texts that are written differently are equal: one for search, one for secrets that
// are typed on different keyboards. By Unicode's tables (utf8proc). Pure; any thread.
#ifndef LIB_TEXT_TEXT_FORM_H
#define LIB_TEXT_TEXT_FORM_H

#include <stdbool.h>
#include <stddef.h>

// A folded text has at most so many bytes for each byte of the text, and the NUL.
enum { TEXT_FOLD_GROWTH = 12 };

// For search: without case, width, ligatures and other forms of a letter; Arabic letters as their Persian
// ones, hamza left out; digits of Persian and Arabic as 0 to 9; without marks, tatweel and characters that
// are not drawn (so a word with and without its zero-width joint is one); a run of blanks is one space, and
// none is at the ends. False, and out empty, when the text is no UTF-8 or its form does not fit.
bool text_fold(char *out, size_t size, const char *text);

// NFC, as all versions of Unicode have it. Nothing of the text stays in memory but out. False, and out empty,
// when the text is no UTF-8, its form does not fit or memory is short.
bool text_nfc(char *out, size_t size, const char *text);

#endif
